import { type FrozenClip, selectTexts } from '../../clip/index.ts';
import { type Matrix, matrixOf, normalizeRows, rowOf, selectRows } from '../../matrix.ts';
import type { ReleasedCheckpoint } from '../../polar/concept/released-checkpoint.ts';
import { type Benchmark, conceptText, PROTOCOLS } from '../data/benchmark.ts';
import { updateOf } from './checkpoints.ts';
import { averagePrecision, mean, ranksOf, recallAt, reciprocalRank, topPositions } from './metrics.ts';
import { eachSimilarity } from './similarity.ts';

/** A retrieval method's answer to a data set: unit-length embeddings to search the pool with. */
export interface QueryEmbeddings {
  /** Concept alone, `[C, P]`. */
  readonly concepts: Matrix;
  /** Concepts in a sentence, `[Q, P]`. */
  readonly queries: Matrix;
}

/** How one query fared. */
export interface QueryResult {
  /** The sentence as the model got it. */
  readonly text: string;
  /** Indices of its concepts. */
  readonly concepts: readonly number[];
  /** Ranks of its ground truth, from 1, ascending. */
  readonly ranks: readonly number[];
  readonly groundTruth: readonly number[];
  /** The first positions of the pool. */
  readonly top: readonly number[];
}

/** Figures are shares from 0 to 1, by names such as `context mRR`. */
export interface Evaluation {
  readonly figures: Readonly<Record<string, number>>;
  /** Concept-only results, one a concept. */
  readonly concepts: readonly { readonly mAP: number; readonly mRR: number }[];
  readonly queries: readonly QueryResult[];
}

/** How many of the first places are kept for each query. */
const TOP = 5;

/** The text of every query with identifiers in place. */
export function queryTexts({ dataset, queries }: Benchmark, identifiers: readonly string[]): string[] {
  return queries.map(({ template, concepts }) =>
    PROTOCOLS[dataset].fill(
      template,
      concepts.map((concept) => identifiers[concept]!),
    ),
  );
}

/** POLAR's query embeddings. Every distinct text goes through the frozen tower once, whatever its concepts. */
export async function encodeWithConcepts(
  clip: FrozenClip,
  benchmark: Benchmark,
  checkpoints: readonly ReleasedCheckpoint[],
): Promise<QueryEmbeddings> {
  const identifiers = checkpoints.map(({ identifier }) => identifier);
  const texts = queryTexts(benchmark, identifiers);
  const items = [
    ...identifiers.map((identifier, concept) => ({ text: conceptText(identifier), concepts: [concept] })),
    ...benchmark.queries.map(({ concepts }, index) => ({ text: texts[index]!, concepts })),
  ];
  const distinct = [...new Set(items.map(({ text }) => text))];
  const position = new Map(distinct.map((text, index) => [text, index]));
  const frozen = await clip.freezeTexts(distinct);
  // Queries that name the same concepts are encoded together.
  const groups = new Map<string, number[]>();
  for (const [index, { concepts }] of items.entries()) {
    const key = concepts.join(' ');
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  const data = new Float32Array(items.length * clip.dimension);
  for (const indices of groups.values()) {
    const rows = indices.map((index) => position.get(items[index]!.text)!);
    const update = updateOf(items[indices[0]!]!.concepts.map((concept) => checkpoints[concept]!));
    const embeddings = await clip.encodeFrozen(selectTexts(frozen, rows), update);
    for (const [row, index] of indices.entries()) data.set(rowOf(embeddings, row), index * clip.dimension);
  }
  const embeddings = normalizeRows(matrixOf(data, clip.dimension));
  const order = [...items.keys()];
  return {
    concepts: selectRows(embeddings, order.slice(0, identifiers.length)),
    queries: selectRows(embeddings, order.slice(identifiers.length)),
  };
}

/** What is ranked for which queries. */
export interface ScoreOptions {
  /** Features of the pool, `[N, P]`, unit rows. */
  readonly pool: Matrix;
  readonly embeddings: QueryEmbeddings;
  /** What each query says, for people. */
  readonly texts: readonly string[];
}

/** Ranks the pool for every query and computes the figures of the data set's protocol. */
export async function scoreBenchmark(
  clip: FrozenClip,
  benchmark: Benchmark,
  { pool, embeddings, texts }: ScoreOptions,
): Promise<Evaluation> {
  const conceptRanks: number[][] = [];
  const place = new Map(benchmark.conceptPool.map((position, index) => [position, index]));
  const conceptFeatures = selectRows(pool, benchmark.conceptPool);
  await eachSimilarity(clip, embeddings.concepts, conceptFeatures, (concept, similarities) => {
    const groundTruth = benchmark.conceptGroundTruth[concept]!.map((position) => place.get(position)!);
    conceptRanks.push(ranksOf(similarities, groundTruth));
  });
  const queries: QueryResult[] = [];
  await eachSimilarity(clip, embeddings.queries, pool, (index, similarities) => {
    const { concepts, groundTruth } = benchmark.queries[index]!;
    const ranks = ranksOf(similarities, groundTruth);
    queries.push({
      text: texts[index]!,
      concepts,
      ranks,
      groundTruth,
      top: topPositions(similarities, TOP),
    });
  });
  const concepts = conceptRanks.map((ranks) => ({
    mAP: averagePrecision(ranks),
    mRR: reciprocalRank(ranks),
  }));
  return { figures: figuresOf(benchmark, concepts, queries), concepts, queries };
}

function figuresOf(
  { dataset }: Benchmark,
  concepts: Evaluation['concepts'],
  queries: readonly QueryResult[],
): Record<string, number> {
  const figures: Record<string, number> = {
    'concept mAP': mean(concepts.map(({ mAP }) => mAP)),
    'concept mRR': mean(concepts.map(({ mRR }) => mRR)),
  };
  if (dataset === 'deepfashion2') {
    return {
      ...figures,
      'context mRR': queryMean(queries, 'mRR'),
      'context recall@5': queryMean(queries, 'recall@5'),
    };
  }
  const parts = {
    context: queries,
    single: queries.filter((query) => query.concepts.length === 1),
    multi: queries.filter((query) => query.concepts.length > 1),
  };
  for (const [name, part] of Object.entries(parts)) {
    for (const metric of ['mAP', 'mRR', 'recall@1'] as const) {
      figures[`${name} ${metric}`] = queryMean(part, metric);
    }
  }
  return figures;
}

/** Metrics of one query. */
export const QUERY_METRICS = {
  mAP: averagePrecision,
  mRR: reciprocalRank,
  'recall@1': (ranks: readonly number[]) => recallAt(ranks, 1),
  'recall@5': (ranks: readonly number[]) => recallAt(ranks, 5),
} as const;
export type QueryMetric = keyof typeof QUERY_METRICS;

function queryMean(queries: readonly QueryResult[], metric: QueryMetric): number {
  return mean(queries.map(({ ranks }) => QUERY_METRICS[metric](ranks)));
}

/** The lines that the released evaluation scripts print. */
export function releasedLines(
  { dataset }: Benchmark,
  figures: Evaluation['figures'],
  print: (share: number) => string,
): string[] {
  const line = (title: string, name: string, metrics: readonly string[]) =>
    `${title}: ${metrics.map((metric) => `${metric}=${print(figures[`${name} ${metric}`]!)}`).join(', ')}`;
  const concept = line('Concept-only', 'concept', ['mAP', 'mRR']);
  if (dataset === 'deepfashion2') return [concept, line('Context', 'context', ['mRR', 'recall@5'])];
  const metrics = ['mAP', 'mRR', 'recall@1'];
  return [
    concept,
    line('Context (all)', 'context', metrics),
    line('Context (single-concept)', 'single', metrics),
    line('Context (multi-concept)', 'multi', metrics),
  ];
}
