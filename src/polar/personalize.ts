import { type Forward, type FrozenClip, selectTexts } from '../clip/index.ts';
import { PolarError } from '../errors.ts';
import { type Matrix, matrixOf, normalizeRows } from '../matrix.ts';
import { adam } from './adam.ts';
import { kaimingUniformA } from './random/torch.ts';
import { buildTrainingGraph } from './training-graph.ts';

/** One concept to learn. */
export interface PersonalizeTask {
  /** n texts that hold the concept's identifier. */
  readonly prompts: readonly string[];
  /** Image features f, `[n, P]`, rows of unit norm. */
  readonly features: Matrix;
  /** Image features of photos that are not the thing but like it, `[k, P]`, rows of unit norm. */
  readonly lookAlikes?: Matrix | undefined;
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
  /** R, the rank of the update; 1 is the method's. */
  readonly rank?: number | undefined;
  /** Called after every iteration with the loss of each task. */
  readonly onIteration?: ((iteration: number, losses: Float32Array) => void) | undefined;
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

/** What {@link personalize} does when nothing else is said. */
export const DEFAULT_TRAINING = {
  regWeight: 0.35,
  iterations: 500,
  learningRate: 1e-3,
  forward: 'released',
} as const satisfies PersonalizeOptions;

/**
 * w, how hard look-alikes push. As hard as the thing's own photos pull: bench/look-alikes.ts shows what that brings,
 * and that four times as hard the text leaves its own photos too.
 */
export const LOOK_ALIKE_WEIGHT = 1;

/**
 * POLAR: teaches CLIP each task's concept as a rank-one update `B A` of the value projection of the last text
 * layer (arXiv 2506.10182). All tasks are trained together, so that they share every read of the weights.
 *
 *     loss = mean (normalize(y) - f)^2 + lambda mean(B^2),   A of unit norm,   Adam on the full batch
 *
 * Photos that are not the thing, g, push the text away: `+ 2 w mean (normalize(y) · g) / P`. Since normalize(y) has
 * unit norm, that is the same loss with the target f - w mean(g) instead of f, up to a constant.
 *
 * @example
 * ```ts
 * import { loadClip, normalizeRows, personalize, PythonRandom, samplePrompts } from 'polar-vl';
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
  for (const task of tasks) checkTask(task, clip.dimension);
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
    features.set(targetsOf(task), m * dimension);
    rowWeight.fill(1 / (n * dimension), m, m + n);
    membership.fill(1, g * rows.length + m, g * rows.length + m + n);
    m += n;
  });

  const size = rank * width; // of one concept's A and B
  const A = new Float32Array(groups * size); // [G R, D]
  const B = new Float32Array(groups * size); // [G R, D], zero: training starts from plain CLIP
  for (const [g, task] of tasks.entries()) A.set(kaimingUniformA(task.seed, width, rank), g * size);
  const optimizeA = adam(A, learningRate);
  const optimizeB = adam(B, learningRate);
  const losses = tasks.map(() => new Float32Array(iterations));

  const session = await clip.openGraph(
    `training-${forward}-${rank}`,
    (config, weights) => buildTrainingGraph(config, weights, heads, rank),
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
    A: { data: A, dims: [groups * rank, width] },
    B: { data: B, dims: [groups * rank, width] },
  };
  for (let iteration = 0; iteration < iterations; iteration++) {
    options.signal?.throwIfAborted();
    const { loss, gradA, gradB } = await session.run(feeds);
    if (!loss!.every(Number.isFinite)) {
      const remedy =
        iteration === 0
          ? "so the model's weights are damaged; download it again"
          : `so training diverged; use a smaller learning rate than ${learningRate} or a smaller lambda than ${regWeight}`;
      throw new PolarError(
        `${clip.id}: training step ${iteration + 1} gives a loss that is not finite, ${remedy}`,
      );
    }
    loss!.forEach((value, g) => {
      losses[g]![iteration] = value;
    });
    optimizeA.step(gradA!);
    optimizeB.step(gradB!);
    options.onIteration?.(iteration, loss!);
  }
  return tasks.map((_, g) => ({
    A: normalizeRows(matrixOf(A.slice(g * size, (g + 1) * size), width)).data,
    B: B.slice(g * size, (g + 1) * size),
    losses: losses[g]!,
  }));
}

/** f, or f - w mean(g) where there are look-alikes g; `[n, P]`. */
export function targetsOf({
  features,
  lookAlikes,
}: Pick<PersonalizeTask, 'features' | 'lookAlikes'>): Float32Array {
  if (lookAlikes === undefined || lookAlikes.rows === 0) return features.data;
  const { columns, rows, data } = lookAlikes;
  const mean = new Float32Array(columns);
  for (const [i, x] of data.entries()) mean[i % columns]! += x / rows;
  return features.data.map((x, i) => x - LOOK_ALIKE_WEIGHT * mean[i % columns]!);
}

function checkTask({ prompts, features, lookAlikes }: PersonalizeTask, dimension: number): void {
  if (prompts.length === 0 || prompts.length !== features.rows || features.columns !== dimension) {
    throw new PolarError(
      `training needs one image feature of ${dimension} numbers for each prompt; found ${features.rows} x ${features.columns} for ${prompts.length} prompts`,
    );
  }
  if (lookAlikes !== undefined && lookAlikes.columns !== dimension) {
    throw new PolarError(
      `training needs look-alikes of ${dimension} numbers; found ${lookAlikes.rows} x ${lookAlikes.columns}`,
    );
  }
  if (![features, lookAlikes].every((matrix) => matrix?.data.every(Number.isFinite) ?? true)) {
    throw new PolarError('an image feature holds a number that is not finite; extract the features again');
  }
}
