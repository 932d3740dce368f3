import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { SHORT_NAMES } from '../../clip/hub/names.ts';
import { PREPROCESSING_VERSION } from '../../clip/pixels/preprocess.ts';
import { PolarError } from '../../errors.ts';
import { type Matrix, matrixOf } from '../../matrix.ts';
import type { Benchmark } from '../data/benchmark.ts';
import { readNpy } from './npy.ts';

/** Training images, or the pool that is searched. */
export type FeatureSet = 'train' | 'test';

/** Which model features belong to. */
export interface FeatureModel {
  readonly id: string;
  readonly revision: string;
  /** P */
  readonly dimension: number;
}

/** Origin of a set of features; kept beside them. */
export interface FeatureOrigin {
  readonly model: string;
  readonly revision: string;
  readonly preprocessing: string;
  /** `half` where a GPU rounded; absent else. */
  readonly precision?: 'half';
  /** Hash of the names and sizes of the images, in order. */
  readonly images: string;
}

/**
 * A model's name in file names: `ViT-L-14` for `ViT-L/14` and its repository; for a folder its own name and eight digits
 * of its path's SHA-256, since two models may lie in folders of one name.
 */
export function modelSlug(model: string): string {
  const short = Object.entries(SHORT_NAMES).find(([, id]) => id === model)?.[0] ?? model;
  const isFolder = isAbsolute(short) || short.startsWith('.');
  if (!isFolder) return short.replaceAll(/[/\\]/g, '-');
  const folder = resolve(short);
  return `${basename(folder)}-${createHash('sha256').update(folder).digest('hex').slice(0, 8)}`;
}

/** The released file name of a set of features, and names under which it may lie as well. */
export function featureFiles({ dataset, split, path }: Benchmark, set: FeatureSet, model: string): string[] {
  const ending = `${set}_feats_${modelSlug(model)}.npy`;
  if (dataset === 'conconchi') return [join(path, 'feats', ending)];
  // The released extractor writes val_split_*, its reader wants validation_split_*.
  const names = split === 'validation' ? ['validation', 'val'] : [split];
  return names.map((name) => join(path, 'feats', `${name}_split_${ending}`));
}

/** Where the origin of a feature file is kept. */
export const originFile = (featureFile: string): string => `${featureFile}.json`;

/** The origin kept beside a feature file; undefined for files of other programs. */
export async function readOrigin(featureFile: string): Promise<FeatureOrigin | undefined> {
  const text = await readFile(originFile(featureFile), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as FeatureOrigin);
}

/** The one of the names of a set of features that exists. */
export async function findFeatures(
  benchmark: Benchmark,
  set: FeatureSet,
  model: string,
): Promise<string | undefined> {
  for (const file of featureFiles(benchmark, set, model)) {
    if ((await stat(file).catch(() => undefined)) !== undefined) return file;
  }
  return undefined;
}

/**
 * Reads a set of features `[N, P]`, this project's own or the released code's.
 *
 * @param model as on the command line; it gives the file its name
 * @throws PolarError when there is none, or it does not fit the data set or the model
 */
export async function readFeatures(
  benchmark: Benchmark,
  set: FeatureSet,
  model: string,
  clip: FeatureModel,
): Promise<Matrix> {
  const file = await findFeatures(benchmark, set, model);
  const { dataset, path } = benchmark;
  if (file === undefined) {
    throw new PolarError(
      `${featureFiles(benchmark, set, model)[0]}: missing; run polar bench extract ${dataset} --data-path ${path} --clip-model ${model}`,
      'not-found',
    );
  }
  const images = set === 'train' ? benchmark.trainImages : benchmark.pool;
  return readFeatureFile(file, images.length, clip);
}

/** Reads and checks one feature file with `rows` rows. */
export async function readFeatureFile(file: string, rows: number, clip: FeatureModel): Promise<Matrix> {
  const refuse = (what: string) =>
    new PolarError(`${file}: ${what}; delete it and run polar bench extract again`, 'unreadable');
  const origin = await readOrigin(file);
  if (
    origin !== undefined &&
    (origin.revision !== clip.revision || origin.preprocessing !== PREPROCESSING_VERSION)
  ) {
    throw refuse(
      `made with ${origin.model}@${origin.revision.slice(0, 12)}, preprocessing ${origin.preprocessing}; the model in use is ${clip.id}@${clip.revision.slice(0, 12)}, preprocessing ${PREPROCESSING_VERSION}`,
    );
  }
  const { shape, data } = await readNpy(file);
  if (shape.length !== 2 || shape[0] !== rows || shape[1] !== clip.dimension) {
    throw refuse(`shape [${shape}], expected [${rows}, ${clip.dimension}] (images, length of an embedding)`);
  }
  if (!data.every(Number.isFinite)) throw refuse('holds numbers that are not finite');
  return matrixOf(data, clip.dimension);
}
