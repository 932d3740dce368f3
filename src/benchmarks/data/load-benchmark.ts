import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PolarError } from '../../errors.ts';
import type { Problems } from './annotations.ts';
import { type Benchmark, BenchmarkDataError, type Dataset, type Split } from './benchmark.ts';
import { readConConChi } from './conconchi.ts';
import { readDeepFashion2 } from './deepfashion2.ts';

/** Which data set lies where. */
export interface BenchmarkSource {
  readonly dataset: Dataset;
  readonly path: string;
  readonly split: Split;
}

/** Downloads of each data set: address and place. */
export const DOWNLOADS: Readonly<Record<Dataset, (path: string) => readonly string[]>> = {
  conconchi: (path) => [
    'ConCon-Chi: https://dataverse.iit.it/dataset.xhtml?persistentId=doi:10.48557/QJ1166',
    `unzip it so that ${join(path, 'data', 'annotations', 'test.json')} and ${join(path, 'data', 'images')} exist`,
    `captions, for caption recall@10: conconchi_llava_captions.json of https://github.com/adobe-research/polar-vl, into ${path}`,
  ],
  deepfashion2: (path) => [
    'annotations: https://github.com/NVlabs/PerVLBenchmark/tree/main/annotations/deep_fashion',
    `put its .csv and .txt files in ${path}`,
    'images: train.zip of https://github.com/switchablenorms/DeepFashion2 (the password is asked for there)',
    `unzip it in ${path} so that ${join(path, 'train', 'image')} exists`,
  ],
};

/**
 * Reads a data set's annotations.
 *
 * @throws BenchmarkDataError with everything that is missing or wrong
 */
export async function loadBenchmark(source: BenchmarkSource): Promise<Benchmark> {
  const problems: string[] = [];
  const benchmark = await read(source, problems);
  if (benchmark === undefined || problems.length > 0) throw dataError(source, problems);
  return benchmark;
}

/** Result of `checkBenchmark`. */
export interface BenchmarkCheck {
  readonly problems: readonly string[];
  readonly counts: Readonly<Record<'concepts' | 'training images' | 'pool images' | 'queries', number>>;
}

/** Finds everything that is missing or wrong in a data set, images included. */
export async function checkBenchmark(source: BenchmarkSource): Promise<BenchmarkCheck> {
  const problems: string[] = [];
  const benchmark = await read(source, problems);
  if (benchmark !== undefined) {
    problems.push(...(await missingImages(benchmark, [...benchmark.trainImages, ...benchmark.pool])));
  }
  return {
    problems,
    counts: {
      concepts: benchmark?.concepts.length ?? 0,
      'training images': benchmark?.trainImages.length ?? 0,
      'pool images': benchmark?.pool.length ?? 0,
      queries: benchmark?.queries.length ?? 0,
    },
  };
}

/**
 * Makes sure that images are there before long work begins.
 *
 * @throws BenchmarkDataError with every one that is not
 */
export async function requireImages(benchmark: Benchmark, images: readonly string[]): Promise<void> {
  const problems = await missingImages(benchmark, images);
  if (problems.length > 0) throw dataError(benchmark, problems);
}

async function missingImages({ path }: Benchmark, images: readonly string[]): Promise<string[]> {
  const problems: string[] = [];
  for (const image of new Set(images)) {
    const found = await stat(join(path, image)).catch(() => undefined);
    if (!found?.isFile()) problems.push(`missing image ${join(path, image)}`);
  }
  return problems;
}

async function read(
  { dataset, path, split }: BenchmarkSource,
  problems: Problems,
): Promise<Benchmark | undefined> {
  if (dataset === 'conconchi' && split !== 'test') {
    throw new PolarError(`${path}: ConCon-Chi has no ${split} half; leave out --split`, 'not-found');
  }
  return dataset === 'conconchi' ? readConConChi(path, problems) : readDeepFashion2(path, split, problems);
}

function dataError({ dataset, path }: BenchmarkSource, problems: readonly string[]): BenchmarkDataError {
  return new BenchmarkDataError(
    path,
    problems,
    `polar bench check ${dataset} --data-path ${path} lists what to get from where`,
  );
}
