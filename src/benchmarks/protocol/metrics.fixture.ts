import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readNpy } from '../features/npy.ts';
import {
  averagePrecision,
  averagePrecisionAt,
  mean,
  percent,
  ranksOf,
  recallAt,
  reciprocalRank,
} from './metrics.ts';

/** Compares all metrics with the released code's, on 40 queries over 200 images in a folder of reference figures. */
export async function expectReleasedMetrics(reference: string): Promise<void> {
  const expected = JSON.parse(await readFile(join(reference, 'metrics.json'), 'utf8')) as Record<
    string,
    number
  >;
  const similarity = await readNpy(join(reference, 'metrics_similarity.npy'));
  const groundTruth = await readNpy(join(reference, 'metrics_ground_truth.npy'));
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
}
