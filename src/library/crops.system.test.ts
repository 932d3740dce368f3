import { copyFile, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { photo, TINY_CLIP } from '../../test/data.ts';
import { rowOf } from '../matrix.ts';
import { loadClip } from '../node/load-clip.ts';
import { findDuplicates } from './duplicates/find-duplicates.ts';
import { openInMemory } from './in-memory.ts';
import { indexPhotos } from './index-photos.ts';
import { PhotoStore } from './photo-store.ts';
import { knownEmbeddings } from './reading/known-embeddings.ts';
import { PhotoTable } from './search.ts';

it('a photo that is indexed with its crops is one photo, found by its best part, and leaves no row behind', async () => {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'polar-crops-')));
  const [folder, store, clip] = [
    join(base, 'in'),
    new PhotoStore(join(base, 'index')),
    await loadClip(TINY_CLIP),
  ];
  const rows = async () => {
    const found = await (await store.find(clip))!
      .query()
      .select(['path', 'still', 'hash', 'embedding'])
      .toArray();
    return found.map((row) => row.toJSON() as { path: string; still: number | null; hash: string });
  };
  const paths = async () => (await rows()).map(({ path }) => path.slice(folder.length + 1)).sort();
  const [a, b] = [join(folder, 'a.jpg'), join(folder, 'b.jpg')];
  await mkdir(folder);
  await copyFile(photo('dog6/00'), a);
  await copyFile(photo('cat/00'), b);
  expect(await indexPhotos(store, clip, folder, { crops: true })).toMatchObject({ found: 2, added: 2 });
  expect(await paths()).toEqual([...Array(6).fill('a.jpg'), ...Array(6).fill('b.jpg')]);

  const whole = await clip.encodeImages([a], { orientation: 'honour' });
  const table = await PhotoTable.open(store, clip);
  const memory = await openInMemory(store, clip);
  expect([table.count, memory.count]).toEqual([2, 2]);
  const part = memory.photos.findIndex(({ path, still }) => path === a && still === 3);
  const byPart = memory.embeddingOf(part);
  for (const photos of [table, memory]) {
    const hits = await photos.search(byPart, 10);
    expect(hits.map(({ path, at, copies }) => [path, at, copies])).toEqual([
      [a, null, 1],
      [b, null, 1],
    ]);
    expect(hits[0]!.score).toBeCloseTo(1, 4); // the part, not the whole photo
  }
  expect((await findDuplicates(memory)).groups).toEqual([]);
  await memory.close();
  // Learning takes the whole photo, whatever else is indexed of it.
  const { hash } = (await rows()).find(({ path }) => path === a)!;
  const learnt = (await knownEmbeddings(store, clip)([hash])).get(hash)!;
  const norm = Math.hypot(...rowOf(whole, 0));
  expect(learnt.reduce((sum, x, i) => sum + (x * rowOf(whole, 0)[i]!) / norm, 0)).toBeGreaterThan(0.999);

  await copyFile(photo('cat/00'), join(folder, 'copy.jpg'));
  await copyFile(photo('vase/00'), b); // another content, read without crops
  expect(await indexPhotos(store, clip, folder)).toMatchObject({ unchanged: 1, added: 1, recognised: 1 });
  expect(await paths()).toEqual([...Array(6).fill('a.jpg'), 'b.jpg', ...Array(6).fill('copy.jpg')]);
  await rm(a);
  await copyFile(photo('can/00'), b);
  expect(await indexPhotos(store, clip, folder, { crops: true })).toMatchObject({ removed: 1, added: 1 });
  expect(await paths()).toEqual([...Array(6).fill('b.jpg'), ...Array(6).fill('copy.jpg')]);
  await clip.close();
  await rm(base, { recursive: true });
});
