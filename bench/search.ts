/**
 * How long a search takes over libraries of made-up embeddings (clusters of like photos, 768 numbers each): exact in
 * memory up to 200,000 photos, by the index beyond, with its recall@10 against exact search and the memory used.
 * Filling and indexing a million takes about ten minutes and 4 GB of disk; they are kept for the next run.
 *
 *     npx tsx bench/search.ts [photos ...]
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MAX_EXACT_PHOTOS, openLibrary, PhotoStore, searchPhotos } from '../src/index.ts';
import { ensureVectorIndex } from '../src/library/photo-table.ts';
import { benchFolder, machine, memory } from './machine.ts';

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

const D = 768;
const CLUSTERS = 2000;
const QUERIES = 20;
const sizes =
  process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 10_000, 100_000, 1_000_000];
const random = () => Math.random() + Math.random() + Math.random() - 1.5; // near enough to normal

console.log(`machine: ${machine()}`);
for (const photos of sizes) {
  const model = { id: `made-up-${photos}`, revision: 'bench', dimension: D };
  const store = new PhotoStore(join(benchFolder, 'search'));
  const table = await store.open(model);
  if ((await table.countRows()) !== photos) await fill(photos);
  await ensureVectorIndex(table, D, console.error);
  const rows = await table
    .takeOffsets(Array.from({ length: QUERIES }, (_, i) => Math.floor((i * photos) / QUERIES)))
    .select(['embedding'])
    .toArray();
  const queries = rows.map((row) =>
    Float32Array.from(row.embedding as Iterable<number>, (x) => x + 0.05 * (Math.random() - 0.5)),
  );
  const isExact = photos <= MAX_EXACT_PHOTOS;
  const opened = performance.now();
  const library = isExact ? await openLibrary(store, model) : undefined;
  const opening = performance.now() - opened;
  const search = (query: Float32Array) => library?.search(query, 10) ?? searchPhotos(store, model, query, 10);
  for (const query of queries) await search(query); // warm
  const times: number[] = [];
  let hits = 0;
  for (const query of queries) {
    const started = performance.now();
    const found = await search(query);
    times.push(performance.now() - started);
    const exact = await table
      .query()
      .nearestTo(query)
      .distanceType('cosine')
      .bypassVectorIndex()
      .select(['path', '_distance'])
      .limit(10)
      .toArray();
    hits += found.filter((photo) => exact.some((row) => row.path === photo.path)).length;
  }
  times.sort((a, b) => a - b);
  const [median, slow] = [times[QUERIES / 2]!, times[Math.floor(QUERIES * 0.9)]!];
  console.log(
    `${photos.toLocaleString('en')} photos, ${isExact ? `exact, opened in ${opening.toFixed(0)} ms` : 'index'}: ` +
      `${median.toFixed(1)} ms a search (nine in ten below ${slow.toFixed(1)}), recall@10 ${(hits / (10 * QUERIES)).toFixed(3)}, ` +
      `memory ${memory().resident.toFixed(0)} MB`,
  );
  await library?.close();

  async function fill(count: number): Promise<void> {
    await table.delete('true');
    const centers = Float32Array.from({ length: CLUSTERS * D }, random);
    for (let start = 0; start < count; start += 20_000) {
      const n = Math.min(20_000, count - start);
      const data = new Float32Array(n * D);
      for (let i = 0; i < n; i++) {
        const center = Math.floor(Math.random() * CLUSTERS) * D;
        let sum = 0;
        for (let j = 0; j < D; j++) {
          const value = centers[center + j]! + 0.8 * (Math.random() - 0.5);
          data[i * D + j] = value;
          sum += value * value;
        }
        for (let j = 0; j < D; j++) data[i * D + j]! /= Math.sqrt(sum);
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
}
