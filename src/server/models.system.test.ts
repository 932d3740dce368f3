import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PHOTOS, TINY_CLIP } from '../../test/data.ts';
import { chosenModel } from '../node/chosen-model.ts';
import { type FakeHub, startFakeHub } from '../node/hub/fake-hub.fixture.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';

let folder: string;
let hub: FakeHub;
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-models-'));
  const names = await readdir(TINY_CLIP);
  const files = await Promise.all(
    names.map(async (name) => [name, await readFile(join(TINY_CLIP, name))] as const),
  );
  hub = await startFakeHub(new Map(files));
  const acme = {
    name: 'acme/tiny',
    id: 'acme/tiny',
    megabytes: 5,
    memory: 5,
    languages: 'English',
    licence: 'mit',
    recall: null,
    use: 'photos',
  } as const;
  const source = { recommended: [acme], access: { endpoint: hub.url, cacheFolder: join(folder, 'cache') } };
  server = await startTestServer({ model: 'toybox', things: ['dog'], source });
}, 120_000);
afterAll(async () => {
  await server?.close();
  await hub?.close();
  await rm(folder, { recursive: true, force: true });
});

const state = async () => (await server.send('/api/state')).json;
const use = (model: string) => server.send('/api/job', { body: { model } });

it('where Toybox has read photographs, a model for photos is recommended, with its size and licence', async () => {
  expect((await state()).advice).toMatchObject({
    name: 'acme/tiny',
    megabytes: 5,
    licence: 'mit',
    cached: false,
  });
});

it('a model is fetched with a pause, reads all folders anew, and answers when it is done; others hear of it', async () => {
  const end = new AbortController();
  const told: number[] = [];
  const listening = (async () => {
    for await (const turn of server.events('/api/changes', {}, end.signal)) told.push(Number(turn));
  })();
  hub.trouble.slow = { bytes: 300_000, every: 100 };
  expect((await use('acme/tiny')).json).toMatchObject({ state: 'running', request: { model: 'acme/tiny' } });
  await expect.poll(async () => (await state()).job.done, { timeout: 20_000 }).toBeGreaterThan(2);
  const during = await server.send('/api/search', { body: { sentence: 'a dog' } });
  expect(during.json).toMatchObject({ total: (await state()).photos });
  await server.send('/api/job', { method: 'DELETE' });
  expect((await state()).job).toMatchObject({ state: 'stopped', unit: 'MB' });
  expect((await state()).model).toBe('toybox');

  delete hub.trouble.slow;
  await use('acme/tiny');
  await expect.poll(async () => (await state()).job.state, { timeout: 60_000 }).toBe('done');
  expect(hub.requests.some(({ range }) => range !== undefined)).toBe(true); // it went on where it was stopped
  const after = await state();
  expect(after).toMatchObject({ model: 'acme/tiny', advice: null });
  expect(after.job.messages[0].text).toBe(`acme/tiny answers now, from ${after.photos} photos`);
  expect(await chosenModel(server.home)).toMatch(/^acme\/tiny@[0-9a-f]{40}$/);
  expect((await server.send('/api/search', { body: { sentence: 'a dog' } })).json.total).toBe(after.photos);
  end.abort();
  await listening;
  expect(told.length).toBeGreaterThan(2);
});

it('the model in use cannot be removed; once another one is used it can', async () => {
  const remove = (name: string) =>
    server.send(`/api/models?name=${encodeURIComponent(name)}`, { method: 'DELETE' });
  expect(await remove('acme/tiny')).toMatchObject({
    status: 400,
    json: { error: 'acme/tiny is in use; choose another model first', code: 'busy' },
  });
  await use('toybox');
  await expect.poll(async () => (await state()).job.state, { timeout: 60_000 }).toBe('done');
  expect((await state()).model).toBe('toybox');
  expect((await remove('acme/tiny')).json).toContainEqual(
    expect.objectContaining({ name: 'acme/tiny', cached: false, used: false }),
  );
});

it('a folder that is watched is read again when a photo comes, and a folder is taken out', async () => {
  const [{ path, watched }] = (await server.send('/api/library')).json;
  expect(watched).toBe(false);
  const { photos } = await state();
  const watch = (isWatched: boolean) =>
    server.send('/api/library', { method: 'PATCH', body: { path, watch: isWatched } });
  expect((await watch(true)).status).toBe(200);
  await cp(join(PHOTOS, 'cat'), join(server.photos, 'cat'), { recursive: true });
  await expect.poll(async () => (await state()).photos, { timeout: 40_000 }).toBeGreaterThan(photos);
  await watch(false);
  const out = await server.send(`/api/library?path=${encodeURIComponent(path)}`, { method: 'DELETE' });
  expect(out.json.photos).toBeGreaterThan(photos);
  expect(await state()).toMatchObject({ photos: 0, folders: [] });
});
