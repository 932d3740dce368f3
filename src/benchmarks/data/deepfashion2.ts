import { join } from 'node:path';
import { type Problems, readCsv, readText } from './annotations.ts';
import type { Benchmark, Split } from './benchmark.ts';
import { groupBy, groups } from './groups.ts';

/**
 * Reads DeepFashion2's personalised retrieval files (PerVL): `{split}_fsl_train.txt`, `{split}_captions.csv`,
 * `shortened_deepfashion2_captions.csv` (the sentences) and `train_coarse_grained_names.csv` (the classes).
 *
 * @param problems gets everything that is wrong
 * @returns undefined where too much is missing to go on
 */
export async function readDeepFashion2(
  path: string,
  split: Split,
  problems: Problems,
): Promise<Benchmark | undefined> {
  const trainFile = join(path, `${split}_fsl_train.txt`);
  const captionFile = join(path, 'shortened_deepfashion2_captions.csv');
  const [trainText, names, splitRows, captions] = [
    await readText(trainFile, problems),
    await readCsv(
      join(path, 'train_coarse_grained_names.csv'),
      ['unique_pair_ids', 'pair_id_categories'],
      problems,
    ),
    await readCsv(join(path, `${split}_captions.csv`), ['image_name'], problems),
    await readCsv(captionFile, ['image_name', 'pair_id', 'caption'], problems),
  ];
  if (trainText === undefined || names === undefined || splitRows === undefined || captions === undefined) {
    return undefined;
  }
  const classes = new Map(names.map((row) => [Number(row.unique_pair_ids), row.pair_id_categories]));
  const { codes, trainRows, trainImages } = readTraining(trainText, trainFile, problems);
  const concepts = codes.map((code, index) => {
    const className = classes.get(code)?.trim() || null;
    if (className === null) problems.push(`no class for the concept ${code} of ${trainFile}`);
    return { className, trainRows: trainRows[index]! };
  });

  const byImage = groupBy(captions, (row) => row.image_name);
  const numberOf = new Map(codes.map((code, index) => [code, index]));
  const pool = splitRows.map((row) => row.image_name);
  const queries = pool.map((image, position) => {
    const found = byImage.get(image) ?? [];
    if (found.length !== 1)
      problems.push(`${found.length} captions for ${image} in ${captionFile}, expected 1`);
    const [row] = found.map((index) => captions[index]!);
    const code = Number(row?.pair_id);
    const concept = numberOf.get(code) ?? -1;
    if (found.length > 0 && concept < 0)
      problems.push(`${image} shows the concept ${code}, which ${trainFile} does not train`);
    const template = (row?.caption ?? '').replaceAll('person', 'person wearing *');
    return { template, concepts: [concept], groundTruth: [position] };
  });
  return {
    dataset: 'deepfashion2',
    split,
    path,
    concepts,
    trainImages,
    pool,
    queries,
    conceptPool: pool.map((_, position) => position),
    conceptGroundTruth: groups(queries, concepts.length, (query) => query.concepts[0]!),
  };
}

/** `codes_infer/<pair id>:`, its images one a line, an empty line, the next. */
function readTraining(text: string, file: string, problems: Problems) {
  const codes: number[] = [];
  const trainImages: string[] = [];
  const trainRows: number[][] = [];
  let concept = 0;
  for (const line of text
    .trimEnd()
    .split('\n')
    .map((raw) => raw.trim())) {
    if (line.endsWith(':')) {
      const code = Number(line.slice(line.lastIndexOf('/') + 1, -1));
      if (!Number.isInteger(code)) problems.push(`${file}: "${line}" names no pair id`);
      codes.push(code);
    } else if (line === '') {
      concept++;
    } else {
      const rows = trainRows[concept] ?? [];
      trainRows[concept] = rows;
      rows.push(trainImages.length);
      trainImages.push(join('train', 'image', line));
    }
  }
  codes.forEach((code, index) => {
    trainRows[index] ??= [];
    if (trainRows[index]!.length === 0) problems.push(`${file}: the concept ${code} has no training image`);
  });
  return { codes, trainImages, trainRows };
}
