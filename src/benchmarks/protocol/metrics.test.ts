import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { golden } from '../../../test/data.ts';
import { readNpy } from '../features/npy.ts';
import {
  averagePrecision,
  averagePrecisionAt,
  mean,
  percent,
  ranksOf,
  recallAt,
  reciprocalRank,
  topPositions,
} from './metrics.ts';

describe('the metrics of the released code', () => {
  it('are equal on 40 queries over 200 images', async () => {
    const expected = JSON.parse(await readFile(golden('metrics.json'), 'utf8')) as Record<string, number>;
    const similarity = await readNpy(golden('metrics_similarity.npy'));
    const groundTruth = await readNpy(golden('metrics_ground_truth.npy'));
    const [queries, pool] = similarity.shape as [number, number];
    const width = groundTruth.shape[1]!;
    const ranks = Array.from({ length: queries }, (_, q) =>
      ranksOf(similarity.data.subarray(q * pool, (q + 1) * pool), [
        ...groundTruth.data.subarray(q * width, (q + 1) * width),
      ]),
    );
    const found = {
      mRR: mean(ranks.map(reciprocalRank)),
      mAP: mean(ranks.map(averagePrecision)),
      mAP_at_50: mean(ranks.map((r) => averagePrecisionAt(r, 50))),
      mAP_at_10: mean(ranks.map((r) => averagePrecisionAt(r, 10))),
      recall_at_1: mean(ranks.map((r) => recallAt(r, 1))),
      recall_at_5: mean(ranks.map((r) => recallAt(r, 5))),
      recall_at_10: mean(ranks.map((r) => recallAt(r, 10))),
    };
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, value] of Object.entries(found)) {
      expect(value, name).toBeCloseTo(expected[name]!, 6);
      expect(percent(value), name).toBe(percent(expected[name]!));
    }
  });
});

it('equal similarities rank in the order of the pool', () => {
  const similarities = Float32Array.of(0.5, 0.9, 0.5, 0.5, 0.1);
  expect(ranksOf(similarities, [3])).toEqual([4]);
  expect(ranksOf(similarities, [0])).toEqual([2]);
  expect(ranksOf(similarities, [3, 0, 1])).toEqual([1, 2, 4]);
  expect(topPositions(similarities, 3)).toEqual([1, 0, 2]);
});

it('padding and repeated ground truth count once or not at all', () => {
  expect(ranksOf(Float32Array.of(3, 2, 1), [2, 2, -1, -1])).toEqual([3]);
  expect(averagePrecision([1, 4])).toBeCloseTo((1 + 2 / 4) / 2, 12);
  expect(averagePrecisionAt([1, 4, 60], 2)).toBeCloseTo(1 / 2, 12);
});

it('a query without ground truth is NaN in the means and a miss in recall', () => {
  expect(reciprocalRank([])).toBeNaN();
  expect(averagePrecision([])).toBeNaN();
  expect(recallAt([], 10)).toBe(0);
  expect(percent(Number.NaN)).toBe('nan');
});

it('shares are printed as Python prints numbers rounded to two decimals', () => {
  // round(x * 100, 2) of numpy 1.24
  expect([0.5, 1, 0, 0.51641234, 0.1, 1 / 3].map(percent)).toEqual([
    '50.0',
    '100.0',
    '0.0',
    '51.64',
    '10.0',
    '33.33',
  ]);
});
