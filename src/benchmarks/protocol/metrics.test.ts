import { expect, it } from 'vitest';
import { golden } from '../../../test/data.ts';
import { expectReleasedMetrics } from './metrics.fixture.ts';
import {
  averagePrecision,
  averagePrecisionAt,
  percent,
  ranksOf,
  recallAt,
  reciprocalRank,
  topPositions,
} from './metrics.ts';

it('the metrics are those of the released code on 40 queries over 200 images', () =>
  expectReleasedMetrics(golden('')));

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
