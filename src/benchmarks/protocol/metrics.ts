/** Position that stands for "no further ground truth" in padded lists, as in the released code. */
export const PADDING = -1;

/**
 * Ranks (from 1, ascending) at which a query's ground truth stands in the pool sorted by falling similarity. Equal
 * similarities keep the order of the pool.
 *
 * @param similarities one query against the pool, `[N]`
 * @param groundTruth positions in the pool; padding, repetitions and positions outside the pool are ignored
 */
export function ranksOf(similarities: Float32Array, groundTruth: readonly number[]): number[] {
  const ranks: number[] = [];
  for (const position of new Set(groundTruth)) {
    const own = similarities[position];
    if (own === undefined) continue;
    let rank = 1;
    for (let i = 0; i < similarities.length; i++) {
      const other = similarities[i]!;
      if (other > own || (other === own && i < position)) rank++;
    }
    ranks.push(rank);
  }
  return ranks.sort((a, b) => a - b);
}

/** 1 / rank of the first ground truth; NaN where there is none, as in the released code. */
export function reciprocalRank(ranks: readonly number[]): number {
  return ranks.length === 0 ? Number.NaN : 1 / ranks[0]!;
}

/** Mean over the ground truth of the precision at its rank; NaN where there is none. */
export function averagePrecision(ranks: readonly number[]): number {
  return mean(ranks.map((rank, index) => (index + 1) / rank));
}

/** Average precision of the first k places, divided by the most ground truth that could stand there. */
export function averagePrecisionAt(ranks: readonly number[], k: number): number {
  const sum = ranks.reduce((total, rank, index) => total + (rank <= k ? (index + 1) / rank : 0), 0);
  return sum / Math.min(ranks.length, k);
}

/** 1 where any ground truth stands among the first k, else 0. */
export function recallAt(ranks: readonly number[], k: number): number {
  return ranks.some((rank) => rank <= k) ? 1 : 0;
}

/** Arithmetic mean; NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Positions of the k highest values, best first, equal values in order. */
export function topPositions(values: Float32Array, k: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (best.length === k && !(values[i]! > values[best[k - 1]!]!)) continue;
    let at = best.length;
    while (at > 0 && values[i]! > values[best[at - 1]!]!) at--;
    best.splice(at, 0, i);
    if (best.length > k) best.pop();
  }
  return best;
}

/** A share as the released scripts print it: per cent, rounded to two decimals, `50.0` for a half. */
export function percent(share: number): string {
  if (Number.isNaN(share)) return 'nan';
  const rounded = roundHalfToEven(share * 100 * 100) / 100;
  return Number.isInteger(rounded) ? rounded.toFixed(1) : String(rounded);
}

function roundHalfToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
