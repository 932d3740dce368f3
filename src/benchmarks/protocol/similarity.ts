import { ElementType, type FrozenClip, GraphBuilder } from '../../clip/index.ts';
import type { Matrix } from '../../matrix.ts';

// Rows at a time: large enough for full speed, and 512 x 100,000 similarities are 200 MB.
const ROWS = 512;

/**
 * Similarities of queries `[Q, P]` with a pool `[N, P]`, one row `[N]` at a time; memory does not grow with Q.
 *
 * @param visit gets a view that is valid during the call
 */
export async function eachSimilarity(
  clip: FrozenClip,
  queries: Matrix,
  pool: Matrix,
  visit: (query: number, similarities: Float32Array) => void,
): Promise<void> {
  const session = await clip.openGraph('similarity', buildSimilarityGraph, { prepack: false });
  for (let start = 0; start < queries.rows; start += ROWS) {
    const rows = Math.min(ROWS, queries.rows - start);
    const data = queries.data.subarray(start * queries.columns, (start + rows) * queries.columns);
    const { similarities } = await session.run({
      queries: { data, dims: [rows, queries.columns] },
      pool: { data: pool.data, dims: [pool.rows, pool.columns] },
    });
    for (let row = 0; row < rows; row++) {
      visit(start + row, similarities!.subarray(row * pool.rows, (row + 1) * pool.rows));
    }
  }
}

function buildSimilarityGraph(): Uint8Array {
  const graph = new GraphBuilder();
  const queries = graph.input('queries', ElementType.float, ['Q', 'P']);
  const pool = graph.input('pool', ElementType.float, ['N', 'P']);
  graph.output('similarities', graph.op('Gemm', [queries, pool], { transB: 1 }), ['Q', 'N']);
  return graph.build('similarity');
}

/**
 * The images of a pool that are most similar to each query, best first. Equal similarities keep the order of the pool.
 *
 * @param queries `[M, P]`, at most a few thousand: all similarities are held at once
 * @returns positions in the pool, one row of `count` (or the whole pool) for each query
 */
export async function firstImages(
  clip: FrozenClip,
  queries: Matrix,
  pool: Matrix,
  count: number,
): Promise<Matrix> {
  const session = await clip.openGraph('first-images', buildFirstImagesGraph, { prepack: false });
  const columns = Math.min(count, pool.rows);
  const { first } = await session.run({
    queries: { data: queries.data, dims: [queries.rows, queries.columns] },
    pool: { data: pool.data, dims: [pool.rows, pool.columns] },
    count: { data: BigInt64Array.of(BigInt(columns)), dims: [1] },
  });
  return { data: first!, rows: queries.rows, columns };
}

function buildFirstImagesGraph(): Uint8Array {
  const graph = new GraphBuilder();
  const queries = graph.input('queries', ElementType.float, ['M', 'P']);
  const pool = graph.input('pool', ElementType.float, ['N', 'P']);
  const count = graph.input('count', ElementType.int64, [1]);
  const similarities = graph.op('Gemm', [queries, pool], { transB: 1 }); // [M, N]
  const [, positions] = graph.ops('TopK', [similarities, count], 2); // of equal values the lower position goes first
  graph.output('first', graph.op('Cast', [positions!], { to: ElementType.float }), ['M', 'K']); // exact below 2^24
  return graph.build('first_images');
}
