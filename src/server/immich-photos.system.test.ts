import { readFile, rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { photo } from '../../test/data.ts';
import { PolarError } from '../errors.ts';
import { addAsset, type StandIn, type StandInAsset, startImmich } from '../immich/immich.fixture.ts';
import type { ImmichConnection } from '../immich/index.ts';
import { ImmichApi, ImmichPhotos, indexImmich } from '../immich/index.ts';
import { Renditions } from './pictures/renditions.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';

let immich: StandIn;
let server: TestServer;
let connection: ImmichConnection | PolarError;
let dog: StandInAsset;
let cat: StandInAsset;

beforeAll(async () => {
  immich = await startImmich('Toybox__polar');
  dog = addAsset(immich, 'dog.jpg', await readFile(photo('dog/00')));
  cat = addAsset(immich, 'cat.jpg', await readFile(photo('cat/00')));
  connection = { url: immich.url, key: immich.key };
  const remote = new ImmichPhotos(async () => {
    if (connection instanceof PolarError) throw connection;
    return connection;
  });
  server = await startTestServer({ things: ['vase'], remote });
  const { store, clip, library } = server.context;
  await indexImmich(store, clip, {
    api: new ImmichApi(connection),
    source: { kind: 'all', name: '' },
  });
  await library.refresh();
});
afterAll(async () => {
  await server.close();
  await immich.close();
});

interface Listed {
  readonly id: string;
  readonly name: string;
}
const listed = async (): Promise<Listed[]> => (await server.send('/api/photos?limit=1000')).json.photos;

/** Id of a photo of the stand-in on the page. */
async function idOf(asset: StandInAsset): Promise<string> {
  const link = `${immich.url}/photos/${asset.id}`;
  for (const { id } of await listed())
    if ((await server.send(`/api/photos/${id}`)).json.link === link) return id;
  throw new Error(`${link} is not listed`);
}

interface JobState {
  readonly state: string;
  readonly messages: readonly { readonly text: string }[];
}
interface ListedFolder {
  readonly path: string;
  readonly sources: string[] | null;
  readonly photos: number;
  readonly watched: boolean;
}
/** The immich server in the list of folders. */
const ownFolder = async (): Promise<ListedFolder> =>
  ((await server.send('/api/library')).json as ListedFolder[]).find(({ sources }) => sources !== null)!;

/** How the job ends that looks for changes on a server, and what it says. */
async function lookAt(folder: string): Promise<readonly [state: string, ...messages: string[]]> {
  await server.send('/api/job', { method: 'POST', body: { folder } });
  const states: JobState[] = [];
  for await (const state of server.events('/api/job')) states.push(state as JobState);
  const { state, messages } = states.at(-1)!;
  return [state, ...messages.map(({ text }) => text)];
}

const thumbnailsAsked = () => immich.requests.filter((request) => request.endsWith('/thumbnail')).length;
const forgetKept = () => rm(`${server.home}/renditions`, { recursive: true, force: true });

describe('photos of an immich server in the app', () => {
  it('photos of an immich server in the app are listed by their day, described by immich, and lead there', async () => {
    const id = await idOf(dog);
    expect((await listed()).find((one) => one.id === id)!.name).toBe('photo of 2025-01-01');
    const { json, text } = await server.send(`/api/photos/${id}`);
    expect(json).toMatchObject({
      name: 'dog.jpg',
      bytes: dog.preview!.length,
      folder: immich.url,
      link: `${immich.url}/photos/${dog.id}`,
    });
    expect(text).not.toContain(immich.key);
    const files = (await listed()).filter(({ name }) => /^\d+\.\w+$/.test(name));
    expect((await server.send(`/api/photos/${files[0]!.id}`)).json.link).toBeNull();
  });

  it('photos of an immich server in the app stand in the list of folders as immich:', async () => {
    expect(await ownFolder()).toMatchObject({
      sources: ['immich:'],
      photos: 2,
      missing: false,
      skipped: [],
      watched: false,
    });
  });

  it('photos of an immich server in the app are shown from their previews, asked for once and kept, with the key seen by nobody', async () => {
    const id = await idOf(dog);
    const before = thumbnailsAsked();
    const answers = await Promise.all(Array.from({ length: 5 }, () => server.send(`/api/photos/${id}/tile`)));
    for (const { status, headers, body } of answers) {
      expect([status, headers['content-type']]).toEqual([200, 'image/webp']);
      expect(headers['cache-control']).toMatch(/immutable/);
      expect(JSON.stringify(headers) + body.toString('latin1')).not.toContain(immich.key);
    }
    expect(thumbnailsAsked()).toBe(before + 1);
    expect((await server.send(`/api/photos/${id}/tile`)).status).toBe(200);
    expect(thumbnailsAsked()).toBe(before + 1);
  });

  it('photos of an immich server in the app are learnt from without the image tower', async () => {
    const tower = vi.spyOn(server.context.clip, 'encodePixels');
    const body = { name: 'Rex', photos: [await idOf(dog), await idOf(cat)] };
    const ends: object[] = [];
    for await (const event of server.events('/api/learn', { body })) ends.push(event as object);
    expect(ends.at(-1)).toMatchObject({ kind: 'learnt', concept: { photos: 2 } });
    expect(tower).not.toHaveBeenCalled();
  });

  it('photos of an immich server in the app that were edited since are shown as they are now, and not kept under the old name', async () => {
    const id = await idOf(cat);
    cat.preview = await readFile(photo('cat/01'));
    const { status, headers } = await server.send(`/api/photos/${id}/tile`);
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  });

  it('photos of an immich server in the app that are gone, or no picture, are gone here too', async () => {
    const id = await idOf(dog);
    await forgetKept();
    const { preview } = dog;
    for (const now of ['<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"></svg>', 'text', '']) {
      dog.preview = new TextEncoder().encode(now);
      expect((await server.send(`/api/photos/${id}/view`)).status, now).toBe(404);
    }
    dog.preview = preview;
    immich.assets.delete(dog.id);
    expect((await server.send(`/api/photos/${id}/view`)).json.code).toBe('not-found');
    immich.assets.set(dog.id, dog);
    expect((await server.send(`/api/photos/${id}/view`)).status).toBe(200);
  });

  it('photos of an immich server in the app are asked only of the server that is connected', async () => {
    const id = await idOf(dog);
    await forgetKept();
    const other = await startImmich('Toybox__polar');
    connection = { url: other.url, key: other.key };
    expect((await server.send(`/api/photos/${id}/tile`)).status).toBe(404);
    connection = new PolarError('no immich server is connected', 'not-found');
    expect((await server.send(`/api/photos/${id}/tile`)).status).toBe(404);
    connection = { url: immich.url, key: immich.key };
    expect(other.requests).toEqual([]);
    await other.close();
    expect((await server.send(`/api/photos/${id}/tile`)).status).toBe(200);
  });

  it('photos of an immich server in the app whose server is away are refused at once after the first, with its name and without the key', async () => {
    const ids = [await idOf(dog), await idOf(cat)];
    await forgetKept();
    immich.trouble.broken = { path: /thumbnail/, status: 503 };
    const asked = immich.requests.length;
    for (const id of ids) {
      const { status, json, text } = await server.send(`/api/photos/${id}/tile`);
      expect([status, json.code]).toEqual([502, 'unreachable']);
      expect(json.error).toContain(immich.url);
      expect(text).not.toContain(immich.key);
    }
    expect(immich.requests.length).toBe(asked + 2); // two attempts for the first, none for the second
    delete immich.trouble.broken;
  });

  it('photos of an immich server in the app are looked through for changes when somebody asks, and by nobody where another server is connected', async () => {
    const { path } = await ownFolder();
    await lookAt(path); // one was edited above
    const bird = addAsset(immich, 'bird.jpg', await readFile(photo('dog/01')));
    expect(await lookAt(path)).toEqual(['done', 'immich: 3 photos (1 new, 2 known)']);
    expect((await ownFolder()).photos).toBe(3);
    immich.assets.delete(bird.id);
    expect(await lookAt(path)).toEqual(['done', 'immich: 2 photos (0 new, 2 known)', '1 gone']);
    expect(await lookAt('http://nas/photos')).toEqual([
      'failed',
      expect.stringMatching(/^http:\/\/nas\/photos: no photos of this server are indexed/),
    ]);
    const other = await startImmich('Toybox__polar');
    connection = { url: other.url, key: other.key };
    expect(await lookAt(path)).toEqual(['failed', expect.stringContaining(other.url)]);
    expect(other.requests).toEqual([]);
    connection = { url: immich.url, key: immich.key };
    await other.close();
    expect((await ownFolder()).photos).toBe(2);
  });

  it('photos of an immich server in the app are watched: what is new in immich comes by itself, after a restart of the watch too', async () => {
    const { path } = await ownFolder();
    const watch = (isWatched: boolean) =>
      server.send('/api/library', { method: 'PATCH', body: { path, watch: isWatched } });
    const isTold = async (photos: number) => {
      for await (const _ of server.events('/api/changes')) if ((await ownFolder()).photos === photos) return;
    };
    for (const [name, photos] of [
      ['vase/00', 3],
      ['vase/01', 4],
    ] as const) {
      addAsset(immich, name, await readFile(photo(name)));
      await watch(true);
      expect((await ownFolder()).watched).toBe(true);
      await isTold(photos);
      await watch(false);
      expect((await ownFolder()).watched).toBe(false);
    }
  });
});

it('a picture that is scrolled past before its turn is never asked for, unless somebody else waits for it', async () => {
  const asked: string[] = [];
  let release = (): void => {};
  const bytes = await readFile(photo('dog/00'));
  const blocked = new Promise<Uint8Array>((resolve) => {
    release = () => resolve(bytes);
  });
  const renditions = new Renditions(`${server.home}/scrolled`, {
    read(address) {
      asked.push(address);
      return blocked;
    },
    describe: () => Promise.reject(new Error('not asked for')),
    original: () => Promise.reject(new Error('not asked for')),
  });
  const [past, alsoPast] = [new AbortController(), new AbortController()];
  const get = (name: string, signal?: AbortSignal) =>
    renditions.get({ path: `http://nas/${name}`, hash: name.repeat(64), at: null }, 'tile', signal);
  const all = [get('a'), get('b'), get('c', past.signal), get('d', alsoPast.signal), get('d')];
  const ends = Promise.allSettled(all);
  while (asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  past.abort();
  alsoPast.abort();
  release();
  expect((await ends).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(asked.sort()).toEqual(['http://nas/a', 'http://nas/b', 'http://nas/d']); // the first two at once
});
