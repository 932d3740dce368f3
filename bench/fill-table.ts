import { createRequire } from 'node:module';
import type { Table } from '@lancedb/lancedb';
import type { PhotoStore } from '../src/library/photo-store.ts';

// The copy of Arrow that LanceDB itself loads: it does not take tables of the other one.
const {
  Table: ArrowTable,
  Field,
  FixedSizeList,
  Float32,
  makeData,
  makeVector,
  Utf8,
  vectorFromArray,
} = createRequire(import.meta.url)('apache-arrow') as typeof import('apache-arrow');

const CLUSTERS = 2000;
const AT_ONCE = 20_000;
const random = () => Math.random() + Math.random() + Math.random() - 1.5; // near enough to normal

/** Writes a made-up embedding, of any norm, into `row`. */
export type DrawRow = (row: Float32Array) => void;

/** Clusters of like photos. */
export function clusters(dimension: number): DrawRow {
  const centers = Float32Array.from({ length: CLUSTERS * dimension }, random);
  return (row) => {
    const center = Math.floor(Math.random() * CLUSTERS) * dimension;
    for (let j = 0; j < dimension; j++) row[j] = centers[center + j]! + 0.8 * (Math.random() - 0.5);
  };
}

/** Vectors of any direction, all alike: no index can make use of an order that isn't there. */
export const uniform: DrawRow = (row) => {
  for (let j = 0; j < row.length; j++) row[j] = random();
};

/** Fills a photo table with rows of made-up embeddings. */
export async function fillTable(
  table: Table,
  model: Parameters<PhotoStore['open']>[0],
  count: number,
  draw: DrawRow = clusters(model.dimension),
): Promise<void> {
  const D = model.dimension;
  await table.delete('true');
  for (let start = 0; start < count; start += AT_ONCE) {
    const n = Math.min(AT_ONCE, count - start);
    const data = new Float32Array(n * D);
    for (let i = 0; i < n; i++) {
      const row = data.subarray(i * D, (i + 1) * D);
      draw(row);
      let square = 0;
      for (let j = 0; j < D; j++) square += row[j]! ** 2;
      const norm = Math.sqrt(square);
      for (let j = 0; j < D; j++) row[j]! /= norm;
    }
    const type = new FixedSizeList(D, new Field('item', new Float32(), true));
    const child = makeData({ type: new Float32(), length: n * D, data });
    const embedding = makeVector(makeData({ type, length: n, child }));
    const text = (value: (i: number) => string | null) =>
      vectorFromArray(
        Array.from({ length: n }, (_, i) => value(i)),
        new Utf8(),
      );
    const numbers = (value: number) => makeVector(new Float64Array(n).fill(value));
    const sides = () => makeVector(new Int32Array(n).fill(640));
    await table.add(
      new ArrowTable({
        path: text((i) => `/photos/${start + i}.jpg`),
        bucket: makeVector(new Int32Array(n)),
        hash: text((i) => String(start + i)),
        size: numbers(1),
        mtime: numbers(0),
        ctime: numbers(0),
        width: sides(),
        height: sides(),
        modelId: text(() => model.id),
        revision: text(() => model.revision),
        preprocessing: text(() => '1'),
        embedding,
        reason: text(() => null),
      }),
    );
  }
}
