import type { FrozenClip } from '../clip/index.ts';
import { dot, type Matrix, rowsOf, selectRows, stackRows } from '../matrix.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { promptsFor } from '../polar/learn.ts';
import { personalize } from '../polar/personalize.ts';
import { measureBackground, relevanceJudge } from '../polar/query/relevance.ts';
import { SAMPLE, type Searchable, spread } from '../polar/query/searchable.ts';
import { encodeSentences } from '../polar/query/sentence.ts';
import { typicalPhotos } from './review.ts';

/** How well a thing was learnt, in a word. */
export type Verdict = 'very good' | 'fair' | 'poor';

/** How well a thing is found in a photo that it was not learnt from. */
export interface HeldOut {
  readonly verdict: Verdict;
  /** Photos that were held out, each once. */
  readonly photos: number;
  /** Those that the thing, learnt from the others, is found in. */
  readonly found: number;
  /** Share of pairs (held-out photo, photo of the library) in the right order; 1 is perfect, 0.5 is chance. */
  readonly auc: number;
  /** The same with plain CLIP, asked for the class. */
  readonly plainAuc: number;
  /** Photos of the library that the figures are of. */
  readonly others: number;
  /** Index of the photo that fits the others worst, where it fits badly and the others do not; null without one. */
  readonly misfit: number | null;
}

/** How a concept is judged. */
export interface HeldOutOptions {
  /** Stops it between two steps. @default it is not stopped */
  readonly signal?: AbortSignal | undefined;
  /** Steps of a fold's training at the most. @default 50 */
  readonly steps?: number | undefined;
}

// Each fold is a training of its own; of many photos ten tell as much.
const MOST_FOLDS = 10;
// A fold takes fewer and larger steps than the concept, together as long: bench/held-out.ts shows the same verdicts.
const FOLD_STEPS = 50;
// Above these the held-out photos come among the first of a library, where the other photos of the thing are as well.
const VERY_GOOD = 0.93;
const FAIR = 0.8;
// As far below the others one photo is odd, and not the thing hard.
const ODD = 0.1;
// A photo of the library that is one of the thing's own.
const SAME = 0.9999;

/**
 * Judges a concept by photos that it was not learnt from: each is held out in turn, the concept learnt from the others,
 * and the photo looked for. Places in a ranking say little, since the other photos of the library may show the thing
 * as well; a held-out photo that scores above nearly all of them is found.
 *
 * @returns null where there are fewer than two photos, or no library
 */
export async function measureHeldOut(
  clip: FrozenClip,
  concept: Concept,
  library: Searchable | undefined,
  { signal, steps = FOLD_STEPS }: HeldOutOptions = {},
): Promise<HeldOut | null> {
  const { features, identifier, className, seed, lookAlikes } = concept;
  if (features === null || features.rows < 2 || library === undefined || library.count === 0) return null;
  const folds = spread(features.rows, MOST_FOLDS);
  const without = (row: number): Matrix =>
    selectRows(
      features,
      Array.from({ length: features.rows }, (_, i) => i).filter((i) => i !== row),
    );
  const negatives =
    lookAlikes && stackRows([...rowsOf(lookAlikes), ...(await typicalPhotos(library))], clip.dimension);
  const tasks = folds.map((row) => {
    const rest = without(row);
    const prompts = promptsFor(rest.rows, identifier, seed);
    return { features: rest, prompts, seed, lookAlikes: negatives };
  });
  const { regWeight, forward } = concept;
  const iterations = Math.min(steps, concept.iterations);
  const learningRate = concept.learningRate * (concept.iterations / iterations);
  const learnt = await personalize(clip, tasks, { regWeight, iterations, learningRate, forward, signal });
  const text = `An image of ${identifier}`;
  const [plain, ...queries] = await encodeSentences(clip, [
    { text: `An image of ${className ?? identifier}`, concepts: [] },
    ...learnt.map(({ A, B }, fold) => ({
      text,
      concepts: [{ ...concept, A, B, name: `${concept.name} ${fold}` }],
    })),
  ]);
  const own = rowsOf(features);
  const sample = (await library.sample(SAMPLE)).filter((photo) => own.every((one) => dot(one, photo) < SAME));
  if (sample.length === 0) return null;
  const shares = folds.map((row, fold) => shareBelow(queries[fold]!, own[row]!, sample));
  const found = folds.map((row, fold) => {
    const query = queries[fold]!;
    const rest = own.filter((_, other) => other !== row);
    const judge = relevanceJudge(unit(query), measureBackground(unit(query), sample), library.count, rest);
    return judge(dot(unit(query), own[row]!)) !== 'weak';
  });
  const auc = mean(shares);
  return {
    verdict: verdictOf(auc),
    photos: folds.length,
    found: found.filter(Boolean).length,
    auc,
    plainAuc: mean(folds.map((row) => shareBelow(plain!, own[row]!, sample))),
    others: sample.length,
    misfit: misfitOf(folds, shares),
  };
}

const verdictOf = (auc: number): Verdict => (auc >= VERY_GOOD ? 'very good' : auc >= FAIR ? 'fair' : 'poor');

/** The photo without which the others would do clearly better. */
function misfitOf(folds: readonly number[], shares: readonly number[]): number | null {
  const worst = shares.indexOf(Math.min(...shares));
  const rest = shares.filter((_, fold) => fold !== worst);
  if (rest.length < 2 || shares[worst]! >= VERY_GOOD || mean(rest) - shares[worst]! < ODD) return null;
  return folds[worst]!;
}

/** Share of the photos that score below one of them. */
function shareBelow(query: Float32Array, photo: Float32Array, others: readonly Float32Array[]): number {
  const score = dot(query, photo);
  return others.filter((other) => dot(query, other) < score).length / others.length;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function unit(query: Float32Array): Float32Array {
  const norm = Math.hypot(...query) || 1;
  return query.map((x) => x / norm);
}
