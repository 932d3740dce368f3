import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type AlbumQuestion, AlbumStore } from './album-store.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-albums-'));
  file = join(folder, 'albums.json');
});
afterEach(() => rm(folder, { recursive: true }));

const question = (name: string): AlbumQuestion => ({
  ...{ name, sentence: `${name} in the snow`, not: ['a cat'], relevance: 'strong' },
  ...{ after: null, before: null, folder: null, near: { latitude: 48, longitude: 11, kilometres: 5 } },
});
const hash = (digit: string) => digit.repeat(64);

it('albums are kept, looked at and removed, and the next one who opens the file sees them', async () => {
  const albums = new AlbumStore(file);
  expect(await albums.list()).toEqual([]);
  await albums.save(question('Rex'));
  await albums.save(question('Mimi'));
  await expect(albums.save(question('rex'))).rejects.toMatchObject({ code: 'exists' });
  await albums.look('REX', [hash('a'), hash('b'), hash('a')]);
  const [mimi, rex] = await new AlbumStore(file).list();
  expect(mimi).toEqual({ ...question('Mimi'), looked: null, seen: [] });
  expect(rex).toEqual({ ...question('Rex'), looked: expect.any(Number), seen: [hash('a'), hash('b')] });
  await albums.remove('Rex');
  await expect(albums.get('Rex')).rejects.toMatchObject({ code: 'not-found' });
  expect(await readdir(folder)).toEqual(['albums.json']); // no lock and nothing half-written is left
});

it('changes that are made at the same time are all kept', async () => {
  const stores = [new AlbumStore(file), new AlbumStore(file)];
  await Promise.all(
    Array.from({ length: 6 }, (_, index) => stores[index % 2]!.save(question(`album ${index}`))),
  );
  expect(await stores[0]!.list()).toHaveLength(6);
});

it('favourites are contents, so that copies and moved photos are favourites too', async () => {
  const albums = new AlbumStore(file);
  await albums.setFavourites([hash('a'), hash('b')], true);
  await albums.setFavourites([hash('a')], false);
  expect([...(await albums.favourites())]).toEqual([hash('b')]);
});

it('a damaged file is refused and stays as it is', async () => {
  for (const text of ['{', '{"version":1,"albums":[{"name":7}],"favourites":[]}', '{"version":2}']) {
    await writeFile(file, text);
    const albums = new AlbumStore(file);
    await expect(albums.list()).rejects.toMatchObject({ code: 'unreadable' });
    await expect(albums.save(question('Rex'))).rejects.toThrow(/damaged/);
    expect(await readFile(file, 'utf8')).toBe(text);
  }
});
