/**
 * How long a search takes over libraries of made-up embeddings (clusters of like photos, 768 numbers each): exact in
 * memory up to `MAX_EXACT_PHOTOS`, by the index beyond, with its recall@10 against exact search and the memory used;
 * each size in a process of its own. Draws how both grow. Filling and indexing a million takes some minutes and 4 GB
 * of disk; the tables are kept for the next run.
 *
 *     npx tsx bench/search.ts [photos ...]            all of it, and docs/pictures/search-growth.svg
 *     npx tsx bench/search.ts prepare [photos ...]    only fills and indexes
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { openInMemory } from '../src/library/in-memory.ts';
import { ensureVectorIndex, MAX_EXACT_PHOTOS, PhotoStore } from '../src/library/photo-store.ts';
import { PhotoTable } from '../src/library/search.ts';
import { fillTable } from './fill-table.ts';
import { benchFolder, machine, memory } from './machine.ts';

const D = 768;
const QUERIES = 50;
const TOP = 10;
const SIZES = [1_000, 10_000, 100_000, 200_000, 250_000, 500_000, 1_000_000];
const self = fileURLToPath(import.meta.url);
const drawing = fileURLToPath(new URL('../docs/pictures/search-growth.svg', import.meta.url));

/** What one size gave. */
interface Measured {
  readonly photos: number;
  readonly kind: 'exact, in memory' | 'index, on disk';
  /** Milliseconds until the first search can begin. */
  readonly opening: number;
  /** Milliseconds of a search: the median, and what nine in ten stay below. */
  readonly median: number;
  readonly slow: number;
  readonly recall: number;
  /** Peak of the whole process, MB. */
  readonly peak: number;
  /** Bytes of the table on disk, without the index. */
  readonly bytes: number;
}

const store = new PhotoStore(join(benchFolder, 'search'));
const modelOf = (photos: number) => ({ id: `made-up-${photos}`, revision: 'bench', dimension: D });
const [task, ...rest] = process.argv.slice(2);
if (task === 'measure') console.log(JSON.stringify(await measure(Number(rest[0]))));
else if (task === 'prepare') for (const size of sizesOf(rest)) await prepare(size);
else await run(sizesOf(process.argv.slice(2)));

function sizesOf(args: readonly string[]): number[] {
  return args.length > 0 ? args.map(Number) : SIZES;
}

async function run(sizes: readonly number[]): Promise<void> {
  console.log(`machine: ${machine()}`);
  const rows: Measured[] = [];
  for (const photos of sizes) {
    await prepare(photos);
    const line = execFileSync(process.execPath, ['--import', 'tsx', self, 'measure', String(photos)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const row = JSON.parse(line) as Measured;
    rows.push(row);
    console.log(
      `${photos.toLocaleString('en')} photos, ${row.kind}, opened in ${row.opening.toFixed(0)} ms: ` +
        `${row.median.toFixed(1)} ms a search (nine in ten below ${row.slow.toFixed(1)}), ` +
        `recall@${TOP} ${row.recall.toFixed(3)}, memory at the peak ${row.peak.toFixed(0)} MB, ${Math.round(row.bytes / photos)} bytes a photo on disk`,
    );
  }
  await draw(rows);
  console.log(`drawn: ${drawing}`);
}

async function prepare(photos: number): Promise<void> {
  const model = modelOf(photos);
  const table = await store.open(model);
  if ((await table.countRows()) !== photos) {
    await fillTable(table, model, photos);
    await table.optimize();
  }
  const started = performance.now();
  const before = (await table.listIndices()).length;
  await ensureVectorIndex(table, console.error);
  if ((await table.listIndices()).length > before) {
    console.error(
      `index over ${photos} photos built in ${Math.round((performance.now() - started) / 1000)} s`,
    );
  }
}

async function measure(photos: number): Promise<Measured> {
  const model = modelOf(photos);
  const table = await store.open(model);
  const rows = await table
    .takeOffsets(Array.from({ length: QUERIES }, (_, i) => Math.floor((i * photos) / QUERIES)))
    .select(['embedding'])
    .toArray();
  const queries = rows.map((row) =>
    Float32Array.from(row.embedding as Iterable<number>, (x) => x + 0.05 * (Math.random() - 0.5)),
  );
  const isExact = photos <= MAX_EXACT_PHOTOS;
  const opened = performance.now();
  const library = isExact ? await openInMemory(store, model) : undefined;
  const search = async (query: Float32Array) =>
    (library ?? (await PhotoTable.open(store, model))).search(query, TOP);
  await search(queries[0]!);
  const opening = performance.now() - opened;
  const times: number[] = [];
  const answers: string[][] = [];
  for (const query of queries) {
    const started = performance.now();
    const found = await search(query);
    times.push(performance.now() - started);
    answers.push(found.map((photo) => photo.path));
  }
  const { peak } = memory(); // before the scans of the whole table, which tell what is right
  let hits = 0;
  for (const [index, query] of queries.entries()) {
    const exact = await table
      .query()
      .nearestTo(query)
      .distanceType('cosine')
      .bypassVectorIndex()
      .select(['path', '_distance'])
      .limit(TOP)
      .toArray();
    hits += answers[index]!.filter((path) => exact.some((row) => row.path === path)).length;
  }
  await library?.close();
  times.sort((a, b) => a - b);
  return {
    photos,
    kind: isExact ? 'exact, in memory' : 'index, on disk',
    opening,
    median: times[QUERIES / 2]!,
    slow: times[Math.floor(QUERIES * 0.9)]!,
    recall: hits / (TOP * QUERIES),
    peak,
    bytes: (await table.stats()).totalBytes,
  };
}

/** Time and memory against the number of photos, both axes logarithmic. */
async function draw(rows: readonly Measured[]): Promise<void> {
  const values = rows.flatMap(({ photos, kind, median, peak }) => [
    { photos, kind, what: 'milliseconds a search', value: median },
    { photos, kind, what: 'MB of memory at the peak', value: peak },
  ]);
  const spec: TopLevelSpec = {
    data: { values },
    facet: { column: { field: 'what', type: 'nominal', title: null, sort: 'descending' } },
    spec: {
      width: 300,
      height: 240,
      mark: { type: 'line', point: true, strokeWidth: 2 },
      encoding: {
        x: { field: 'photos', type: 'quantitative', scale: { type: 'log' }, axis: { format: '~s' } },
        y: { field: 'value', type: 'quantitative', scale: { type: 'log' }, title: null },
        color: { field: 'kind', type: 'nominal', title: null, scale: { range: ['#b4512b', '#3c6e91'] } },
      },
    },
    resolve: { scale: { y: 'independent' } },
    config: { background: '#fafaf8', font: 'system-ui, sans-serif', view: { stroke: null } },
  };
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' });
  mkdirSync(join(drawing, '..'), { recursive: true });
  writeFileSync(drawing, await view.toSVG());
  view.finalize();
}
