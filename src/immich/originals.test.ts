import { mkdtemp, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeAlbumFile } from '../library/export/album-file.ts';
import { exportPhotos } from '../library/export/export-photos.ts';
import { zipPhotos } from '../library/export/zip-photos.ts';
import { addAsset, type StandIn, startImmich } from './immich.fixture.ts';
import { ImmichPhotos } from './shown-photos.ts';

// Photos of immich that are taken out of it: their originals, not the previews that are in the index.
let immich: StandIn;
let remote: ImmichPhotos;
let base: string;
let target: string;
beforeEach(async () => {
  immich = await startImmich('Toybox__polar');
  remote = new ImmichPhotos(async () => immich);
  base = await realpath(await mkdtemp(join(tmpdir(), 'polar-originals-')));
  target = join(base, 'out');
  return () => immich.close();
});
afterEach(() => rm(base, { recursive: true }));

/** A photo of the stand-in, as the index knows it. */
function photo(name: string, words: string) {
  const asset = addAsset(immich, name, new TextEncoder().encode('preview'));
  asset.original = new TextEncoder().encode(words);
  return { path: `${immich.url}/photos/${asset.id}`, hash: '0'.repeat(64) };
}
const names = async () => (await readdir(target)).sort();

it('originals are copied under their own names, kept apart, with their dates, and none is copied twice', async () => {
  const photos = [photo('IMG_1.CR3', 'one'), photo('IMG_1.CR3', 'two')];
  const dry = await exportPhotos(photos, target, { remote, dryRun: true });
  expect(dry.photos.map(({ to, state }) => [basename(to), state])).toEqual([
    ['IMG_1.CR3', 'new'],
    ['IMG_1 (2).CR3', 'new'],
  ]);
  const { photos: done, skipped } = await exportPhotos(photos, target, { remote });
  expect([done.map(({ state }) => state), skipped]).toEqual([['new', 'new'], []]);
  expect(await names()).toEqual(['IMG_1 (2).CR3', 'IMG_1.CR3']);
  expect(await readFile(join(target, 'IMG_1 (2).CR3'), 'utf8')).toBe('two');
  expect((await stat(join(target, 'IMG_1.CR3'))).mtimeMs).toBe(Date.UTC(2025, 0, 1));
  const again = await exportPhotos(photos, target, { remote });
  expect(again.photos.map(({ state }) => state)).toEqual(['there', 'there']);
  expect(await names()).toHaveLength(2);
});

it('a name from the server never leaves the folder, nor hides a file', async () => {
  const hostile = [
    '../../etc/passwd',
    '..',
    '.polar-export.lock',
    'C:\\x\\con:.jpg',
    `${'ü'.repeat(900)}.jpg`,
  ];
  const { skipped } = await exportPhotos(
    hostile.map((name) => photo(name, name)),
    target,
    { remote },
  );
  expect(skipped).toEqual([]);
  expect(await names()).toEqual(
    ['passwd', 'photo', 'polar-export.lock', 'con.jpg', `${'ü'.repeat(60)}.jpg`].sort(),
  );
  expect(await readdir(base)).toEqual(['out']);
});

it('an original that is cut off, or gone, leaves nothing half-written and stops no other', async () => {
  const cut = photo('cut.jpg', 'x'.repeat(1000));
  immich.trouble.cutOff = true;
  const broken = await exportPhotos([cut], target, { remote });
  expect(broken.skipped[0]!.reason).toMatch(/was cut off/);
  expect(await names()).toEqual([]);
  immich.trouble.cutOff = false;
  const gone = photo('gone.jpg', 'gone');
  immich.assets.delete(gone.path.split('/').at(-1)!);
  const { photos, skipped } = await exportPhotos([gone, cut], target, { remote });
  expect(skipped).toEqual([{ path: gone.path, reason: expect.stringMatching(/no such photo/) }]);
  expect(photos.map(({ path }) => path)).toEqual([cut.path]);
});

it('a zip archive holds the originals, and leaves nothing beside it', async () => {
  const photos = [photo('a.jpg', 'one'), photo('a.jpg', 'two')];
  await zipPhotos(photos, join(base, 'some.zip'), { remote });
  const files = unzipSync(await readFile(join(base, 'some.zip')));
  expect(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
    ['a.jpg', 'one'],
    ['a (2).jpg', 'two'],
  ]);
  expect(await readdir(base)).toEqual(['some.zip']);
});

it('what cannot be done says where the photo lies and how it gets into an album there', async () => {
  const one = photo('a.jpg', 'one');
  const inImmich = expect.stringMatching(/^lies in immich, not on this machine; polar immich album puts it/);
  for (const mode of ['link', 'move'] as const) {
    const { skipped } = await exportPhotos([one], target, { remote, mode });
    expect(skipped, mode).toEqual([{ path: one.path, reason: inImmich }]);
  }
  const list = await writeAlbumFile([one.path], join(base, 'list.m3u8'), { title: 'x' });
  expect(list).toMatchObject({ photos: [], skipped: [{ reason: inImmich }] });
  immich.permissions.clear();
  immich.permissions.add('asset.read');
  const [refused] = (await exportPhotos([one], target, { remote })).skipped;
  expect(refused!.reason).toMatch(
    /^lies in immich.* with the permission asset\.download the key may copy it$/,
  );
});
