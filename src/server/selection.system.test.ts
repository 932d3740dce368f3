import { chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { MadeFiles } from './made-files.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';
import { isOfThisMachine } from './show-folders.ts';

describe('selected photos', () => {
  let server: TestServer;
  let ids: string[];
  let paths: string[];
  beforeAll(async () => {
    server = await startTestServer({ things: ['cat', 'dog'] });
    const photos = await server.context.library.use((snapshot) => snapshot.photos.slice(0, 4));
    ids = photos.map(({ id }) => id);
    paths = photos.map(({ path }) => path);
  });
  afterAll(() => server.close());
  afterEach(() => vi.unstubAllEnvs());

  const post = (what: string, body: object) => server.send(`/api/selection/${what}`, { body });

  it('selected photos say where they lie, in the order of the question', async () => {
    expect((await post('paths', { photos: ids })).json).toEqual({ paths });
    expect((await post('paths', { photos: ids.toReversed() })).json).toEqual({ paths: paths.toReversed() });
  });

  it('selected photos are refused where one is unknown, none is named or they are too many', async () => {
    for (const what of ['paths', 'zip', 'page', 'show']) {
      const many = Array.from({ length: 1001 }, () => ids[0]);
      expect((await post(what, { photos: [] })).status, what).toBe(400);
      expect((await post(what, { photos: many })).status, what).toBe(400);
    }
    for (const what of ['paths', 'zip', 'page']) {
      const { status, json } = await post(what, { photos: [ids[0], '0'.repeat(20)] });
      expect({ status, json }, what).toMatchObject({
        status: 404,
        json: { error: 'no photo has this id', code: 'not-found' },
      });
    }
    expect(await readdir(join(server.home, 'made')).catch(() => [])).toEqual([]);
  });

  it('selected photos come as a zip with their own bytes, names of one kind kept apart', async () => {
    const { json } = await post('zip', { photos: ids });
    expect(json).toEqual({ id: expect.any(String), photos: 4, skipped: [] });
    const { headers, body } = await server.send(`/api/selection/files/${json.id}`);
    expect(headers['content-disposition']).toBe('attachment; filename="photos.zip"');
    expect(Number(headers['content-length'])).toBe(body.length);
    const entries = Object.values(unzipSync(body)).map((bytes) => Buffer.from(bytes).toString('base64'));
    const own = await Promise.all(paths.map(async (path) => (await readFile(path)).toString('base64')));
    expect(new Set(entries)).toEqual(new Set(own));
    expect(entries).toHaveLength(4);
  });

  it('selected photos that have changed are left out of the zip, with the reason; without any other no zip is made', async () => {
    const before = await readFile(paths[0]!);
    await writeFile(paths[0]!, 'another picture');
    const { json } = await post('zip', { photos: ids });
    expect(json).toMatchObject({
      photos: 3,
      skipped: [{ reason: { text: expect.stringMatching(/^has changed/), code: 'file.changed' } }],
    });
    const alone = await post('zip', { photos: ids.slice(0, 1) });
    expect({ status: alone.status, error: alone.json.error }).toMatchObject({
      status: 400,
      error: expect.stringMatching(/^none of the photos can be read; the first: has changed/),
    });
    await writeFile(paths[0]!, before);
  });

  it('selected photos come as a page that needs no network, and is downloaded, never shown on this origin', async () => {
    const { json } = await post('page', { photos: ids, title: '<b>Rex</b> in the snow' });
    const { headers, text } = await server.send(`/api/selection/files/${json.id}`);
    expect(headers['content-disposition']).toBe('attachment; filename="photos.html"');
    expect(text).toContain('&lt;b&gt;Rex&lt;/b&gt; in the snow');
    expect(text.match(/<img src="data:image\/jpeg/g)).toHaveLength(4);
    expect(text).not.toMatch(/(src|href)="(?!data:)/);
  });

  it('selected photos leave only the last three files on the disk, and none when the server ends', async () => {
    const made: string[] = [];
    for (let i = 0; i < 4; i++) made.push((await post('page', { photos: ids.slice(0, 1) })).json.id);
    expect((await server.send(`/api/selection/files/${made[0]}`)).status).toBe(404);
    expect((await server.send(`/api/selection/files/${made[1]}`)).status).toBe(200);
    expect((await readdir(join(server.home, 'made'))).sort()).toEqual(made.slice(1).sort());
    await server.context.made.close();
    expect(await readdir(join(server.home, 'made'))).toEqual([]);
  });

  describe.runIf(process.platform === 'linux')('in their folder', () => {
    it('selected photos in their folder are shown by the file manager of this machine', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'polar-show-'));
      const manager = join(folder, 'manager');
      await writeFile(manager, `#!/bin/sh\nprintf '%s\\n' "$@" >>${folder}/shown\n`);
      await chmod(manager, 0o755);
      vi.stubEnv('DISPLAY', ':99');
      vi.stubEnv('BROWSER', manager); // what xdg-open runs where there is no desktop
      expect((await server.send('/api/state')).json.canShowFolders).toBe(true);
      expect((await post('show', { photos: ids })).status).toBe(200);
      await expect
        .poll(() => readFile(join(folder, 'shown'), 'utf8').catch(() => ''), { timeout: 10_000 })
        .toBe(`${join(server.photos, 'dog')}\n`);
      await rm(folder, { recursive: true });
    });

    it('selected photos in their folder are not shown where there are no windows', async () => {
      vi.stubEnv('DISPLAY', undefined);
      vi.stubEnv('WAYLAND_DISPLAY', undefined);
      expect((await server.send('/api/state')).json.canShowFolders).toBe(false);
      expect((await post('show', { photos: ids })).status).toBe(403);
    });
  });

  it('are shown in their folder to no other machine', () => {
    for (const own of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1']) {
      expect(isOfThisMachine(own), own).toBe(true);
    }
    for (const other of ['', '192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1']) {
      expect(isOfThisMachine(other), other).toBe(false);
    }
  });
});

it('files that a killed server had made are swept after a day', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polar-made-'));
  for (const name of ['old', 'new']) await writeFile(join(folder, name), '');
  await utimes(join(folder, 'old'), 0, 0);
  await new MadeFiles(folder).sweep();
  expect(await readdir(folder)).toEqual(['new']);
  await rm(folder, { recursive: true });
});
