import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { shared } from '../../../test/shared.ts';
import { BenchmarkDataError, PROTOCOLS } from './benchmark.ts';
import { temporaryFolder } from './data-sets.fixture.ts';
import { checkBenchmark, loadBenchmark } from './load-benchmark.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

describe('the real DeepFashion2 annotations', () => {
  const path = shared('data/pervl');

  it.each([
    ['test', 221, 653],
    ['validation', 229, 661],
  ] as const)(
    'the annotations hold %s: %i captions, 50 concepts, %i training images',
    async (split, captions, images) => {
      const benchmark = await loadBenchmark({ dataset: 'deepfashion2', path, split });
      expect(benchmark.queries).toHaveLength(captions);
      expect(benchmark.pool).toHaveLength(captions);
      expect(benchmark.concepts).toHaveLength(50);
      expect(benchmark.trainImages).toHaveLength(images);
      expect(benchmark.concepts.flatMap(({ trainRows }) => trainRows)).toEqual([
        ...benchmark.trainImages.keys(),
      ]);
      expect(benchmark.conceptGroundTruth.flat().sort((a, b) => a - b)).toEqual([...benchmark.pool.keys()]);
    },
  );

  it('give each query the shortened caption, its concept and its class', async () => {
    const benchmark = await loadBenchmark({ dataset: 'deepfashion2', path, split: 'test' });
    const position = benchmark.pool.indexOf('train/image/043380.jpg');
    const { template, concepts, groundTruth } = benchmark.queries[position]!;
    expect(position).toBe(0);
    expect(groundTruth).toEqual([0]);
    expect(template).toContain('person wearing *');
    expect(template.replaceAll('person wearing *', '')).not.toContain('person');
    const concept = benchmark.concepts[concepts[0]!]!;
    const identifier = PROTOCOLS.deepfashion2.identifier('sks', concept);
    expect(identifier).toBe(`sks ${concept.className}`);
    expect(PROTOCOLS.deepfashion2.fill(template, [identifier])).toContain(`person wearing ${identifier}`);
  });

  it('all missing images are listed at once, before any work', async () => {
    const { problems } = await checkBenchmark({ dataset: 'deepfashion2', path, split: 'test' });
    expect(problems).toHaveLength(221 + 653);
    expect(problems[0]).toBe(`missing image ${join(path, 'train/image/127479.jpg')}`);
  });

  it('read the same with Windows line ends, a byte order mark and empty lines at the end', async () => {
    const windows = join(folder, 'windows');
    await mkdir(windows);
    for (const file of (await readdir(path)).filter((name) => /\.(csv|txt)$/.test(name))) {
      const text = await readFile(join(path, file), 'utf8');
      await writeFile(join(windows, file), `\uFEFF${text.replaceAll(/\r?\n/g, '\r\n')}\r\n\r\n`);
    }
    const read = (root: string) =>
      loadBenchmark({ dataset: 'deepfashion2', path: root, split: 'validation' });
    expect(await read(windows)).toEqual({ ...(await read(path)), path: windows });
  });

  it('a missing caption, an unknown class and a file that is not CSV are told together', async () => {
    const broken = join(folder, 'broken');
    await mkdir(broken);
    for (const file of await readdir(path)) await cp(join(path, file), join(broken, file));
    await writeFile(
      join(broken, 'train_coarse_grained_names.csv'),
      'unique_pair_ids,pair_id_categories\n10080,skirt\n',
    );
    await writeFile(
      join(broken, 'test_captions.csv'),
      'image_name,pair_id,caption\ntrain/image/999999.jpg,1,nothing\n',
    );
    const load = loadBenchmark({ dataset: 'deepfashion2', path: broken, split: 'test' });
    const error = await load.catch((thrown: unknown) => thrown as BenchmarkDataError);
    expect(error).toBeInstanceOf(BenchmarkDataError);
    const { problems, message } = error as BenchmarkDataError;
    expect(problems.filter((problem) => problem.startsWith('no class for the concept'))).toHaveLength(49);
    expect(problems.at(-1)).toMatch(/^0 captions for train\/image\/999999.jpg in .*, expected 1$/);
    expect(message).toMatch(/50 things are missing or wrong; polar bench check deepfashion2/);
  });
});
