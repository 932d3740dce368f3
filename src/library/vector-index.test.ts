import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { matrixOf, normalizeRows, rowOf } from '../matrix.ts';
import { PythonRandom } from '../polar/random/python.ts';
import { buildVectorIndex, INDEX_PROBES, INDEX_REFINE, PhotoStore, writePhotos } from './photo-store.ts';

const base = await mkdtemp(join(tmpdir(), 'polar-vector-index-'));
afterAll(() => rm(base, { recursive: true }));

it('the approximate index finds what an exact search finds, and photos that join later without a rebuild', async () => {
  const model = { id: 'made-up', revision: '1', dimension: 64 };
  const random = new PythonRandom(0);
  const draw = (count: number) =>
    normalizeRows(
      matrixOf(
        Float32Array.from({ length: count * 64 }, () => random.random() - 0.5),
        64,
      ),
    );
  const rows = (embeddings: ReturnType<typeof draw>, prefix: string) =>
    Array.from({ length: embeddings.rows }, (_, i) => ({
      path: `/${prefix}/${i}.jpg`,
      hash: `${prefix}${i}`,
      size: 1,
      mtime: 0,
      ctime: 0,
      width: 1,
      height: 1,
      embedding: rowOf(embeddings, i),
      reason: null,
      taken: null,
      latitude: null,
      longitude: null,
      dateFrom: null,
      at: null,
      still: null,
    }));
  const table = await new PhotoStore(base).open(model);
  await writePhotos(table, model, rows(draw(6200), 'old'), () => 0);
  await buildVectorIndex(table, 6200); // two cells
  const [index] = await table.listIndices();
  expect(index).toMatchObject({ columns: ['embedding'], indexType: 'IvfRq' });

  const queries = draw(20);
  const search = async (query: Float32Array, isExact: boolean, top = 10): Promise<string[]> => {
    const nearest = table.query().nearestTo(query).distanceType('cosine').limit(top);
    const found = isExact
      ? nearest.bypassVectorIndex()
      : nearest.nprobes(INDEX_PROBES).refineFactor(INDEX_REFINE);
    return (await found.select(['path', '_distance']).toArray()).map(({ path }) => path as string);
  };
  let hits = 0;
  for (let i = 0; i < queries.rows; i++) {
    const right = await search(rowOf(queries, i), true);
    hits += (await search(rowOf(queries, i), false)).filter((path) => right.includes(path)).length;
  }
  expect(hits / (10 * queries.rows)).toBeGreaterThanOrEqual(0.95);

  const late = draw(5);
  await writePhotos(table, model, rows(late, 'new'), () => 0);
  const findLate = async () => {
    for (let i = 0; i < late.rows; i++) {
      expect(await search(rowOf(late, i), false, 1)).toEqual([`/new/${i}.jpg`]);
    }
  };
  await findLate();
  await table.optimize();
  expect(await table.indexStats(index!.name)).toMatchObject({ numIndexedRows: 6205, numUnindexedRows: 0 });
  await findLate();
}, 60_000);
