import type { Forward, FrozenClip, GraphSession } from '../clip/index.ts';
import { PolarError } from '../errors.ts';
import { matrixOf, normalizeRows } from '../matrix.ts';
import { adam } from './adam.ts';
import { kaimingUniformA } from './random/torch.ts';
import { type PersonalizeTask, trainingBatch } from './training-batch.ts';
import { DEFAULT_TRAINING } from './training-defaults.ts';
import { buildTrainingGraph } from './training-graph.ts';

/** How concepts are learnt; the defaults are the released code's for ConCon-Chi. */
export interface PersonalizeOptions {
  /** lambda, the weight of mean(B^2). @default 0.35 */
  readonly regWeight?: number | undefined;
  /** Steps of Adam on the full batch. @default 500 */
  readonly iterations?: number | undefined;
  /** Adam's step size. @default 0.001 */
  readonly learningRate?: number | undefined;
  /** Forward pass of the training: the released code's, or the evaluation's. @default 'released' */
  readonly forward?: Forward | undefined;
  /** R, the rank of the update; 1 is the method's. @default 1 */
  readonly rank?: number | undefined;
  /** Called after every iteration with the loss of each task. @default nothing is called */
  readonly onIteration?: ((iteration: number, losses: Float32Array) => void) | undefined;
  /** Stops the training between two iterations. @default it is not stopped */
  readonly signal?: AbortSignal | undefined;
}

/** A learnt update, of rank R = 1 unless asked for otherwise. */
export interface Personalized {
  /** `[R D]`, rows of unit norm. */
  readonly A: Float32Array;
  /** `[R D]`; row r is column r of the method's B. */
  readonly B: Float32Array;
  /** The loss before each step, `[iterations]`. */
  readonly losses: Float32Array;
}

/**
 * POLAR (arXiv 2506.10182): teaches CLIP a concept as a rank-one update `B A` of the value projection of the last text
 * layer. `reference.ts` has the loss in full; Adam on the full batch, A of unit norm:
 *
 *     loss = mean (y/|y| - f)^2 + lambda mean(B^2)
 *
 * One concept of rank one is one row of A and one of B, `[1, D]`. Several are trained together, so that they share
 * every read of the weights: G concepts of rank R are G R rows, concept g from row g R.
 *
 * @example
 * ```ts
 * import { loadClip, normalizeRows } from 'polar-vl';
 * import { personalize, PythonRandom, samplePrompts } from 'polar-vl/polar';
 *
 * const clip = await loadClip('ViT-B/32');
 * const photos = ['rex1.jpg', 'rex2.jpg', 'rex3.jpg'];
 * const features = normalizeRows(await clip.encodeImages(photos)); // [3, P]
 * const prompts = samplePrompts(photos.length, 'sks dog', new PythonRandom(0));
 * const [learnt] = await personalize(clip, [{ prompts, features, seed: 0 }], { regWeight: 0.1, iterations: 100 });
 * console.log(learnt!.A.length === clip.width, learnt!.losses.length); //=> true 100
 * await clip.close();
 * ```
 */
export async function personalize(
  clip: FrozenClip,
  tasks: readonly PersonalizeTask[],
  options: PersonalizeOptions = {},
): Promise<Personalized[]> {
  const {
    regWeight = DEFAULT_TRAINING.regWeight,
    iterations = DEFAULT_TRAINING.iterations,
    learningRate = DEFAULT_TRAINING.learningRate,
    forward = DEFAULT_TRAINING.forward,
    rank = 1,
  } = options;
  if (tasks.length === 0) return [];

  // Beside each other, where the text tower has a thread of its own.
  const [batch, session] = await Promise.all([
    trainingBatch(clip, tasks, forward),
    openTraining(clip, { forward, rank }),
  ]);
  const rows = tasks.length * rank;
  const size = rank * clip.width; // numbers of one concept's A, and of its B
  const A = new Float32Array(tasks.length * size);
  for (const [g, { seed }] of tasks.entries()) A.set(kaimingUniformA(seed, clip.width, rank), g * size);
  const B = new Float32Array(A.length); // zero: training starts from plain CLIP
  const feeds = {
    ...batch.feeds,
    regWeight: { data: Float32Array.of(regWeight), dims: [] },
    A: { data: A, dims: [rows, clip.width] },
    B: { data: B, dims: [rows, clip.width] },
  };

  const optimizeA = adam(A, learningRate);
  const optimizeB = adam(B, learningRate);
  const losses = tasks.map(() => new Float32Array(iterations));
  for (let iteration = 0; iteration < iterations; iteration++) {
    options.signal?.throwIfAborted();
    const { loss, gradA, gradB } = await session.run(feeds);
    if (!loss!.every(Number.isFinite)) throw notFinite(clip.id, iteration, learningRate, regWeight);
    for (const [g, value] of loss!.entries()) losses[g]![iteration] = value;
    optimizeA.step(gradA!);
    optimizeB.step(gradB!);
    options.onIteration?.(iteration, loss!);
  }

  return tasks.map((_, g) => ({
    A: normalizeRows(matrixOf(A.slice(g * size, (g + 1) * size), clip.width)).data,
    B: B.slice(g * size, (g + 1) * size),
    losses: losses[g]!,
  }));
}

/** Loads what {@link personalize} runs, once; called early, that is done while photos are read. */
export async function openTraining(
  clip: FrozenClip,
  { forward = DEFAULT_TRAINING.forward, rank = 1 }: Pick<PersonalizeOptions, 'forward' | 'rank'>,
): Promise<GraphSession> {
  const heads = forward === 'released' ? 1 : clip.config.text.heads;
  return clip.openGraph(
    `training-${forward}-${rank}`,
    (config, weights) => buildTrainingGraph(config, weights, heads, rank),
    { prepack: true },
  );
}

function notFinite(id: string, iteration: number, learningRate: number, regWeight: number): PolarError {
  const remedy =
    iteration === 0
      ? "so the model's weights are damaged; download it again"
      : `so training diverged; use a smaller learning rate than ${learningRate} or a smaller lambda than ${regWeight}`;
  return new PolarError(`${id}: training step ${iteration + 1} gives a loss that is not finite, ${remedy}`);
}
