import { PolarError } from '../../errors.ts';
import type { Dataset } from '../data/benchmark.ts';
import { QUERY_METRICS, type QueryMetric } from '../protocol/evaluate.ts';
import type { Result } from './results.ts';
import { type Difference, pairedBootstrap } from './statistics.ts';

/** The context metrics of each data set's protocol. */
export const CONTEXT_METRICS: Readonly<Record<Dataset, readonly QueryMetric[]>> = {
  conconchi: ['mAP', 'mRR', 'recall@1'],
  deepfashion2: ['mRR', 'recall@5'],
};

/**
 * How much better one result is than another, by paired bootstrap over the queries, and over the concepts for
 * concept-only retrieval.
 *
 * @returns by figure, such as `context mRR`; shares from -1 to 1
 */
export function compareResults(result: Result, other: Result): Record<string, Difference> {
  const [a, b] = [result.evaluation, other.evaluation];
  if (a.queries.length !== b.queries.length || a.concepts.length !== b.concepts.length) {
    throw new PolarError(
      `${result.id} and ${other.id} were evaluated on different queries; evaluate both again`,
    );
  }
  const differences: Record<string, Difference> = {};
  for (const metric of ['mAP', 'mRR'] as const) {
    const values = (evaluation: typeof a) => evaluation.concepts.map((concept) => concept[metric]);
    differences[`concept ${metric}`] = pairedBootstrap(values(a), values(b));
  }
  for (const metric of CONTEXT_METRICS[result.dataset]) {
    const values = (evaluation: typeof a) =>
      evaluation.queries.map(({ ranks }) => QUERY_METRICS[metric](ranks));
    differences[`context ${metric}`] = pairedBootstrap(values(a), values(b));
  }
  return differences;
}
