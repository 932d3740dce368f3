import type { FrozenClip } from '../../clip/index.ts';
import { type Matrix, matrixOf, normalizeRows, rowOf } from '../../matrix.ts';
import { type Benchmark, conceptText } from '../data/benchmark.ts';
import type { TrainingSettings } from './checkpoints.ts';
import { type QueryEmbeddings, queryTexts } from './evaluate.ts';
import { trainingTask } from './train.ts';

/** Methods that POLAR is compared with. */
export const BASELINES = ['class-name', 'image', 'image-text'] as const;
/** One of {@link BASELINES}. */
export type Baseline = (typeof BASELINES)[number];

/** Names for people. */
export const BASELINE_LABELS: Readonly<Record<Baseline, string>> = {
  'class-name': 'plain CLIP, class name',
  image: 'mean image feature',
  'image-text': 'image + text',
};

/** Why textual inversion has no row. */
export const TEXTUAL_INVERSION =
  'textual inversion is left out: it needs the gradient through the whole text tower, the engine has that of the last layer';

/** Which baseline, and the images that it may use. */
export interface BaselineOptions {
  /** All training features, `[N, P]`; the same images as for POLAR are used. */
  readonly features: Matrix;
  readonly settings: TrainingSettings;
  readonly baseline: Baseline;
}

/**
 * The embeddings that a baseline searches with. `class-name`: plain CLIP reads the sentence with each concept's
 * class in it. `image`: the mean of the concepts' training features. `image-text`: the normalised sum of both.
 *
 * @returns undefined where the annotations name no classes and the baseline needs them
 */
export async function encodeBaseline(
  clip: FrozenClip,
  benchmark: Benchmark,
  { features, settings, baseline }: BaselineOptions,
): Promise<{ readonly embeddings: QueryEmbeddings; readonly texts: readonly string[] } | undefined> {
  const classes = benchmark.concepts.flatMap(({ className }) => className ?? []);
  if (baseline !== 'image' && classes.length < benchmark.concepts.length) return undefined;
  const texts =
    baseline === 'image' ? benchmark.queries.map(({ template }) => template) : queryTexts(benchmark, classes);
  const image = baseline === 'class-name' ? undefined : imageQueries(benchmark, features, settings);
  const text =
    baseline === 'image'
      ? undefined
      : {
          concepts: normalizeRows(await clip.encodeTexts(classes.map(conceptText))),
          queries: normalizeRows(await clip.encodeTexts(texts)),
        };
  const combine = (part: keyof QueryEmbeddings): Matrix => {
    const parts = [image?.[part], text?.[part]].filter((matrix) => matrix !== undefined);
    const data = parts[0]!.data.map((value, index) => value + (parts[1]?.data[index] ?? 0));
    return normalizeRows(matrixOf(data, parts[0]!.columns));
  };
  return { embeddings: { concepts: combine('concepts'), queries: combine('queries') }, texts };
}

/** Unit-length means of training features: of each concept, and of the concepts of each query. */
function imageQueries(benchmark: Benchmark, features: Matrix, settings: TrainingSettings): QueryEmbeddings {
  const sumRows = (matrix: Matrix, rows: readonly number[]): Float32Array => {
    const sum = new Float32Array(matrix.columns);
    for (const row of rows) {
      const values = rowOf(matrix, row);
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + values[i]!;
    }
    return sum;
  };
  const stack = (rows: readonly Float32Array[]): Matrix => {
    const data = new Float32Array(rows.length * features.columns);
    rows.forEach((row, index) => {
      data.set(row, index * features.columns);
    });
    return normalizeRows(matrixOf(data, features.columns));
  };
  const concepts = stack(
    benchmark.concepts.map((_, concept) => {
      const task = trainingTask(benchmark, concept, features, settings);
      return sumRows(task.features, [...task.prompts.keys()]);
    }),
  );
  return { concepts, queries: stack(benchmark.queries.map((query) => sumRows(concepts, query.concepts))) };
}
