import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { photo, TINY_CLIP } from '../../test/data.ts';
import { PhotoStore } from '../library/photo-store.ts';
import { knownEmbeddings } from '../library/reading/known-embeddings.ts';
import { fileExamples } from '../node/learn.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { ImmichApi, PATIENT } from './api.ts';
import { addToAlbum, createAlbum } from './assets.ts';
import { addAsset, type StandIn, startImmich } from './immich.fixture.ts';
import { indexImmich } from './library/index-library.ts';
import { TrainingPreviews } from './training-previews.ts';

const ALL = { kind: 'all', name: '' } as const;
let immich: StandIn;
let api: ImmichApi;
let clip: Clip;
let home: string;
let store: PhotoStore;

beforeAll(async () => {
  immich = await startImmich('Toybox__polar');
  api = new ImmichApi(immich, { ...PATIENT, firstWaitMs: 5 });
  clip = await loadClip(TINY_CLIP);
  home = await mkdtemp(join(tmpdir(), 'polar-previews-test-'));
  store = new PhotoStore(join(home, 'library'));
  for (const name of ['dog/00', 'dog/01', 'cat/00'])
    addAsset(immich, `${name}.jpg`, await readFile(photo(name)));
});
afterAll(async () => {
  await Promise.all([immich.close(), clip.close()]);
  await rm(home, { recursive: true });
});

it('a key that may list photos and not see them indexes nothing, and says which permission is missing', async () => {
  immich.permissions.delete('all');
  immich.permissions.add('asset.read');
  await expect(indexImmich(store, clip, { api, source: ALL })).rejects.toThrow(
    /the API key may not do this \(Missing required permission: asset.view\)/,
  );
  expect(await (await store.find(clip))!.countRows()).toBe(0);
  immich.permissions.add('all');
});

it('previews that come too fast for a rate limit are asked for again, and none is lost', async () => {
  immich.trouble.limited = { times: 2, retryAfter: '0.01' };
  expect(await indexImmich(store, clip, { api, source: ALL })).toMatchObject({
    found: 3,
    added: 3,
    skipped: [],
  });
  expect(immich.trouble.limited.times).toBe(0);
});

it('a photo of immich that is indexed is learnt from by its embedding, without the image tower', async () => {
  const album = await createAlbum(api, 'Rex');
  const [dog, again] = [...immich.assets.keys()];
  await addToAlbum(api, album.id, [dog!, again!]);
  const previews = new TrainingPreviews(api);
  const files = await previews.take('immich:album/Rex', () => {});
  const blind: Clip = { ...clip, encodePixels: () => Promise.reject(new Error('the tower was asked')) };
  const { features } = await fileExamples(blind, files, { known: knownEmbeddings(store, clip) }).read();
  await expect(fileExamples(blind, files).read()).rejects.toThrow('the tower was asked');
  const { features: computed } = await fileExamples(clip, files).read();
  expect([...features.data]).toEqual([...computed.data]);
  expect(files.map((file) => previews.linkOf(file))).toEqual([dog, again].map((id) => api.linkTo(id!)));
  await previews.close();
});
