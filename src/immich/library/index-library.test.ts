import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { photo, TINY_CLIP } from '../../../test/data.ts';
import { describeFolders, forget } from '../../library/folder-states.ts';
import { foldersOnDisk, listFailed } from '../../library/folders.ts';
import { PhotoStore } from '../../library/photo-store.ts';
import { type Clip, loadClip } from '../../node/load-clip.ts';
import { ImmichApi, PATIENT } from '../api.ts';
import { addToAlbum, createAlbum, parseSource } from '../assets.ts';
import { addAsset, type StandIn, type StandInAsset, startImmich } from '../immich.fixture.ts';
import { indexImmich } from './index-library.ts';
import { watchImmich } from './watch-library.ts';

let immich: StandIn;
let api: ImmichApi;
let clip: Clip;
let home: string;
let store: PhotoStore;
let dog: StandInAsset;
let cat: StandInAsset;
let blank: StandInAsset;

beforeAll(async () => {
  immich = await startImmich('Toybox__polar');
  api = new ImmichApi(immich, { ...PATIENT, firstWaitMs: 5 });
  clip = await loadClip(TINY_CLIP);
  dog = addAsset(immich, 'dog.jpg', await readFile(photo('dog/00')));
  cat = addAsset(immich, 'cat.jpg', await readFile(photo('cat/00')));
  blank = addAsset(immich, 'blank.jpg', new Uint8Array());
  blank.preview = undefined;
  const album = await createAlbum(api, 'Rex');
  await addToAlbum(api, album.id, [dog.id]);
});
afterAll(() => Promise.all([immich.close(), clip.close()]));
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'polar-immich-index-'));
  store = new PhotoStore(join(home, 'library'));
  return () => rm(home, { recursive: true });
});

const index = (source: string) => indexImmich(store, clip, { api, source: parseSource(source)! });
const states = () => describeFolders(store);

it('an immich server is listed like a folder, with its photos, the last reading and what has no preview', async () => {
  expect(await index('immich:')).toMatchObject({ found: 3, added: 2, leftOut: { preview: 1 } });
  const [state] = await states();
  expect(state).toMatchObject({
    path: `${immich.url}/photos`,
    sources: ['immich:'],
    photos: 2,
    broken: 0,
    missing: false,
    leftOut: { preview: 1 },
  });
  expect(Date.now() - state!.read!).toBeLessThan(60_000);
  expect(await listFailed(store, clip)).toEqual([
    { path: api.linkTo(blank.id), reason: 'immich has no preview of it (404)' },
  ]);
  const folders = await foldersOnDisk(store, clip);
  expect(folders.missing).toEqual([]);
  expect(await folders.hasLost(api.linkTo(dog.id))).toBe(false);
});

it('parts of it are remembered as they were asked for, until all of it is', async () => {
  await index('immich:album/Rex');
  await index(`immich:asset/${cat.id}`);
  expect((await states())[0]!.sources).toEqual(['immich:album/Rex', `immich:asset/${cat.id}`]);
  await index('immich:');
  await index('immich:album/Rex');
  expect((await states())[0]).toMatchObject({ sources: ['immich:'], leftOut: { preview: 1 } });
});

it('a photo that was taken out stays out, until it is asked for by its id', async () => {
  await index('immich:');
  expect(await forget(store, api.linkTo(dog.id))).toBe(1);
  for (const source of ['immich:', 'immich:album/Rex']) {
    expect(await index(source), source).toMatchObject({ added: 0, leftOut: { takenOut: 1 } });
    expect((await states())[0], source).toMatchObject({ photos: 1, takenOut: [api.linkTo(dog.id)] });
  }
  expect(await index(`immich:asset/${dog.id}`)).toMatchObject({ found: 1, added: 1 });
  expect(await index('immich:')).toMatchObject({ found: 3, added: 0, unchanged: 2 });
  expect((await states())[0]).toMatchObject({ photos: 2, takenOut: [] });
});

it('all of it is taken out with what is known of it, and comes back as new', async () => {
  await index('immich:');
  await forget(store, api.linkTo(dog.id));
  expect(await forget(store, api.linkTo(''))).toBe(1);
  expect(await states()).toEqual([]);
  expect(await index('immich:')).toMatchObject({ found: 3, added: 2 });
});

it('several parts are watched together, and one that is gone never stops the others', async () => {
  const end = new AbortController();
  const notes: string[] = [];
  const found: number[] = [];
  await watchImmich(store, clip, {
    api,
    sources: ['immich:album/Nobody', `immich:asset/${cat.id}`, 'immich:album/Rex'].map(
      (source) => parseSource(source)!,
    ),
    signal: end.signal,
    onNote: (line) => notes.push(line),
    onIndexed: (summary) => {
      found.push(summary.added);
      if (found.length === 2) end.abort();
    },
  });
  expect(found).toEqual([1, 1]);
  expect(notes).toEqual([expect.stringContaining('Nobody')]);
  expect((await states())[0]).toMatchObject({
    photos: 2,
    sources: [`immich:asset/${cat.id}`, 'immich:album/Rex'],
  });
});
