import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Forward } from '../../clip/index.ts';
import { composeUpdates, type Update } from '../../clip/update.ts';
import { PolarError } from '../../errors.ts';
import { readReleasedCheckpoint } from '../../node/concepts/checkpoint-file.ts';
import { writeBeside } from '../../node/files.ts';
import type { ReleasedCheckpoint } from '../../polar/concept/released-checkpoint.ts';
import type { Benchmark, Dataset, Split } from '../data/benchmark.ts';
import { modelSlug } from '../features/features.ts';

/** How the concepts of a checkpoint folder are trained. */
export interface TrainingSettings {
  /** The word that stands for a concept, `sks`. */
  readonly identifier: string;
  /** lambda */
  readonly regWeight: number;
  readonly iterations: number;
  readonly learningRate: number;
  readonly forward: Forward;
  readonly seed: number;
  /** R; 1 is the method's. */
  readonly rank: number;
  /** Training images drawn for each concept; null takes them all. */
  readonly trainImages: number | null;
}

/** The name the released scripts give to their default model's folder. */
const RELEASED_DEFAULT = { slug: 'ViT-L-14', name: 'ViT-L' };

/** Where `train` writes and `eval` reads where nothing else is said. */
export function checkpointFolder(dataset: Dataset, split: Split, model: string): string {
  const slug = modelSlug(model);
  const name = slug === RELEASED_DEFAULT.slug ? RELEASED_DEFAULT.name : slug;
  return join('checkpoints', `train_${dataset}_${name}${split === 'test' ? '' : `_${split}`}`);
}

/** The released name of concept `index`. */
export const checkpointFile = (folder: string, index: number): string => join(folder, `concept${index}.pt`);

const RECORD = 'training.json';

/** Settings of a training run, kept beside its checkpoints. */
export interface TrainingRecord extends TrainingSettings {
  readonly model: string;
  readonly revision: string;
}

/** The record beside checkpoints; undefined where another program made them. */
export async function readTrainingRecord(folder: string): Promise<TrainingRecord | undefined> {
  const text = await readFile(join(folder, RECORD), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as TrainingRecord);
}

/**
 * Claims a folder for checkpoints of these settings.
 *
 * @param held how many checkpoints it holds; a folder without any may be claimed again
 * @throws PolarError when it holds checkpoints that were made otherwise
 */
export async function claimFolder(folder: string, record: TrainingRecord, held: number): Promise<void> {
  const existing = await readTrainingRecord(folder);
  if (existing !== undefined && held > 0) {
    const differences = (Object.keys(record) as (keyof TrainingRecord)[]).filter(
      (key) => existing[key] !== record[key] && key !== 'model',
    );
    if (differences.length === 0) return;
    const found = differences.map((key) => `${key} ${existing[key]}, now ${record[key]}`).join('; ');
    throw new PolarError(
      `${folder}: holds checkpoints trained otherwise (${found}); choose another --checkpoint-dir or delete it`,
      'wrong-model',
    );
  }
  await writeBeside(join(folder, RECORD), `${JSON.stringify(record, null, 2)}\n`);
}

/** Which concepts have no checkpoint yet. */
export async function missingCheckpoints(folder: string, count: number): Promise<number[]> {
  const missing: number[] = [];
  for (let index = 0; index < count; index++) {
    if ((await stat(checkpointFile(folder, index)).catch(() => undefined)) === undefined) missing.push(index);
  }
  return missing;
}

/** The model that checkpoints must fit. */
interface CheckpointModel {
  readonly id: string;
  readonly revision: string;
  /** D */
  readonly width: number;
}

/**
 * Reads the checkpoints of all concepts of a data set, this project's or the released code's.
 *
 * @throws PolarError when some are missing or belong to another model
 */
export async function readCheckpoints(
  folder: string,
  { concepts, dataset }: Pick<Benchmark, 'concepts' | 'dataset'>,
  clip: CheckpointModel,
): Promise<ReleasedCheckpoint[]> {
  const missing = await missingCheckpoints(folder, concepts.length);
  if (missing.length > 0) {
    throw new PolarError(
      `${folder}: no checkpoint of ${missing.length} of ${concepts.length} concepts (${missing.map((index) => `concept${index}.pt`).join(', ')}); run polar bench train ${dataset} with the same options`,
      'not-found',
    );
  }
  return readAll(folder, concepts.length, clip);
}

/**
 * Reads `concept0.pt`, `concept1.pt` and so on, as many as there are.
 *
 * @throws PolarError when there is none
 */
export async function readAllCheckpoints(
  folder: string,
  clip: CheckpointModel,
): Promise<ReleasedCheckpoint[]> {
  let count = 0;
  while ((await missingCheckpoints(folder, count + 1)).length === 0) count++;
  if (count === 0)
    throw new PolarError(`${folder}: no concept0.pt; give a folder of checkpoints`, 'not-found');
  return readAll(folder, count, clip);
}

async function readAll(folder: string, count: number, clip: CheckpointModel): Promise<ReleasedCheckpoint[]> {
  const record = await readTrainingRecord(folder);
  if (record !== undefined && record.revision !== clip.revision) {
    throw new PolarError(
      `${folder}: trained with ${record.model}@${record.revision.slice(0, 12)}, the model in use is ${clip.id}@${clip.revision.slice(0, 12)}; use --clip-model ${record.model} or train again`,
      'wrong-model',
    );
  }
  const checkpoints: ReleasedCheckpoint[] = [];
  for (let index = 0; index < count; index++) {
    const file = checkpointFile(folder, index);
    const checkpoint = await readReleasedCheckpoint(file);
    const width = checkpoint.A.length / checkpoint.rank;
    if (width !== clip.width) {
      throw new PolarError(
        `${file}: an update of width ${width}, the model ${clip.id} has ${clip.width}; use --clip-model with the model it was trained with`,
        'wrong-model',
      );
    }
    checkpoints.push(checkpoint);
  }
  return checkpoints;
}

/** The update of several concepts at once; every component of a checkpoint of a higher rank counts. */
export function updateOf(checkpoints: readonly ReleasedCheckpoint[]): Update {
  return composeUpdates(
    checkpoints.flatMap(({ rank, A, B }) => {
      const width = A.length / rank;
      const component = (from: Float32Array, r: number) => from.subarray(r * width, (r + 1) * width);
      return Array.from({ length: rank }, (_, r) => ({ A: component(A, r), B: component(B, r) }));
    }),
  );
}

/** Hash of checkpoints; what is derived from them is recomputed when it changes. */
export function hashCheckpoints(checkpoints: readonly ReleasedCheckpoint[]): string {
  const hash = createHash('sha256');
  for (const { identifier, A, B } of checkpoints) {
    hash.update(`${identifier}\0`);
    for (const part of [A, B]) hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest('hex');
}
