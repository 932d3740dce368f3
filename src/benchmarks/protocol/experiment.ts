import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrozenClip } from '../../clip/index.ts';
import { PolarError } from '../../errors.ts';
import type { Matrix } from '../../matrix.ts';
import type { Benchmark } from '../data/benchmark.ts';
import { readPoolCaptions } from '../data/caption-file.ts';
import { readFeatures } from '../features/features.ts';
import { type Result, type ResultKind, readResult, saveResult } from '../results/results.ts';
import { type Ablation, SWEEPS } from './ablations.ts';
import { BASELINE_LABELS, type Baseline, encodeBaseline } from './baselines.ts';
import { type CaptionEvaluation, type CaptionOptions, evaluateCaptions } from './captions.ts';
import { hashCheckpoints, readCheckpoints, type TrainingSettings } from './checkpoints.ts';
import { encodeWithConcepts, queryTexts, scoreBenchmark } from './evaluate.ts';
import { requireTrainImages, type TrainOptions, trainBenchmark } from './train.ts';

/** A data set, a model and a folder of checkpoints; results are kept in that folder. */
export interface Experiment {
  readonly clip: FrozenClip;
  /** The model as named on the command line; features are found by it. */
  readonly model: string;
  readonly benchmark: Benchmark;
  readonly folder: string;
  readonly settings: TrainingSettings;
}

/** Which row of the table. */
interface RowName {
  readonly id: string;
  readonly kind: ResultKind;
  readonly label: string;
}

const POLAR_ROW: RowName = { id: 'polar', kind: 'polar', label: 'POLAR' };

/** Evaluates the experiment's checkpoints, or gives back the result where nothing it depends on has changed. */
export function evaluatePolar(experiment: Experiment): Promise<Result> {
  return evaluateFolder(experiment, experiment.folder, POLAR_ROW);
}

/** Evaluates a baseline; undefined where the annotations lack what it needs. */
export async function evaluateBaseline(
  experiment: Experiment,
  baseline: Baseline,
): Promise<Result | undefined> {
  const { clip, model, benchmark, settings } = experiment;
  const features = await readFeatures(benchmark, 'train', model, clip);
  const pool = await readFeatures(benchmark, 'test', model, clip);
  const { seed, trainImages } = settings;
  const key = hashOf(clip.revision, benchmark, pool, features, { baseline, seed, trainImages });
  const row = { id: baseline, kind: 'baseline', label: BASELINE_LABELS[baseline] } as const;
  return keep(experiment, row, key, async () => {
    const encoded = await encodeBaseline(clip, benchmark, { features, settings, baseline });
    if (encoded === undefined) return undefined;
    return scoreBenchmark(clip, benchmark, { pool, ...encoded });
  });
}

/**
 * The settings that a value of an ablation stands for.
 *
 * @throws PolarError where the value is none, or the data set has too few training images for it
 */
export function ablationSettings(
  { settings, benchmark }: Pick<Experiment, 'settings' | 'benchmark'>,
  ablation: Ablation,
  value: string,
): TrainingSettings {
  const sweep = SWEEPS[ablation];
  if (!sweep.accepts(value)) {
    throw new PolarError(
      `${value}: no value for ${ablation}; for example ${sweep.values.join(', ')}`,
      'not-found',
    );
  }
  const varied = sweep.apply(settings, value);
  requireTrainImages(benchmark, varied.trainImages);
  return varied;
}

/** Trains and evaluates one value of an ablation. */
export async function evaluateAblation(
  experiment: Experiment,
  ablation: Ablation,
  value: string,
  options: TrainOptions = {},
): Promise<Result> {
  const id = `${ablation}=${value}`;
  const settings = ablationSettings(experiment, ablation, value);
  return trainVariant(experiment, settings, { id, kind: 'ablation', label: `POLAR, ${id}` }, options);
}

/** Trains and evaluates with another seed. */
export async function evaluateSeed(
  experiment: Experiment,
  seed: number,
  options: TrainOptions = {},
): Promise<Result> {
  const id = `seed=${seed}`;
  const settings = { ...experiment.settings, seed };
  return trainVariant(experiment, settings, { id, kind: 'seed', label: `POLAR, ${id}` }, options);
}

async function trainVariant(
  experiment: Experiment,
  settings: TrainingSettings,
  row: RowName,
  options: TrainOptions,
): Promise<Result> {
  const { clip, benchmark, model } = experiment;
  const folder = join(experiment.folder, 'variants', row.id);
  const features = await readFeatures(benchmark, 'train', model, clip);
  await trainBenchmark(clip, { benchmark, features, folder, settings, ...options });
  return evaluateFolder(experiment, folder, row);
}

async function evaluateFolder(experiment: Experiment, folder: string, row: RowName): Promise<Result> {
  const { clip, benchmark, model } = experiment;
  const checkpoints = await readCheckpoints(folder, benchmark, clip);
  const pool = await readFeatures(benchmark, 'test', model, clip);
  const key = hashOf(clip.revision, benchmark, pool, hashCheckpoints(checkpoints));
  const result = await keep(experiment, row, key, async () => {
    const texts = queryTexts(
      benchmark,
      checkpoints.map(({ identifier }) => identifier),
    );
    const embeddings = await encodeWithConcepts(clip, benchmark, checkpoints);
    return scoreBenchmark(clip, benchmark, { pool, embeddings, texts });
  });
  return result!;
}

/** Caption recall@10 of the experiment's checkpoints, kept with POLAR's row. */
export async function evaluateExperimentCaptions(
  experiment: Experiment,
  captionFile: string,
  options: CaptionOptions = {},
): Promise<CaptionEvaluation> {
  const { clip, benchmark, model, folder } = experiment;
  const result = await evaluatePolar(experiment);
  const key = createHash('sha256')
    .update(result.key)
    .update(await readFile(captionFile))
    .digest('hex');
  if (result.captions?.key === key) return result.captions;
  const captions = await readPoolCaptions(clip, captionFile, benchmark.pool);
  const checkpoints = await readCheckpoints(folder, benchmark, clip);
  const pool = await readFeatures(benchmark, 'test', model, clip);
  const evaluated = await evaluateCaptions(clip, { pool, captions, checkpoints, ...options });
  await saveResult(folder, { ...result, captions: { ...evaluated, key } });
  return evaluated;
}

/** Gives back a result whose key is the same, or computes and saves it. */
async function keep(
  { folder, benchmark, model }: Experiment,
  row: RowName,
  key: string,
  compute: () => Promise<Result['evaluation'] | undefined>,
): Promise<Result | undefined> {
  const existing = await readResult(folder, row.id);
  if (existing?.key === key) return existing;
  const evaluation = await compute();
  if (evaluation === undefined) return undefined;
  const { dataset, split } = benchmark;
  const result: Result = { ...row, dataset, split, model, key, evaluation };
  await saveResult(folder, result);
  return result;
}

function hashOf(...parts: readonly (string | object | Matrix)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    if (typeof part === 'object' && 'data' in part) {
      const { data } = part;
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    } else {
      hash.update(typeof part === 'string' ? part : JSON.stringify(part));
    }
    hash.update('\0');
  }
  return hash.digest('hex');
}
