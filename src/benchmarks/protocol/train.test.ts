import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_CLIP } from '../../../test/data.ts';
import { type Matrix, matrixOf, normalizeRows } from '../../matrix.ts';
import { type Clip, loadClip } from '../../node/load-clip.ts';
import type { Benchmark } from '../data/benchmark.ts';
import { makeConConChi, temporaryFolder } from '../data/data-sets.fixture.ts';
import { loadBenchmark } from '../data/load-benchmark.ts';
import { defaultSettings, requireTrainImages, trainBenchmark } from './train.ts';

describe('training a data set', () => {
  let folder: string;
  let clip: Clip;
  let benchmark: Benchmark;
  let features: Matrix;
  beforeAll(async () => {
    folder = await temporaryFolder();
    clip = await loadClip(TINY_CLIP, { threads: 1 });
    await makeConConChi(join(folder, 'data'));
    benchmark = await loadBenchmark({ dataset: 'conconchi', path: join(folder, 'data'), split: 'test' });
    const values = Float32Array.from({ length: 18 * clip.dimension }, (_, i) => Math.sin(1 + 0.7 * i));
    features = normalizeRows(matrixOf(values, clip.dimension));
  });
  afterAll(async () => {
    await clip.close();
    await rm(folder, { recursive: true });
  });
  const settings = () => ({ ...defaultSettings(benchmark), iterations: 3 });
  const train = (name: string, more: object = {}) =>
    trainBenchmark(clip, {
      benchmark,
      features,
      folder: join(folder, name),
      settings: { ...settings(), ...more },
    });

  it('training a data set with more images than there are is refused with the concepts that lack them', async () => {
    await expect(train('many', { trainImages: 4 })).rejects.toThrow(
      /4 training images a concept are asked for, 6 of 6 concepts have fewer \(0, 1, 2, 3, 4, 5\); use at most 3$/,
    );
    const [first, ...others] = benchmark.concepts;
    const uneven = { ...benchmark, concepts: [{ ...first!, trainRows: [0] }, ...others] };
    expect(() => requireTrainImages(uneven, 2)).toThrow(/1 of 6 concepts have fewer \(0\); use at most 1$/);
    expect(() => requireTrainImages(uneven, 1)).not.toThrow();
    expect(() => requireTrainImages(uneven, null)).not.toThrow();
  });

  it('training a data set writes no checkpoint when it diverges, and the folder is free for other settings', async () => {
    const diverging = { learningRate: 1e3, regWeight: 1e38 };
    await expect(train('diverged', diverging)).rejects.toThrow(
      /training step 2 gives a loss that is not finite, so training diverged; use a smaller learning rate than 1000/,
    );
    expect(await readdir(join(folder, 'diverged'))).toEqual(['training.json']);
    expect(await train('diverged')).toEqual({ trained: 6, kept: 0, foreign: false });
    await expect(train('diverged', { seed: 5 })).rejects.toThrow(/trained otherwise \(seed 0, now 5\)/);
  });

  it('training a data set takes a concept identifier of several words, asterisks included', async () => {
    const identifier = 'my * (old) sks';
    expect(await train('words', { identifier })).toMatchObject({ trained: 6 });
  });
});
