import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PHOTOS, photo, TINY_CLIP } from '../../test/data.ts';
import { spawnPolar } from '../../test/polar.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';

// Seconds on an idle machine; CI runs other tests beside these.
vi.setConfig({ testTimeout: 180_000 });

let server: TestServer;
const search = (body: object) => server.send('/api/search', { body });
const state = async () => (await server.send('/api/state')).json;
const startJob = (body: object) => server.send('/api/job', { body });

/** Follows the job to its end. */
async function follow(): Promise<Record<string, unknown>[]> {
  const seen: Record<string, unknown>[] = [];
  for await (const event of server.events('/api/job')) seen.push(event as Record<string, unknown>);
  return seen;
}

/** Photos that are all different and cheap to make: one picture with other bytes behind its end. */
async function makePhotos(name: string, count: number): Promise<string> {
  const folder = join(server.home, name);
  await mkdir(folder, { recursive: true });
  const source = await readFile(photo('dog6/00'));
  for (let i = 0; i < count; i++) {
    await writeFile(join(folder, `${i}.jpg`), Buffer.concat([source, Buffer.from([i, i >> 8, name.length])]));
  }
  return folder;
}

describe('searches over HTTP', () => {
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.close());

  it('50 at once are all answered, equally', async () => {
    const sentences = ['a dog in the snow', 'a cat', 'a red vase on a table', 'something blue', 'a dog'];
    const alone = await Promise.all(
      sentences.map(async (sentence) => (await search({ sentence })).json.photos),
    );
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, i) => search({ sentence: sentences[i % sentences.length] })),
    );
    for (const [i, { status, json }] of replies.entries()) {
      expect(status).toBe(200);
      // Sentences that wait share a product, whose sums are in another order than those of one: seven digits agree.
      const close = (photo: { score: number }) => ({ ...photo, score: expect.closeTo(photo.score, 6) });
      expect(json.photos).toEqual(alone[i % sentences.length].map(close));
    }
    expect(alone[0]).not.toEqual(alone[1]);
  });

  it('searches over HTTP answer in parts, best first, each photo once', async () => {
    const whole = (await search({ sentence: 'a dog', limit: 1000 })).json;
    const scores = whole.photos.map(({ score }: { score: number }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(new Set(whole.photos.map(({ id }: { id: string }) => id)).size).toBe(whole.total);
    const part = (await search({ sentence: 'a dog', offset: 3, limit: 4 })).json;
    expect(part).toMatchObject({
      total: whole.total,
      photos: whole.photos.slice(3, 7),
      relevant: whole.relevant,
    });
    expect((await search({ sentence: 'a dog', offset: 1e15 })).json.photos).toEqual([]);
  });

  it('searches over HTTP find what is like a photo, and not what is like another', async () => {
    const { photos } = (await server.send('/api/photos')).json;
    const [{ id }] = photos;
    const { id: other } = photos.at(-1);
    expect((await search({ like: [id] })).json.photos[0]).toMatchObject({ id });
    expect((await search({ like: [id], not: [other] })).json.photos[0]).toMatchObject({ id });
    expect((await search({ sentence: 'a dog', like: ['0'.repeat(20)] })).status).toBe(404);
  });

  it.each<[object | string, number]>([
    [{}, 400],
    [{ sentence: '  ' }, 400],
    [{ sentence: 5 }, 400],
    [{ sentence: 'x'.repeat(1001) }, 400],
    [{ sentence: 'a dog', limit: 0 }, 400],
    [{ sentence: 'a dog', limit: 1001 }, 400],
    [{ sentence: 'a dog', offset: -1 }, 400],
    [{ sentence: 'a dog', like: Array(51).fill('x') }, 400],
    [{ sentence: 'word '.repeat(100) }, 400],
    [[], 400],
    ['{"sentence": "a dog"', 400],
    ['', 400],
    ['null', 400],
  ])('a search refuses %j in one line', async (body, status) => {
    const wire =
      typeof body === 'string' ? { body, headers: { 'content-type': 'application/json' } } : { body };
    const reply = await server.send('/api/search', { method: 'POST', ...wire });
    expect(reply.status).toBe(status);
    expect(reply.json).toMatchObject({
      error: expect.stringMatching(/^[^\n]+$/),
      code: expect.stringMatching(/^(invalid-input|too-large)$/),
    });
  });

  it('searches over HTTP refuse what is not JSON, and more than fits', async () => {
    const text = { body: '{"sentence": "a dog"}', headers: { 'content-type': 'text/plain' } };
    expect((await server.send('/api/search', text)).status).toBe(415);
    const large = {
      body: `{"sentence": "${'x'.repeat(150_000)}"}`,
      headers: { 'content-type': 'application/json' },
    };
    expect(await server.send('/api/search', large)).toMatchObject({
      status: 413,
      json: { error: 'more than 100000 bytes in a request', code: 'too-large' },
    });
  });

  it('and the photos that another process has indexed or removed are found without a restart', async () => {
    const before = await state();
    const folder = join(server.home, 'more');
    await cp(join(PHOTOS, 'can'), folder, { recursive: true });
    const index = () => spawnPolar(server.home, ['index', folder, '--model', TINY_CLIP]);
    expect((await index()).code).toBe(0);
    const after = await state();
    expect(after.photos).toBe(before.photos + (await readdir(join(PHOTOS, 'can'))).length);
    expect(after.version).not.toBe(before.version);
    expect((await search({ sentence: 'a can' })).json).toMatchObject({
      total: after.photos,
      version: after.version,
    });

    await rm(join(folder, '00.jpg'));
    expect((await index()).code).toBe(0);
    // Nobody asks for the state: the next searches notice it by themselves, soon.
    await expect
      .poll(async () => (await search({ sentence: 'a can' })).json.total, { timeout: 100_000, interval: 500 })
      .toBe(after.photos - 1);
  });

  it('searches over HTTP go on while the library is opened anew again and again', async () => {
    const folder = await makePhotos('busy', 300);
    const { library } = server.context;
    expect((await startJob({ folder })).status).toBe(200);
    let isRunning = true;
    const job = follow().finally(() => {
      isRunning = false;
    });
    while (isRunning) {
      await library.refresh();
      const replies = await Promise.all(['a dog', 'a cat', 'a can'].map((sentence) => search({ sentence })));
      for (const { status, json } of replies) {
        expect(status).toBe(200);
        expect(json.photos.length).toBe(Math.min(100, json.total));
      }
    }
    expect((await job).at(-1)).toMatchObject({ state: 'done' });
  });
});

describe('folders and jobs over HTTP', () => {
  beforeAll(async () => {
    server = await startTestServer({ things: [] });
  });
  afterAll(() => server.close());

  it('folders and jobs over HTTP begin with nothing, and say so', async () => {
    expect(await state()).toMatchObject({ photos: 0, concepts: [], folders: [], job: null, hasToybox: true });
    expect((await server.send('/api/photos')).json).toMatchObject({ total: 0, photos: [] });
    expect((await search({ sentence: 'a dog' })).json).toMatchObject({ total: 0, photos: [], relevant: 0 });
    expect(await follow()).toEqual([null]);
    expect((await server.send('/api/job', { method: 'DELETE' })).status).toBe(200);
  });

  it('folders and jobs over HTTP are looked into to choose one', async () => {
    await makePhotos('a folder/with photos', 3);
    const look = (path: string) => server.send(`/api/folders?path=${encodeURIComponent(path)}`);
    const { json } = await look(join(server.home, 'a folder'));
    expect(json).toEqual({
      path: join(server.home, 'a folder'),
      parent: server.home,
      folders: [{ name: 'with photos', path: join(server.home, 'a folder', 'with photos') }],
      photos: 0,
    });
    expect((await look(join(server.home, 'a folder', 'with photos'))).json).toMatchObject({ photos: 3 });
    expect((await look('/')).json).toMatchObject({ path: '/', parent: null });
    expect((await server.send('/api/folders')).status).toBe(200);
    for (const path of ['relative', '../up', join(server.home, 'none'), `${TINY_CLIP}/config.json`, '/\0']) {
      const { status, json: refusal } = await look(path);
      expect(status, path).toBe(400);
      expect(refusal.error).toMatch(/^[^\n]+$/);
    }
  });

  it('folders and jobs over HTTP are added with their progress told, once more at no cost', async () => {
    const folder = await makePhotos('first', 40);
    await writeFile(join(folder, 'bad.jpg'), 'no picture');
    const { status, json } = await startJob({ folder });
    expect({ status, json }).toMatchObject({
      status: 200,
      json: {
        state: 'running',
        label: { text: 'Reading first', code: 'job.reading', values: { folder: 'first' } },
      },
    });
    const events = await follow();
    expect(events.at(-1)).toMatchObject({
      state: 'done',
      messages: [
        {
          text: 'first: 41 photos (40 new, 0 known)',
          code: 'job.read',
          values: { folder: 'first', count: 41, added: '40', known: '0' },
        },
        { text: '1 passed over' },
      ],
      skipped: [
        {
          name: 'bad.jpg',
          reason: { text: expect.stringMatching(/^not a picture/), code: 'photo.none', about: null },
        },
      ],
    });
    expect(await state()).toMatchObject({ photos: 40, folders: [folder], job: { state: 'done' } });
    await startJob({ folder });
    expect((await follow()).at(-1)).toMatchObject({
      messages: [{ text: 'first: 41 photos (0 new, 41 known)' }],
    });
  });

  it('folders and jobs over HTTP are refused with the reason', async () => {
    const file = join(server.home, 'first', '0.jpg');
    for (const body of [
      {},
      { folder: '' },
      { folder: 5 },
      { toybox: false },
      { folder: 'x' },
      { folder: file },
    ]) {
      const { status, json } = await startJob(body);
      expect({ body, status }).toEqual({ body, status: 400 });
      expect(json.error).toMatch(/^[^\n]+$/);
    }
    const empty = join(server.home, 'empty');
    await mkdir(empty);
    await startJob({ folder: empty });
    expect((await follow()).at(-1)).toMatchObject({
      state: 'failed',
      messages: [
        { text: expect.stringMatching(/empty: no photos found/), code: 'folder.empty', about: empty },
      ],
    });
  });

  it('folders and jobs over HTTP go one at a time, are followed by several, stop when asked, and go on from there', async () => {
    const folder = await makePhotos('long', 600);
    await startJob({ folder });
    const second = await startJob({ folder: dirname(folder) });
    expect(second).toMatchObject({
      status: 400,
      json: { error: 'Reading long is still going on; wait, or stop it first', code: 'busy' },
    });
    const followers = [follow(), follow()];
    // One goes away, which stops nothing.
    const end = new AbortController();
    for await (const event of server.events('/api/job', {}, end.signal)) {
      expect(event).toMatchObject({ state: 'running' });
      if ((event as { done: number }).done > 0) end.abort();
    }
    expect((await server.send('/api/job', { method: 'DELETE' })).status).toBe(200);
    for (const events of await Promise.all(followers)) {
      expect(events.at(-1)).toMatchObject({ state: 'stopped', messages: [{ code: 'job.stopped' }] });
    }
    const { photos } = await state();
    expect(photos).toBeGreaterThan(40);
    expect(photos).toBeLessThan(640);
    await startJob({ folder });
    expect((await follow()).at(-1)).toMatchObject({ state: 'done' });
    expect((await state()).photos).toBe(640);
  });

  it('folders and jobs over HTTP that lose the lock on the library end with one line, and the server lives on', async () => {
    const folder = await makePhotos('unlocked', 600);
    await startJob({ folder });
    for await (const event of server.events('/api/job')) {
      if ((event as { done: number }).done > 0) break;
    }
    await rm(join(server.context.store.uri, '.writer.lock'), { recursive: true });
    expect((await follow()).at(-1)).toMatchObject({
      state: 'failed',
      messages: [
        {
          text: expect.stringMatching(
            /\.writer\.lock: the lock was removed or taken over .*; what was written is kept/,
          ),
        },
      ],
    });
    await startJob({ folder });
    expect((await follow()).at(-1)).toMatchObject({ state: 'done' });
  });

  it('folders and jobs over HTTP wait for nobody who writes the same library: that is said', async () => {
    const { lockStore } = await import('../library/lock.ts');
    const lock = await lockStore(server.context.store);
    await startJob({ folder: join(server.home, 'first') });
    expect((await follow()).at(-1)).toMatchObject({
      state: 'failed',
      messages: [{ text: expect.stringMatching(/another "polar index" is writing here/), code: 'job.lock' }],
    });
    await lock.release();
  });

  it('folders and jobs over HTTP can be those of the Toybox, drawn with things to learn', async () => {
    await startJob({ toybox: true });
    const events = await follow();
    expect(events.at(-1)).toMatchObject({
      state: 'done',
      messages: [{ text: expect.stringMatching(/^library: \d+ photos/) }],
    });
    expect(new Set(events.map(({ label }) => (label as { text: string }).text))).toEqual(
      new Set(['Drawing the Toybox', 'Reading the Toybox']),
    );
    const { things, photos } = await state();
    expect(photos).toBeGreaterThan(800);
    expect(things.length).toBe(3);
    for (const { name, photos: ids } of things) {
      expect(ids, name).toHaveLength(5);
      for (const id of ids) expect((await server.send(`/api/photos/${id}/tile`)).status).toBe(200);
    }
  });
});
