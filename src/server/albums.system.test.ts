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
  expect((await server.send('/api/albums', { body })).json).toMatchObject({ code: 'exists' });
  const looked = await server.send('/api/albums/Dogs/looked', { method: 'POST' });
  expect(looked.json).toMatchObject({ new: 0, photos: total, looked: expect.any(Number) });
  expect((await server.send('/api/albums')).json).toEqual([looked.json]);
  expect((await server.send('/api/albums', { body: { ...body, name: ' ' } })).status).toBe(400);
  expect((await server.send('/api/albums/None/looked', { method: 'POST' })).status).toBe(404);
  expect((await server.send('/api/albums/Dogs', { method: 'DELETE' })).status).toBe(200);
  expect((await server.send('/api/albums')).json).toEqual([]);
});

it('a photo is made a favourite by its id, and no longer one', async () => {
  const [{ id }] = (await server.send('/api/photos')).json.photos;
  expect((await server.send(`/api/photos/${id}/favourite`, { method: 'PUT' })).status).toBe(200);
  expect((await server.send('/api/favourites')).json).toEqual([id]);
  await server.send(`/api/photos/${id}/favourite`, { method: 'DELETE' });
  expect((await server.send('/api/favourites')).json).toEqual([]);
  expect((await server.send('/api/photos/none/favourite', { method: 'PUT' })).status).toBe(404);
});
