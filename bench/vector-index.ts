/**
 * Time, memory and recall of the approximate index: how long it takes to build, how it finds what an exact search finds,
 * and how long a search takes; for embeddings of real photos (Toybox's, of a folder, each mixed with another one and
 * jittered), for clusters, and for vectors without any order, which are the hardest that there are. Rows that join later
 * are searched too.
 *
 *     npx tsx bench/vector-index.ts [embeddings] [photos|clusters|uniform ...] [--pq]
 *     npx tsx bench/vector-index.ts 1000000 uniform --queries 10 --probes 250
 *
 * `--pq` builds it by product quantisation first, as LanceDB's defaults have it. `--cells`, `--bits`, `--iterations`
 * and `--sample` build it otherwise than polar does, `--probes` looks into as many cells, `--refine` ranks as many times
 * the wanted results again. Of a million embeddings most of the time goes to the exact searches, so fewer queries.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Index, type Table } from '@lancedb/lancedb';
import { buildVectorIndex, INDEX_PROBES, INDEX_REFINE, PhotoStore } from '../src/library/photo-store.ts';
import { scanPhotos } from '../src/library/scan.ts';
import { rowOf } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { clusters, type DrawRow, fillTable, uniform } from './fill-table.ts';
import { forgetPeak, machine, memory } from './machine.ts';

const D = 768; // of the made-up ones; Toybox's have 192
const TOP = 10;
const { values, positionals } = parseArgs({
  options: {
    pq: { type: 'boolean' },
    cells: { type: 'string' },
    bits: { type: 'string' },
    iterations: { type: 'string' },
    sample: { type: 'string' },
    queries: { type: 'string', default: '30' },
    probes: { type: 'string', multiple: true, default: ['10', '50', String(INDEX_PROBES)] },
    refine: { type: 'string', default: String(INDEX_REFINE) },
  },
  allowPositionals: true,
});
const chosen = (text: string | undefined) => (text === undefined ? undefined : Number(text));
const settings = {
  cells: chosen(values.cells),
  bits: chosen(values.bits),
  iterations: chosen(values.iterations),
  sampleRate: chosen(values.sample),
};
const QUERIES = Number(values.queries);
const PROBES = values.probes.map(Number);
const REFINE = Number(values.refine);
const [size = '250000', ...wanted] = positionals;
const count = Number(size);
const kinds: Record<string, () => Promise<{ dimension: number; draw: DrawRow }>> = {
  photos: likePhotos,
  clusters: async () => ({ dimension: D, draw: clusters(D) }),
  uniform: async () => ({ dimension: D, draw: uniform }),
};

console.log(`machine: ${machine()}; ${count} embeddings`);
const base = await mkdtemp(join(tmpdir(), 'polar-vectors-'));
const store = new PhotoStore(base);
try {
  for (const kind of wanted.length > 0 ? wanted : Object.keys(kinds)) {
    const { dimension, draw } = await kinds[kind]!();
    const model = { id: kind, revision: 'bench', dimension };
    const table = await store.open(model);
    console.log(`${kind}: filled in ${await timed(() => fillTable(table, model, count, draw))}`);
    await table.optimize();
    const queries = Array.from({ length: QUERIES }, () => {
      const query = new Float32Array(dimension);
      draw(query);
      return query;
    });
    const right: string[][] = [];
    for (const query of queries) right.push(await paths(nearest(table, query).bypassVectorIndex()));
    if (values.pq) {
      const config = Index.ivfPq({
        distanceType: 'cosine',
        numPartitions: Math.round(Math.sqrt(count)),
        numSubVectors: dimension / 8,
      });
      const built = await timed(() => table.createIndex('embedding', { config }));
      await report(table, queries, right, `${kind} x ${dimension}, as it was: built in ${built}`);
      for (const { name } of await table.listIndices()) await table.dropIndex(name);
    }
    forgetPeak();
    const built = await timed(() => buildVectorIndex(table, count, settings));
    const peak = `${memory().peak.toFixed(0)} MB at the peak`;
    await report(table, queries, right, `${kind} x ${dimension}: built in ${built}, ${peak}`);
  }
} finally {
  await rm(base, { recursive: true });
}

/** Toybox's embeddings of real photos; each row is one of them, a share of another one, and a jitter. */
async function likePhotos() {
  const folder = process.env.POLAR_BENCH_PHOTOS ?? fileURLToPath(new URL('../test/photos', import.meta.url));
  const clip = await loadClip('toybox');
  const files = (await scanPhotos(folder)).photos.map(({ path }) => path);
  const embeddings = await clip.encodeImages(files, { orientation: 'honour' });
  await clip.close();
  const any = () => rowOf(embeddings, Math.floor(Math.random() * embeddings.rows));
  const { columns: dimension } = embeddings;
  const draw: DrawRow = (row) => {
    const [one, other] = [any(), any()];
    const jitter = (0.5 * Math.hypot(...one)) / Math.sqrt(dimension);
    for (let j = 0; j < dimension; j++) {
      row[j] = one[j]! + 0.4 * other[j]! + jitter * (Math.random() + Math.random() + Math.random() - 1.5);
    }
  };
  return { dimension, draw };
}

function nearest(table: Table, query: Float32Array) {
  return table.query().nearestTo(query).distanceType('cosine').limit(TOP).select(['path', '_distance']);
}

async function paths(query: ReturnType<typeof nearest>): Promise<string[]> {
  return (await query.toArray()).map(({ path }) => path as string);
}

/** Seconds, and those of all cores' work. */
async function timed(work: () => Promise<unknown>): Promise<string> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return `${((performance.now() - started) / 1000).toFixed(1)} s (${((user + system) / 1e6).toFixed(1)} s of all cores' work)`;
}

async function report(
  table: Table,
  queries: readonly Float32Array[],
  right: readonly (readonly string[])[],
  title: string,
): Promise<void> {
  console.log(title);
  forgetPeak();
  for (const probes of PROBES) {
    const times: number[] = [];
    let hits = 0;
    for (const [i, query] of queries.entries()) {
      const started = performance.now();
      const found = await paths(nearest(table, query).nprobes(probes).refineFactor(REFINE));
      times.push(performance.now() - started);
      hits += found.filter((path) => right[i]!.includes(path)).length;
    }
    times.sort((a, b) => a - b);
    console.log(
      `  ${probes} cells, ${REFINE * TOP} candidates: recall@${TOP} ${(hits / (TOP * QUERIES)).toFixed(3)}, ` +
        `${times[Math.floor(QUERIES / 2)]!.toFixed(1)} ms a search (fastest ${times[0]!.toFixed(1)})`,
    );
  }
  console.log(`  memory of searching at the peak ${memory().peak.toFixed(0)} MB`);
}
