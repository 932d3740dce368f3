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

it('an album keeps what was seen of it under another name, and when it is removed and brought back', async () => {
  const albums = new AlbumStore(file);
  await albums.save(question('Rex'));
  await albums.save(question('Mimi'));
  await albums.look('Rex', [hash('a')]);
  await albums.rename('rex', 'REX'); // its own name is not in its way
  await expect(albums.rename('Rex', 'mimi')).rejects.toMatchObject({ code: 'exists' });
  await albums.rename('Rex', 'My dog');
  await albums.remove('my dog');
  await expect(albums.rename('My dog', 'Rex')).rejects.toMatchObject({ code: 'not-found' });
  await expect(albums.restore('Rex')).rejects.toMatchObject({ code: 'not-found' });
  await new AlbumStore(file).restore('MY DOG');
  expect(await albums.get('My dog')).toMatchObject({ name: 'My dog', seen: [hash('a')] });
  await albums.remove('My dog');
  await albums.save(question('My dog'));
  await expect(albums.restore('My dog')).rejects.toMatchObject({ code: 'exists' });
});

it('an album that could not be read again is not kept', async () => {
  const albums = new AlbumStore(file);
  await albums.save(question('Rex'));
  await expect(albums.save({ ...question('Mimi'), sentence: 'a'.repeat(1001) })).rejects.toThrow(
    /^an album's sentence: /,
  );
  await expect(albums.rename('Rex', '')).rejects.toThrow(/^an album's name: /);
  expect(await albums.list()).toHaveLength(1);
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
