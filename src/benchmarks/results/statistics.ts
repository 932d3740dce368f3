import { PythonRandom } from '../../polar/random/python.ts';
import { mean } from '../protocol/metrics.ts';

/** A mean with its 95 % confidence interval, `mean ± margin`. */
export interface Estimate {
  readonly mean: number;
  /** Half the width of the interval; NaN for a single value. */
  readonly margin: number;
  readonly count: number;
}

// Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom; beyond, the normal distribution's.
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const NORMAL = 1.96;

/** Mean and 95 % interval of independent runs, by Student's t. */
export function estimate(values: readonly number[]): Estimate {
  const center = mean(values);
  const count = values.length;
  const variance = values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (count - 1);
  const margin = count < 2 ? Number.NaN : (STUDENT[count - 2] ?? NORMAL) * Math.sqrt(variance / count);
  return { mean: center, margin, count };
}

/** Paired bootstrap of a difference of means; NaN where there are too few pairs. */
export interface Difference {
  /** mean(a) - mean(b) */
  readonly difference: number;
  /** 95 % interval of it. */
  readonly low: number;
  readonly high: number;
  /** Two-sided p-value of no difference. */
  readonly p: number;
}

const RESAMPLES = 10_000;

/**
 * Paired bootstrap (Efron & Tibshirani 1993): the same queries under two methods, drawn again with replacement.
 * Always the same draws, so that a report can be repeated. Pairs without a value, such as the average precision of
 * a query without ground truth, are left out.
 *
 * @param a a metric of each query under one method
 * @param b of the same queries under the other
 */
export function pairedBootstrap(a: readonly number[], b: readonly number[]): Difference {
  if (a.length !== b.length || a.length === 0) {
    throw new RangeError(`expected pairs, found ${a.length} and ${b.length} values`);
  }
  const differences = a.map((value, index) => value - b[index]!).filter((value) => !Number.isNaN(value));
  if (differences.length < 2) {
    return { difference: mean(differences), low: Number.NaN, high: Number.NaN, p: Number.NaN };
  }
  const random = new PythonRandom(0);
  const draws = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let i = 0; i < differences.length; i++)
      sum += differences[Math.floor(random.random() * differences.length)]!;
    return sum / differences.length;
  }).sort();
  const tail = (test: (draw: number) => boolean) => (draws.filter(test).length + 1) / (RESAMPLES + 1);
  return {
    difference: mean(differences),
    low: draws[Math.floor(0.025 * RESAMPLES)]!,
    high: draws[Math.ceil(0.975 * RESAMPLES) - 1]!,
    p: Math.min(
      1,
      2 *
        Math.min(
          tail((draw) => draw <= 0),
          tail((draw) => draw >= 0),
        ),
    ),
  };
}
