import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@immich/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runPolar } from '../../test/polar.ts';
import { ImmichApi, PATIENT } from './api.ts';
import {
  addToAlbum,
  createAlbum,
  listAlbums,
  listPhotos,
  parseSource,
  photosOf,
  smartSearch,
} from './assets.ts';
import { readConnection, saveConnection, serverUrl } from './connection.ts';
import { describeServer } from './describe-server.ts';
import { addAsset, type StandIn, startImmich } from './immich.fixture.ts';
import { startMachineLearning } from './machine-learning.fixture.ts';

let immich: StandIn;
let api: ImmichApi;
let home: string;
beforeEach(async () => {
  immich = await startImmich('ViT-B-32__openai');
  api = new ImmichApi(immich, { ...PATIENT, firstWaitMs: 5 });
  home = await mkdtemp(join(tmpdir(), 'polar-immich-api-'));
});
afterEach(async () => {
  await immich.close();
  await rm(home, { recursive: true });
});

const picture = (text: string) => new TextEncoder().encode(text);

it("immich's own client and ours see the same in the stand-in", async () => {
  const machineLearning = await startMachineLearning(async () => Float32Array.of(1, 0));
  immich.machineLearning.urls = [machineLearning.url.href];
  const [a, b] = ['a.jpg', 'b.jpg'].map((name, i) =>
    addAsset(immich, name, picture(name), Float32Array.of(i, 0)),
  );
  immich.people.set(crypto.randomUUID(), 'Mia');
  immich.tags.set(crypto.randomUUID(), 'animals/Rex');
  sdk.init({ baseUrl: `${immich.url}/api`, apiKey: immich.key });
  const album = await createAlbum(api, 'Rex');
  expect(await sdk.getAllAlbums({})).toEqual([expect.objectContaining({ id: album.id, albumName: 'Rex' })]);
  expect(await addToAlbum(api, album.id, [a!.id, crypto.randomUUID()])).toEqual([
    { id: a!.id, success: true },
    { id: expect.any(String), success: false, error: 'no_permission' },
  ]);
  expect(await sdk.addAssetsToAlbum({ id: album.id, bulkIdsDto: { ids: [a!.id, b!.id] } })).toEqual([
    { id: a!.id, success: false, error: 'duplicate' },
    { id: b!.id, success: true },
  ]);
  const { assets } = await sdk.searchAssets({
    metadataSearchDto: { albumIds: [album.id], order: sdk.AssetOrder.Asc },
  });
  expect((await listPhotos(api, { albumIds: [album.id] })).map(({ id }) => id)).toEqual(
    assets.items.map(({ id }) => id),
  );
  const smart = await sdk.searchSmart({ smartSearchDto: { query: 'x' } });
  expect((await smartSearch(api, 'x', 10)).map(({ id }) => id)).toEqual(
    smart.assets.items.map(({ id }) => id),
  );
  expect(smart.assets.items[0]!.id).toBe(b!.id);
  expect((await sdk.getAlbumInfo({ id: album.id })).assetCount).toBe((await listAlbums(api))[0]!.assetCount);
  const blob = await sdk.viewAsset({ id: a!.id, size: sdk.AssetMediaSize.Preview });
  expect(Buffer.from(await api.preview(a!.id))).toEqual(Buffer.from(await blob.arrayBuffer()));
  const original = await sdk.downloadAsset({ id: a!.id });
  const parts: Uint8Array[] = [];
  for await (const part of await api.original(a!.id)) parts.push(part);
  expect(Buffer.concat(parts)).toEqual(Buffer.from(await original.arrayBuffer()));
  expect((await sdk.getAssetInfo({ id: b!.id })).originalFileName).toBe('b.jpg');
  expect((await sdk.searchPerson({ name: 'Mia' }))[0]!.name).toBe('Mia');
  expect((await sdk.getAllTags())[0]!.value).toBe('animals/Rex');
  expect((await sdk.getMyApiKey()).name).toBe((await describeServer(api)).keyName);
  expect(await sdk.removeAssetFromAlbum({ id: album.id, bulkIdsDto: { ids: [a!.id] } })).toEqual([
    { id: a!.id, success: true },
  ]);
  await machineLearning.close();
});

describe('photos of a source', () => {
  it('photos of a source are read page by page, videos left out', async () => {
    for (let i = 0; i < 2345; i++) addAsset(immich, `${i}.jpg`, picture(''));
    const video = { ...addAsset(immich, 'v.mp4', picture('')), type: 'VIDEO' as const };
    immich.assets.set(video.id, video);
    const photos = await listPhotos(api);
    expect(photos).toHaveLength(2345);
    expect(photos[0]!.originalFileName).toBe('0.jpg');
    expect(immich.requests).toHaveLength(3);
  });

  it('photos of a source come by album, person, tag and asset, by name in any case or by id', async () => {
    const [person, tag] = [crypto.randomUUID(), crypto.randomUUID()];
    immich.people.set(person, 'Mia').set(crypto.randomUUID(), 'Miaow');
    immich.tags.set(tag, 'animals/Rex');
    const one = addAsset(immich, 'a.jpg', picture('a'));
    addAsset(immich, 'b.jpg', picture('b'));
    one.people.push(person);
    one.tags.push(tag);
    const album = await createAlbum(api, 'Rex/2024');
    await addToAlbum(api, album.id, [one.id]);
    for (const source of [
      'album/rex/2024',
      `album/${album.id}`,
      'person/mia',
      'tag/animals/Rex',
      'tag/rex',
      `asset/${one.id}`,
    ]) {
      const photos = await photosOf(api, parseSource(`immich:${source}`)!);
      expect(
        photos.map(({ id }) => id),
        source,
      ).toEqual([one.id]);
    }
  });

  it('photos of a source that is not there, or there twice, is one clear line', async () => {
    await createAlbum(api, 'Rex');
    await createAlbum(api, 'Rex');
    const of = (source: string) => photosOf(api, parseSource(source)!);
    await expect(of('immich:album/Rex')).rejects.toThrow(
      /^immich has 2 of album "Rex"; give the id instead: /,
    );
    await expect(of('immich:album/Max')).rejects.toThrow('immich has no album "Max"; there are: Rex, Rex');
    await expect(of('immich:person/Max')).rejects.toThrow('immich has no person "Max"');
    await expect(of(`immich:asset/${crypto.randomUUID()}`)).rejects.toThrow(/no such photo at http/);
    await expect(of('immich:asset/../../x')).rejects.toThrow(/expected the id from the address of a photo/);
    expect(() => parseSource('immich:folder/x')).toThrow(
      /expected immich: for all photos, or immich:album\/<name>/,
    );
    expect(parseSource('photos/immich:x')).toBeUndefined();
  });
});

describe('the server', () => {
  it('the server that limits the rate is asked again when it says so', async () => {
    immich.trouble.limited = { times: 3, retryAfter: '0.01' };
    expect(await listAlbums(api)).toEqual([]);
    immich.trouble.limited = { times: 99 };
    await expect(listAlbums(api)).rejects.toThrow(/\/albums answered 429/);
  });

  it('the server that refuses the key says which permission is missing and where to give it', async () => {
    immich.permissions.clear();
    immich.permissions.add('asset.read');
    await expect(createAlbum(api, 'Rex')).rejects.toThrow(
      /the API key may not do this \(Missing required permission: album.create\); give it the permissions asset.read, .* under Account Settings/,
    );
    expect((await describeServer(api)).missing).toContain('albumAsset.create');
    await expect(listAlbums(new ImmichApi({ ...immich, key: 'somethingelse' }))).rejects.toThrow(
      /the API key is not known there/,
    );
  });

  it('the server that is away, answers with a page, or redirects is one clear line without the key', async () => {
    const errors: string[] = [];
    const failing = (promise: Promise<unknown>) =>
      promise.then(
        () => {},
        (error: Error) => errors.push(error.message),
      );
    immich.trouble.broken = { path: /albums/, status: 500 };
    await failing(listAlbums(api));
    immich.trouble.broken = { path: /albums/, status: 302 };
    await failing(listAlbums(api));
    await immich.close();
    await failing(listAlbums(api));
    expect(errors).toEqual([
      `${immich.url}: /albums answered 500 (Broken)`,
      `${immich.url}: leads on to elsewhere; connect to that address: polar immich connect`,
      `${immich.url}: immich cannot be reached (ECONNREFUSED); check the address and whether it runs`,
    ]);
    expect(errors.join()).not.toContain(immich.key);
  });
});

describe('a connection', () => {
  it('a connection is kept for this user only, and the environment goes first', async () => {
    await expect(readConnection(home, {})).rejects.toThrow('run "polar immich connect <url>" first');
    await saveConnection(home, { url: 'http://nas:2283/api', key: 'abcdefgh' });
    expect((await stat(join(home, 'immich.json'))).mode & 0o777).toBe(0o600);
    expect(await readdir(home)).toEqual(['immich.json']);
    expect(await readConnection(home, {})).toEqual({ url: 'http://nas:2283', key: 'abcdefgh' });
    await saveConnection(home, { url: 'http://nas:2283', key: 'abcdefgh', publicUrl: 'https://p.example/' });
    expect(await readConnection(home, {})).toMatchObject({ publicUrl: 'https://p.example' });
    const env = { IMMICH_URL: 'https://photos.example/immich/photos', IMMICH_API_KEY: ' 12345678\n' };
    expect(await readConnection(home, env)).toEqual({
      url: 'https://photos.example/immich',
      key: '12345678',
    });
    await expect(readConnection(home, { IMMICH_URL: 'http://nas' })).rejects.toThrow(
      /IMMICH_API_KEY is missing/,
    );
    for (const text of ['nas:2283', 'ftp://nas', 'http://u:p@nas', ''])
      expect(() => serverUrl(text)).toThrow(/not the address/);
  });

  it('a connection is checked by the command before it is kept, and the key is never printed', async () => {
    immich.permissions.delete('all');
    immich.permissions.add('asset.read');
    const good = await runPolar(home, ['immich', 'connect', `${immich.url}/photos`], {
      IMMICH_API_KEY: immich.key,
    });
    expect(good.stdout).toBe(`Connected to immich 3.2.2 at ${immich.url} with the key "polar"\n`);
    expect(JSON.parse(await readFile(join(home, 'immich.json'), 'utf8'))).toEqual({
      url: immich.url,
      key: immich.key,
      publicUrl: immich.url,
    });
    expect(good.stderr).toMatch(/^The key lacks the permissions asset.view, /);
    expect(good.code).toBe(0);
    const bad = await runPolar(home, ['immich', 'connect', immich.url], {
      IMMICH_API_KEY: 'wrong-key-12345',
    });
    expect(bad.code).toBe(1);
    expect(bad.stderr).toMatch(/the API key is not known there/);
    expect(good.stdout + good.stderr + bad.stdout + bad.stderr).not.toMatch(
      new RegExp(`${immich.key}|wrong-key`),
    );
    immich.settings.externalDomain = 'https://photos.example';
    const elsewhere = await runPolar(home, ['immich', 'connect', immich.url], { IMMICH_API_KEY: immich.key });
    expect(elsewhere.stderr).toContain('Links lead to https://photos.example.');
    expect(elsewhere.stderr).toContain(`polar index --forget ${immich.url}/photos`);
    const api = new ImmichApi(await readConnection(home, {}));
    expect([api.url, api.linkTo('1')]).toEqual([immich.url, 'https://photos.example/photos/1']);
  });
});
