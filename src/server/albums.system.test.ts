import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './server.fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

it('a search is kept over HTTP, says what is new, and is forgotten', async () => {
  const body = { name: 'Dogs', sentence: 'a dog', without: ['a cat'], relevance: 'weak' };
  const saved = await server.send('/api/albums', { body });
  const { total } = (await server.send('/api/search', { body: { sentence: 'a dog' } })).json;
  expect(saved.json).toEqual({
    ...{ ...body, after: null, before: null, folder: null, looked: null },
    ...{ photos: total, new: total },
  });
  expect((await server.send('/api/albums', { body })).json).toMatchObject({
    code: 'exists',
    message: { code: 'album.taken', about: 'Dogs' },
  });
  const long = { ...body, name: 'x'.repeat(101) };
  expect((await server.send('/api/albums', { body: long })).json.message).toMatchObject({
    code: 'server.long',
    values: { most: '100' },
    about: 'name',
  });
  const looked = await server.send('/api/albums/Dogs/looked', { method: 'POST' });
  const { album, photos } = looked.json;
  expect(album).toMatchObject({ new: 0, photos: total, looked: expect.any(Number) });
  expect(photos).toHaveLength(total);
  expect(photos[0]).toMatchObject({ isNew: true, relevance: expect.any(String), copies: 1 });
  expect((await server.send('/api/albums')).json).toEqual([album]);
  const again = (await server.send('/api/albums/dogs/looked', { method: 'POST' })).json;
  expect(again.photos).toEqual(photos.map((photo: object) => ({ ...photo, isNew: false })));
  expect((await server.send('/api/albums', { body: { ...body, name: ' ' } })).status).toBe(400);
  const none = await server.send('/api/albums/None/looked', { method: 'POST' });
  expect(none).toMatchObject({ status: 404, json: { message: { code: 'album.none', about: 'None' } } });
  const rename = { method: 'PATCH', body: { name: 'My dogs' } };
  expect((await server.send('/api/albums/Dogs', rename)).json).toEqual({ ...again.album, name: 'My dogs' });
  expect((await server.send('/api/albums/My%20dogs', { method: 'DELETE' })).status).toBe(200);
  expect((await server.send('/api/albums')).json).toEqual([]);
  expect((await server.send('/api/albums/Dogs/restored', { method: 'POST' })).status).toBe(404);
  const back = await server.send('/api/albums/My%20dogs/restored', { method: 'POST' });
  expect(back.json).toMatchObject({ name: 'My dogs', new: 0, photos: total });
});

it('a photo is made a favourite by its id, and no longer one', async () => {
  const [{ id }] = (await server.send('/api/photos')).json.photos;
  expect((await server.send(`/api/photos/${id}/favourite`, { method: 'PUT' })).status).toBe(200);
  expect((await server.send('/api/favourites')).json).toEqual([id]);
  const { photos } = (await server.send('/api/photos?favourites=true')).json;
  expect(photos.map((photo: { id: string }) => photo.id)).toEqual([id]);
  await server.send(`/api/photos/${id}/favourite`, { method: 'DELETE' });
  expect((await server.send('/api/favourites')).json).toEqual([]);
  expect((await server.send('/api/photos/none/favourite', { method: 'PUT' })).status).toBe(404);
});
