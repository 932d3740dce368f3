import { type Feed, type Forward, type FrozenClip, selectTexts } from '../clip/index.ts';
import { PolarError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';

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

/** All that training reads and never changes. */
export interface TrainingBatch {
  /** The training graph's inputs but A, B and lambda. */
  readonly feeds: Readonly<Record<string, Feed>>;
}

/**
 * w, how hard look-alikes push. As hard as the thing's own photos pull: bench/look-alikes.ts shows what that brings,
 * and that four times as hard the text leaves its own photos too.
 */
export const LOOK_ALIKE_WEIGHT = 1;

/**
 * The prompts of all concepts, frozen, with their targets. For one concept of n prompts that is its n texts, each of
 * weight 1/(n P). Several concepts lie one below the other: M rows, of which `membership [G, M]` says whose they are.
 *
 * @throws PolarError when a concept's prompts and features do not fit each other or the model
 */
export async function trainingBatch(
  clip: FrozenClip,
  tasks: readonly PersonalizeTask[],
  forward: Forward,
): Promise<TrainingBatch> {
  const { width, dimension } = clip;
  for (const task of tasks) checkTask(task, dimension);
  // Every distinct prompt goes through the tower once, whatever the number of concepts.
  const texts = [...new Set(tasks.flatMap((task) => task.prompts))];
  const rows = tasks.flatMap((task) => task.prompts.map((prompt) => texts.indexOf(prompt)));
  const frozen = selectTexts(await clip.freezeTexts(texts), rows);
  const { heads, contexts, value } = frozen[forward];

  const membership = new Float32Array(tasks.length * rows.length); // [G, M]
  const rowWeight = new Float32Array(rows.length); // [M, 1]
  const features = new Float32Array(rows.length * dimension); // [M, P]
  let m = 0;
  for (const [g, task] of tasks.entries()) {
    const n = task.prompts.length;
    features.set(targetsOf(task), m * dimension);
    rowWeight.fill(1 / (n * dimension), m, m + n);
    membership.fill(1, g * rows.length + m, g * rows.length + m + n);
    m += n;
  }
  return {
    feeds: {
      residual: { data: frozen.residual, dims: [m, width] },
      contexts: { data: contexts, dims: [m, heads, width] },
      value: { data: value, dims: [m, width] },
      features: { data: features, dims: [m, dimension] },
      rowWeight: { data: rowWeight, dims: [m, 1] },
      membership: { data: membership, dims: [tasks.length, m] },
    },
  };
}

/**
 * f, or f - w mean(g) where there are look-alikes g; `[n, P]`. Their term of the loss, `2 w mean (u·g) / P`, needs no
 * more than that: u has unit norm, so that `|u - f|^2 + 2 w u·mean(g)` is `|u - (f - w mean g)|^2` up to a constant.
 */
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
    throw new PolarError(
      'an image feature holds a number that is not finite; extract the features again',
      'unreadable',
    );
  }
}
