import { expect, it } from 'vitest';
import { estimate, pairedBootstrap } from './statistics.ts';

it('the 95 % interval of five runs is that of Student with four degrees of freedom', () => {
  // mean 3, standard deviation sqrt(2.5), t = 2.776
  const { mean, margin, count } = estimate([1, 2, 3, 4, 5]);
  expect({ mean, count }).toEqual({ mean: 3, count: 5 });
  expect(margin).toBeCloseTo((2.776 * Math.sqrt(2.5)) / Math.sqrt(5), 10);
  expect(estimate([7]).margin).toBeNaN();
});

it('many runs have the interval of the normal distribution', () => {
  const values = Array.from({ length: 1000 }, (_, i) => i % 2);
  expect(estimate(values).margin).toBeCloseTo((1.96 * Math.sqrt(0.25 * (1000 / 999))) / Math.sqrt(1000), 10);
});

it('the paired bootstrap sees a small difference that is there in every pair', () => {
  const b = Array.from({ length: 50 }, (_, i) => (i * 37) % 100);
  const a = b.map((value, i) => value + 0.5 + 0.1 * (i % 3));
  const { difference, low, high, p } = pairedBootstrap(a, b);
  expect(difference).toBeCloseTo(0.598, 3);
  expect(low).toBeGreaterThan(0.55);
  expect(high).toBeLessThan(0.65);
  expect(p).toBeLessThan(0.001);
});

it('pairs without a value are left out, and one pair alone says nothing', () => {
  const a = Array.from({ length: 50 }, (_, i) => 1 + (i % 3));
  const b = a.map((value, i) => value - (i % 2));
  const whole = pairedBootstrap(a, b);
  expect(pairedBootstrap([...a, Number.NaN, 5], [...b, 1, Number.NaN])).toEqual(whole);
  expect(pairedBootstrap([3], [1])).toEqual({
    difference: 2,
    low: Number.NaN,
    high: Number.NaN,
    p: Number.NaN,
  });
  expect(pairedBootstrap([Number.NaN, Number.NaN], [1, 1]).p).toBeNaN();
});

it('the paired bootstrap sees none where signs are even, and its interval is that of the standard error', () => {
  const a = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 1 : -1));
  const { difference, low, high, p } = pairedBootstrap(
    a,
    a.map(() => 0),
  );
  expect(difference).toBe(0);
  expect(p).toBeGreaterThan(0.8);
  expect(high).toBeCloseTo(1.96 / Math.sqrt(400), 1);
  expect(low).toBeCloseTo(-1.96 / Math.sqrt(400), 1);
  expect(() => pairedBootstrap([1], [])).toThrow(/expected pairs/);
});
