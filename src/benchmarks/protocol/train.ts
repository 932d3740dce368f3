import type { FrozenClip } from '../../clip/index.ts';
import { PolarError } from '../../errors.ts';
import { type Matrix, selectRows } from '../../matrix.ts';
import { writeReleasedCheckpoint } from '../../node/concepts/checkpoint-file.ts';
import { IDENTIFIER } from '../../polar/concept/concept.ts';
import { personalize } from '../../polar/personalize.ts';
import { samplePrompts } from '../../polar/prompts.ts';
import { PythonRandom } from '../../polar/random/python.ts';
import type { PersonalizeTask } from '../../polar/training-batch.ts';
import { DEFAULT_TRAINING } from '../../polar/training-defaults.ts';
import { type Benchmark, PROTOCOLS } from '../data/benchmark.ts';
import {
  checkpointFile,
  claimFolder,
  missingCheckpoints,
  readTrainingRecord,
  type TrainingSettings,
} from './checkpoints.ts';

// Concepts that are trained together share every read of the weights; a stopped run loses one such group.
const GROUP = 20;

/** The released scripts' settings for a data set. */
export function defaultSettings({ dataset }: Pick<Benchmark, 'dataset'>): TrainingSettings {
  const { regWeight, seed, trainImages } = PROTOCOLS[dataset];
  return {
    ...DEFAULT_TRAINING,
    identifier: IDENTIFIER,
    regWeight,
    rank: 1,
    seed,
    trainImages,
  };
}

/**
 * Draws a concept's training images and prompts as the released scripts do: one generator for each concept,
 * the images first where not all are used, then as many prompts.
 *
 * @param features all training features `[N, P]`
 */
export function trainingTask(
  benchmark: Benchmark,
  concept: number,
  features: Matrix,
  settings: TrainingSettings,
): PersonalizeTask & { readonly identifier: string } {
  const { trainRows } = benchmark.concepts[concept]!;
  const { seed, trainImages } = settings;
  const random = new PythonRandom(seed);
  requireTrainImages(benchmark, trainImages);
  const rows = trainImages === null ? trainRows : random.sample(trainRows, trainImages);
  const identifier = identifierOf(benchmark, concept, settings.identifier);
  return {
    identifier,
    prompts: samplePrompts(rows.length, identifier, random),
    features: selectRows(features, rows),
    seed,
  };
}

/**
 * Makes sure that every concept has as many training images as are asked for.
 *
 * @throws PolarError with how many there are at least
 */
export function requireTrainImages({ path, concepts }: Benchmark, count: number | null): void {
  const short = concepts.flatMap(({ trainRows }, concept) =>
    count !== null && trainRows.length < count ? [concept] : [],
  );
  if (short.length === 0) return;
  const fewest = Math.min(...concepts.map(({ trainRows }) => trainRows.length));
  throw new PolarError(
    `${path}: ${count} training images a concept are asked for, ${short.length} of ${concepts.length} concepts have fewer (${short.join(', ')}); use at most ${fewest}`,
  );
}

/** How a concept of a data set is written for the model. */
export function identifierOf({ dataset, concepts }: Benchmark, concept: number, word: string): string {
  return PROTOCOLS[dataset].identifier(word, concepts[concept]!);
}

/** How a training run is followed and stopped. */
export interface TrainOptions {
  /** Called with the share of the iterations that are done. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What is trained, on what, and where its checkpoints go. */
export interface TrainBenchmarkOptions extends TrainOptions {
  readonly benchmark: Benchmark;
  /** Features of all training images, `[N, P]`. */
  readonly features: Matrix;
  /** Folder of the checkpoints `concept{i}.pt`. */
  readonly folder: string;
  readonly settings: TrainingSettings;
}

/** Result of a training run: concepts trained and concepts found already trained. */
export interface Trained {
  /** Concepts trained in this run. */
  readonly trained: number;
  /** Concepts whose checkpoint was there. */
  readonly kept: number;
  /** Whether checkpoints were there that another program made. */
  readonly foreign: boolean;
}

/**
 * Trains the concepts of a data set that have no checkpoint in the folder yet and writes `concept{i}.pt` for each.
 *
 * @throws PolarError when the folder holds checkpoints of other settings
 */
export async function trainBenchmark(
  clip: FrozenClip,
  { benchmark, features, folder, settings, onProgress, signal }: TrainBenchmarkOptions,
): Promise<Trained> {
  const count = benchmark.concepts.length;
  const missing = await missingCheckpoints(folder, count);
  const kept = count - missing.length;
  const foreign = kept > 0 && (await readTrainingRecord(folder)) === undefined;
  if (foreign && missing.length === 0) return { trained: 0, kept, foreign };
  // The draws come first: they find out which concepts cannot be trained.
  const tasks = missing.map((concept) => trainingTask(benchmark, concept, features, settings));
  await claimFolder(folder, { ...settings, model: clip.id, revision: clip.revision }, kept);
  const total = Math.ceil(missing.length / GROUP) * settings.iterations;
  for (let start = 0; start < missing.length; start += GROUP) {
    const group = tasks.slice(start, start + GROUP);
    const { regWeight, iterations, learningRate, forward, rank } = settings;
    const learnt = await personalize(clip, group, {
      regWeight,
      iterations,
      learningRate,
      forward,
      rank,
      signal,
      onIteration: (iteration) => onProgress?.((start / GROUP) * iterations + iteration + 1, total),
    });
    for (const [index, { A, B }] of learnt.entries()) {
      const file = checkpointFile(folder, missing[start + index]!);
      await writeReleasedCheckpoint(file, { identifier: group[index]!.identifier, rank, A, B });
    }
  }
  return { trained: missing.length, kept, foreign };
}
