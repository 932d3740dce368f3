import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type BenchmarkDataError, PROTOCOLS } from './benchmark.ts';
import { makeDeepFashion2, temporaryFolder } from './data-sets.fixture.ts';
import { checkBenchmark, loadBenchmark } from './load-benchmark.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

describe('DeepFashion2', () => {
  it('the reader of DeepFashion2 gives each caption its concept, its class and one image, and each concept its training images', async () => {
    const path = join(folder, 'deepfashion2');
    await makeDeepFashion2(path);
    const benchmark = await loadBenchmark({ dataset: 'deepfashion2', path, split: 'test' });
    expect(benchmark.concepts).toHaveLength(6);
    expect(benchmark.concepts.flatMap(({ trainRows }) => trainRows)).toEqual([
      ...benchmark.trainImages.keys(),
    ]);
    expect(benchmark.conceptGroundTruth.flat().sort((a, b) => a - b)).toEqual([...benchmark.pool.keys()]);
    const { template, concepts, groundTruth } = benchmark.queries[0]!;
    expect({ template, concepts, groundTruth }).toEqual({
      template: 'a person wearing * stands on grass, facing left.',
      concepts: [0],
      groundTruth: [0],
    });
  });

  it('the reader of DeepFashion2 reads the same with Windows line ends, a byte order mark and empty lines at the end', async () => {
    const [path, windows] = [join(folder, 'unix'), join(folder, 'crlf')];
    await makeDeepFashion2(path);
    await mkdir(windows);
    for (const file of (await readdir(path)).filter((name) => /\.(csv|txt)$/.test(name))) {
      const text = await readFile(join(path, file), 'utf8');
      await writeFile(join(windows, file), `\uFEFF${text.replaceAll('\n', '\r\n')}\r\n\r\n`);
    }
    const read = (root: string) => loadBenchmark({ dataset: 'deepfashion2', path: root, split: 'test' });
    expect(await read(windows)).toEqual({ ...(await read(path)), path: windows });
  });

  it('a file with a header alone lacks captions, not columns; a class without a name is missing', async () => {
    const bare = join(folder, 'bare');
    await mkdir(bare);
    await writeFile(join(bare, 'test_fsl_train.txt'), 'codes_infer/7:\n000001.jpg\n');
    await writeFile(join(bare, 'train_coarse_grained_names.csv'), 'unique_pair_ids,pair_id_categories\n7,\n');
    await writeFile(join(bare, 'test_captions.csv'), 'image_name,pair_id,caption\ntrain/image/2.jpg,7,x\n');
    await writeFile(join(bare, 'shortened_deepfashion2_captions.csv'), 'image_name,pair_id,caption\n');
    const load = loadBenchmark({ dataset: 'deepfashion2', path: bare, split: 'test' });
    const error = await load.catch((thrown: unknown) => thrown as BenchmarkDataError);
    expect((error as BenchmarkDataError).problems).toEqual([
      `no class for the concept 7 of ${join(bare, 'test_fsl_train.txt')}`,
      `0 captions for train/image/2.jpg in ${join(bare, 'shortened_deepfashion2_captions.csv')}, expected 1`,
    ]);
  });
});

describe('ConCon-Chi', () => {
  const row = (LABEL: string, CONCEPTS: number[], GTS: string[], more: object = {}) => ({
    LABEL,
    CONCEPTS,
    GTS,
    'ADDITIONAL GTS': [],
    KIND: 'context',
    ENV: 'home',
    ...more,
  });
  const write = async (name: string, train: object[], test: object[]): Promise<string> => {
    const path = join(folder, name);
    await mkdir(join(path, 'data', 'annotations'), { recursive: true });
    const concepts = [{ coarse: 'mug' }, { coarse: 'doll' }];
    for (const [file, data] of [
      ['train.json', train],
      ['test.json', test],
    ] as const) {
      await writeFile(join(path, 'data', 'annotations', file), JSON.stringify({ concepts, data }));
    }
    return path;
  };

  it('training rows explode over images, the pool over all test rows, and negatives ask nothing', async () => {
    const train = [row('*', [1], ['t0.jpg', 't1.jpg']), row('*', [0], ['t2.jpg'])];
    const test = [
      row('* in the bath', [0], ['a.jpg', 'b.jpg'], { 'ADDITIONAL GTS': ['d.jpg', 'elsewhere.jpg'] }),
      row('an empty room', [], ['c.jpg'], { KIND: 'negative' }),
      row('* beside *', [1, 0], ['d.jpg']),
      row('a mug', [0], ['e.jpg'], { KIND: 'negative' }),
    ];
    const path = await write('small', train, test);
    const benchmark = await loadBenchmark({ dataset: 'conconchi', path, split: 'test' });
    expect(benchmark.trainImages).toEqual(
      ['t0.jpg', 't1.jpg', 't2.jpg'].map((name) => `data/images/${name}`),
    );
    expect(benchmark.concepts).toEqual([
      { className: 'mug', trainRows: [2] },
      { className: 'doll', trainRows: [0, 1] },
    ]);
    expect(benchmark.pool).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => `data/images/${name}.jpg`));
    expect(benchmark.queries).toEqual([
      { template: '* in the bath', concepts: [0], groundTruth: [0, 1, 3] },
      { template: '* beside *', concepts: [1, 0], groundTruth: [3] },
    ]);
    // Images of exactly one concept, negatives that show one included.
    expect(benchmark.conceptPool).toEqual([0, 1, 4]);
    expect(benchmark.conceptGroundTruth).toEqual([[0, 1, 4], []]);
    expect(PROTOCOLS.conconchi.fill('* beside *', ['sks doll', 'sks mug'])).toBe('sks doll beside sks mug');
  });

  it('rows that are not as expected are told with their number', async () => {
    const path = await write('wrong', [row('*', [0], [])], [{ ...row('*', [0], ['a.jpg']), CONCEPTS: 'x' }]);
    const { problems } = await checkBenchmark({ dataset: 'conconchi', path, split: 'test' });
    expect(problems).toEqual([
      `${join(path, 'data/annotations/train.json')}: row 0 has no list of images GTS`,
      `${join(path, 'data/annotations/test.json')}: row 0 has no list of concept numbers CONCEPTS`,
    ]);
  });

  it('a query names a concept, and there is no validation half', async () => {
    const path = await write('unnamed', [row('*', [0], ['t.jpg'])], [row('a thing', [], ['a.jpg'])]);
    await expect(loadBenchmark({ dataset: 'conconchi', path, split: 'test' })).rejects.toThrow(
      /test.json: row 0 has no concept and is not negative/,
    );
    await expect(loadBenchmark({ dataset: 'conconchi', path, split: 'validation' })).rejects.toThrow(
      /ConCon-Chi has no validation half; leave out --split/,
    );
  });

  it('absent annotations are a list of files and a way to get them', async () => {
    const source = { dataset: 'conconchi', path: join(folder, 'nowhere'), split: 'test' } as const;
    await expect(loadBenchmark(source)).rejects.toThrow(
      /2 things are missing or wrong; polar bench check conconchi/,
    );
  });
});
