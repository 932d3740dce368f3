import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadBenchmark } from './load-benchmark.ts';

const ROW = { LABEL: '*', CONCEPTS: [0], GTS: ['a.jpg'], KIND: 'x' };

let path: string;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), 'polar-hostile-'));
  await mkdir(join(path, 'data', 'annotations'), { recursive: true });
});
afterAll(() => rm(path, { recursive: true }));

async function load(test: readonly object[]) {
  for (const [name, data] of [
    ['train', [ROW]],
    ['test', test],
  ] as const) {
    await writeFile(join(path, 'data', 'annotations', `${name}.json`), JSON.stringify({ data }));
  }
  return loadBenchmark({ dataset: 'conconchi', path, split: 'test' });
}

it.each([1, 50_000_000, 9_007_199_254_740_990])(
  'a concept number %i beyond all training images is refused in one line',
  async (concept) => {
    await expect(load([{ ...ROW, CONCEPTS: [concept] }])).rejects.toThrow(
      new RegExp(`test\\.json: the concept ${concept}, but .*train\\.json has 1 training images`),
    );
  },
);

it('20,000 rows that all show one image are refused, not paired with each other', async () => {
  await expect(load(Array(20_000).fill(ROW))).rejects.toThrow(
    /find 400000000 images of the pool, expected at most 2000000; does the same image stand in many rows/,
  );
});

it('200,000 mentions of a concept are read', async () => {
  const { queries } = await load([{ ...ROW, CONCEPTS: Array(200_000).fill(0) }]);
  expect(queries[0]!.concepts).toHaveLength(200_000);
});
