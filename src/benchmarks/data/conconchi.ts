import { join } from 'node:path';
import { type Problems, readJsonFile } from './annotations.ts';
import type { Benchmark } from './benchmark.ts';
import { groupBy, groups } from './groups.ts';

// Of a sentence and an image that it finds. ConCon-Chi has some ten thousand.
const MAX_PAIRS = 2_000_000;

interface Row {
  readonly label: string;
  readonly concepts: readonly number[];
  readonly images: readonly string[];
  readonly additional: readonly string[];
  readonly kind: string;
}

/**
 * Reads ConCon-Chi's `data/annotations/{train,test}.json`. The pool is the images of all test rows in order,
 * negatives included; queries are the rows that are not negative, and find their own and their additional images.
 *
 * @param problems gets everything that is wrong
 * @returns undefined where too much is missing to go on
 */
export async function readConConChi(path: string, problems: Problems): Promise<Benchmark | undefined> {
  const trainFile = join(path, 'data', 'annotations', 'train.json');
  const testFile = join(path, 'data', 'annotations', 'test.json');
  const train = readRows(await readJsonFile(trainFile, problems), trainFile, problems);
  const test = readRows(await readJsonFile(testFile, problems), testFile, problems);
  if (train === undefined || test === undefined) return undefined;

  // A training row stands once for each of its images and, within an image, once for each of its concepts.
  const training = train.rows.flatMap(({ images, concepts }) =>
    images.flatMap((image) => concepts.map((concept) => ({ image, concept }))),
  );
  const named = [...train.rows, ...test.rows].flatMap((row) => row.concepts);
  const highest = named.reduce((most, concept) => Math.max(most, concept), -1);
  // Each concept up to the highest needs a training image, so that there cannot be more than these.
  if (highest >= training.length) {
    problems.push(
      `${testFile}: the concept ${highest}, but ${trainFile} has ${training.length} training images, at least one a concept`,
    );
    return undefined;
  }
  const trainRows = groups(training, highest + 1, ({ concept }) => concept);
  const concepts = trainRows.map((rows, concept) => ({
    className: train.classes[concept] ?? test.classes[concept] ?? null,
    trainRows: rows,
  }));
  concepts.forEach(({ trainRows }, concept) => {
    if (trainRows.length === 0) problems.push(`${trainFile}: the concept ${concept} has no training image`);
  });

  const poolRows = test.rows.flatMap((row) => row.images.map((image) => ({ ...row, image })));
  const positions = groupBy(poolRows, ({ image }) => image);
  const asked = test.rows.filter((row) => row.kind !== 'negative');
  // Additional images may lie outside the pool.
  const truthOf = (row: Row) => [...row.images, ...row.additional].map((image) => positions.get(image) ?? []);
  const pairs = asked.reduce((sum, row) => truthOf(row).reduce((all, { length }) => all + length, sum), 0);
  if (pairs > MAX_PAIRS) {
    problems.push(
      `${testFile}: the sentences find ${pairs} images of the pool, expected at most ${MAX_PAIRS}; does the same image stand in many rows?`,
    );
    return undefined;
  }
  const queries = asked.map((row) => {
    const groundTruth: number[] = [];
    for (const found of truthOf(row)) for (const position of found) groundTruth.push(position);
    return { template: row.label, concepts: row.concepts, groundTruth };
  });
  const conceptPool = poolRows.flatMap((row, position) => (row.concepts.length === 1 ? [position] : []));
  return {
    dataset: 'conconchi',
    split: 'test',
    path,
    concepts,
    trainImages: training.map(({ image }) => join('data', 'images', image)),
    pool: poolRows.map(({ image }) => join('data', 'images', image)),
    queries,
    conceptPool,
    conceptGroundTruth: groups(
      conceptPool,
      concepts.length,
      (position) => poolRows[position]!.concepts[0]!,
    ).map((members) => members.map((index) => conceptPool[index]!)),
  };
}

/** Checks the rows of an annotation file and tells of every one that is not as expected. */
function readRows(json: unknown, file: string, problems: Problems) {
  if (json === undefined) return undefined;
  const { data, concepts } = (json ?? {}) as { data?: unknown; concepts?: unknown };
  if (!Array.isArray(data)) {
    problems.push(`${file} has no list "data"`);
    return undefined;
  }
  const rows: Row[] = [];
  data.forEach((item: unknown, index) => {
    const row = (item ?? {}) as Record<string, unknown>;
    const { LABEL: label, CONCEPTS: ids, GTS: images, KIND: kind } = row;
    const additional = row['ADDITIONAL GTS'] ?? [];
    const isWhole = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
    if (!Array.isArray(ids) || !ids.every(isWhole)) {
      problems.push(`${file}: row ${index} has no list of concept numbers CONCEPTS`);
    } else if (!isTexts(images) || images.length === 0 || !isTexts(additional)) {
      problems.push(`${file}: row ${index} has no list of images GTS`);
    } else {
      if (ids.length === 0 && kind !== 'negative') {
        problems.push(`${file}: row ${index} has no concept and is not negative`);
      }
      const texts = { label: String(label ?? ''), kind: String(kind ?? '') };
      rows.push({ ...texts, concepts: ids as number[], images, additional });
    }
  });
  return { rows, classes: readClasses(concepts) };
}

/** The concepts' coarse names: a list of records, or a record of lists. */
function readClasses(concepts: unknown): (string | null)[] {
  const coarse = Array.isArray(concepts)
    ? concepts.map((concept: { coarse?: unknown } | null) => concept?.coarse)
    : Object.values((concepts as { coarse?: object } | null | undefined)?.coarse ?? {});
  return coarse.map((name) => (typeof name === 'string' && name !== '' ? name : null));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
