import { type Forward, type FrozenClip, selectTexts } from '../clip/index.ts';
import { PolarError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { adam } from './adam.ts';
import { kaimingUniformA } from './torch-random.ts';
import { buildTrainingGraph } from './training-graph.ts';

/** One concept to learn. */
export interface PersonalizeTask {
  /** n texts that hold the concept's identifier. */
  readonly prompts: readonly string[];
  /** Image features f, `[n, P]`, rows of unit norm. */
  readonly features: Matrix;
  /** Seed of A before training (torch's generator on a CPU). */
  readonly seed: number;
}

/** How concepts are learnt; the defaults are the released code's for ConCon-Chi. */
export interface PersonalizeOptions {
  /** lambda, the weight of mean(B^2). */
  readonly regWeight?: number | undefined;
  readonly iterations?: number | undefined;
  readonly learningRate?: number | undefined;
  readonly forward?: Forward | undefined;
  /** Called after every iteration with the loss of each task. */
  readonly onIteration?: ((iteration: number, losses: Float32Array) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A learnt rank-one update. */
export interface Personalized {
  /** `[D]`, unit norm. */
  readonly A: Float32Array;
  /** `[D]` */
  readonly B: Float32Array;
  /** The loss before each step, `[iterations]`. */
  readonly losses: Float32Array;
}

export const DEFAULT_TRAINING = {
  regWeight: 0.35,
  iterations: 500,
  learningRate: 1e-3,
  forward: 'released',
} as const satisfies PersonalizeOptions;

/**
 * POLAR: teaches CLIP each task's concept as a rank-one update `B A` of the value projection of the last text
 * layer (arXiv 2506.10182). All tasks are trained together, so that they share every read of the weights.
 *
 *     loss = mean (normalize(y) - f)^2 + lambda mean(B^2),   A of unit norm,   Adam on the full batch
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
  } = options;
  for (const { prompts, features } of tasks) checkTask(prompts, features, clip.dimension);
  if (tasks.length === 0) return [];
  const { width, dimension } = clip;
  const groups = tasks.length;

  // Every distinct prompt goes through the tower once, whatever the number of concepts.
  const texts = [...new Set(tasks.flatMap((task) => task.prompts))];
  const rows = tasks.flatMap((task) => task.prompts.map((prompt) => texts.indexOf(prompt)));
  const frozen = selectTexts(await clip.freezeTexts(texts), rows);
  const { heads, contexts, value } = frozen[forward];

  // Row m belongs to task g: membership[g, m] = 1, and weighs 1/(n_g P) in that task's mean.
  const membership = new Float32Array(groups * rows.length); // [G, M]
  const rowWeight = new Float32Array(rows.length); // [M, 1]
  const features = new Float32Array(rows.length * dimension); // [M, P]
  let m = 0;
  tasks.forEach((task, g) => {
    const n = task.prompts.length;
    features.set(task.features.data, m * dimension);
    rowWeight.fill(1 / (n * dimension), m, m + n);
    membership.fill(1, g * rows.length + m, g * rows.length + m + n);
    m += n;
  });

  const A = new Float32Array(groups * width); // [G, D]
  const B = new Float32Array(groups * width); // [G, D], zero: training starts from plain CLIP
  for (const [g, task] of tasks.entries()) A.set(kaimingUniformA(task.seed, width), g * width);
  const optimizeA = adam(A, learningRate);
  const optimizeB = adam(B, learningRate);
  const losses = tasks.map(() => new Float32Array(iterations));

  const session = await clip.openGraph(
    `training-${forward}`,
    (config, weights) => buildTrainingGraph(config, weights, heads),
    { prepack: true },
  );
  const feeds = {
    residual: { data: frozen.residual, dims: [m, width] },
    contexts: { data: contexts, dims: [m, heads, width] },
    value: { data: value, dims: [m, width] },
    features: { data: features, dims: [m, dimension] },
    rowWeight: { data: rowWeight, dims: [m, 1] },
    membership: { data: membership, dims: [groups, m] },
    regWeight: { data: new Float32Array([regWeight]), dims: [] },
    A: { data: A, dims: [groups, width] },
    B: { data: B, dims: [groups, width] },
  };
  for (let iteration = 0; iteration < iterations; iteration++) {
    options.signal?.throwIfAborted();
    const { loss, gradA, gradB } = await session.run(feeds);
    loss!.forEach((value, g) => {
      losses[g]![iteration] = value;
    });
    optimizeA.step(gradA!);
    optimizeB.step(gradB!);
    options.onIteration?.(iteration, loss!);
  }
  return tasks.map((_, g) => ({
    A: unit(A.slice(g * width, (g + 1) * width)),
    B: B.slice(g * width, (g + 1) * width),
    losses: losses[g]!,
  }));
}

function unit(a: Float32Array): Float32Array {
  const norm = Math.sqrt(a.reduce((sum, x) => sum + x * x, 0));
  return a.map((x) => x / norm);
}

function checkTask(prompts: readonly string[], features: Matrix, dimension: number): void {
  if (prompts.length === 0 || prompts.length !== features.rows || features.columns !== dimension) {
    throw new PolarError(
      `training needs one image feature of ${dimension} numbers for each prompt; found ${features.rows} x ${features.columns} for ${prompts.length} prompts`,
    );
  }
  if (!features.data.every(Number.isFinite)) {
    throw new PolarError('an image feature holds a number that is not finite; extract the features again');
  }
}
