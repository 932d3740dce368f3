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
 * The rank (from 1) of each query's own image in a pool. Equal similarities keep the order of the pool.
 *
 * @param queries `[M, P]`, at most a few thousand: all similarities are held at once
 * @param own position in the pool of each query's image, `[M]`
 */
export async function ownRanks(
  clip: FrozenClip,
  queries: Matrix,
  pool: Matrix,
  own: readonly number[],
): Promise<Float32Array> {
  const session = await clip.openGraph('own-rank', buildOwnRankGraph, { prepack: false });
  const { ranks } = await session.run({
    queries: { data: queries.data, dims: [queries.rows, queries.columns] },
    pool: { data: pool.data, dims: [pool.rows, pool.columns] },
    own: { data: BigInt64Array.from(own, BigInt), dims: [own.length, 1] },
    positions: { data: BigInt64Array.from({ length: pool.rows }, (_, i) => BigInt(i)), dims: [1, pool.rows] },
  });
  return ranks!;
}

function buildOwnRankGraph(): Uint8Array {
  const graph = new GraphBuilder();
  const queries = graph.input('queries', ElementType.float, ['M', 'P']);
  const pool = graph.input('pool', ElementType.float, ['N', 'P']);
  const own = graph.input('own', ElementType.int64, ['M', 1]);
  const positions = graph.input('positions', ElementType.int64, [1, 'N']);
  const similarities = graph.op('Gemm', [queries, pool], { transB: 1 }); // [M, N]
  const ownSimilarity = graph.op('GatherElements', [similarities, own], { axis: 1 }); // [M, 1]
  const above = graph.op('Greater', [similarities, ownSimilarity]);
  const equal = graph.op('Equal', [similarities, ownSimilarity]);
  const before = graph.op('And', [equal, graph.op('Less', [positions, own])]);
  const ahead = graph.op('Cast', [graph.op('Or', [above, before])], { to: ElementType.float });
  const count = graph.op('ReduceSum', [ahead, graph.int([1])], { keepdims: 0 }); // exact below 2^24
  graph.output('ranks', graph.op('Add', [count, graph.float(1)]), ['M']);
  return graph.build('own_rank');
}
