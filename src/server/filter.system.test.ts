import { copyFile, mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { photo } from '../../test/data.ts';
import type { PhotoFilter } from '../library/filter.ts';
import { indexPhotos } from '../library/index-photos.ts';
import { PhotoTable } from '../library/search.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';

const noon = (year: number, month: number) => Date.UTC(year, month - 1, 15, 12);

describe('photos narrowed down by their days and folder', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ things: [] });
    await mkdir(join(server.photos, 'trips'), { recursive: true });
    await sharp(photo('cat/00'))
      .withExif({ IFD2: { DateTimeOriginal: '2021:06:15 12:00:00' } })
      .jpeg()
      .toFile(join(server.photos, 'trips', 'dated.jpg'));
    await copyFile(photo('dog/00'), join(server.photos, 'a-copy.jpg'));
    await copyFile(photo('dog/00'), join(server.photos, 'trips', 'undated.jpg'));
    for (const name of ['a-copy.jpg', 'trips/undated.jpg']) {
      await utimes(join(server.photos, name), 0, noon(2001, 3) / 1000);
    }
    await indexPhotos(server.context.store, server.context.clip, server.photos);
    await server.context.library.refresh();
  });
  afterAll(() => server.close());

  const filters: readonly [what: string, filter: Omit<PhotoFilter, 'near' | 'folder'>, folder: string][] = [
    ['before 2010', { before: noon(2010, 1) }, ''],
    ['after 2010', { after: noon(2010, 1) }, ''],
    ['in March 2001', { after: noon(2001, 2), before: noon(2001, 4) }, ''],
    ['in one folder', {}, 'trips'],
    ['before 2010 in one folder', { before: noon(2010, 1) }, 'trips'],
    ['in a folder whose name begins alike', {}, 'trip'],
  ];

  it.each(filters)('%s: the wall, a search of the app and one of the command agree', async (_, days, at) => {
    const folder = at === '' ? undefined : join(server.photos, at);
    const filter = { ...days, folder };
    const table = await PhotoTable.open(server.context.store, server.context.clip);
    const onDisk = await table.search(new Float32Array(server.context.clip.dimension).fill(1), 9, filter);
    const paths = onDisk.map(({ path }) => path).sort();
    const found = (await server.send('/api/search', { body: { sentence: 'a dog', ...filter } })).json;
    expect(await placesOf(found.photos)).toEqual(paths);
    expect(found.total).toBe(paths.length);
    expect(found.photos.map(({ copies }: { copies: number }) => copies).sort()).toEqual(
      onDisk.map(({ copies }) => copies).sort(),
    );
    const asked = new URLSearchParams();
    for (const [name, value] of Object.entries(filter)) {
      if (value !== undefined) asked.set(name, String(value));
    }
    const listed = (await server.send(`/api/photos?${asked}`)).json;
    expect(new Set((await placesOf(listed.photos)).map(contentOf))).toEqual(new Set(paths.map(contentOf)));
  });

  it('a photo that does not say when it was taken counts from the time of its file', async () => {
    const { photos } = (await server.send('/api/photos')).json;
    expect(photos.map(({ name }: { name: string }) => name)).toEqual([
      'dated.jpg',
      'a-copy.jpg',
      'undated.jpg',
    ]);
    const before = (await server.send(`/api/photos?before=${noon(2010, 1)}`)).json;
    expect(before.photos.map(({ name }: { name: string }) => name)).toEqual(['a-copy.jpg', 'undated.jpg']);
  });

  const placesOf = async (photos: readonly { id: string }[]): Promise<string[]> =>
    server.context.library.use(({ byId }) => photos.map(({ id }) => byId.get(id)!.path).sort());
  const contentOf = (path: string): string => (path.endsWith('/dated.jpg') ? 'cat' : 'dog');
});
