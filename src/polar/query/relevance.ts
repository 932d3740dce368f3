import { dot } from '../../matrix.ts';

/** How sure a result is. */
export const RELEVANCE = ['strong', 'fair', 'weak'] as const;
/** One of `strong`, `fair` and `weak`. */
export type Relevance = (typeof RELEVANCE)[number];

/** Whether a result is at least as sure as `least`. */
export const atLeast =
  (least: Relevance) =>
  ({ relevance }: { readonly relevance: Relevance }): boolean =>
    RELEVANCE.indexOf(relevance) <= RELEVANCE.indexOf(least);

/**
 * A learnt thing is taken for absent where the best photo stands out less than this share of a strong one: of such answers
 * 100 % were right on the Toybox, and 72 % of the absent things got one (bench/not-here.ts, docs/toybox.md).
 */
export const ABSENT_BELOW = 0.9;

/** What scores a query gives where nothing was meant. */
export interface Background {
  /** Mean cosine of the library's photos. */
  readonly mean: number;
  /** Their standard deviation. */
  readonly deviation: number;
}

/** The query's scores over a sample of the library. */
export function measureBackground(query: Float32Array, sample: readonly Float32Array[]): Background {
  const scores = sample.map((embedding) => dot(query, embedding));
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
  return { mean, deviation: Math.sqrt(variance) };
}

/**
 * Judges scores against the library, not against a fixed limit: CLIP's cosines mean something else for every
 * sentence.
 *
 * Without a concept the yardstick is chance: the best of N unrelated photos is expected sqrt(2 ln N) standard
 * deviations above the mean, and only what stands out further is more than the luckiest of them. With a concept the
 * yardstick is how far its own training photos stand out for the same query: strong is half of that, where that is
 * more than chance, and never more than what its typical training photo reaches.
 *
 * @param count photos in the library, N
 * @param own embeddings of the concept's training photos, unit norm; none without a concept
 */
export function relevanceJudge(
  query: Float32Array,
  background: Background,
  count: number,
  own: readonly Float32Array[] = [],
): (score: number) => Relevance {
  const { strong, fair } = relevanceLimits(query, background, count, own);
  if (own.length === 0) return (score) => (score > strong ? 'strong' : score > fair ? 'fair' : 'weak');
  return (score) => (score >= strong ? 'strong' : score >= fair ? 'fair' : 'weak');
}

/** The scores from which on {@link relevanceJudge} calls a photo strong, and fair. */
export function relevanceLimits(
  query: Float32Array,
  { mean, deviation }: Background,
  count: number,
  own: readonly Float32Array[] = [],
): { readonly strong: number; readonly fair: number } {
  const chance = mean + deviation * Math.sqrt(2 * Math.log(Math.max(2, count)));
  if (own.length === 0) return { strong: chance, fair: (mean + chance) / 2 };
  const ownScores = own.map((embedding) => dot(query, embedding)).sort((a, b) => a - b);
  const typical = ownScores[Math.floor(ownScores.length / 2)]!;
  const strong = Math.min(typical, Math.max((mean + typical) / 2, chance));
  return { strong, fair: (mean + strong) / 2 };
}
