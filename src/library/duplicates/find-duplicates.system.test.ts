import { copyFile, mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { photo } from '../../../test/data.ts';
import { TOYBOX } from '../../clip/hub/names.ts';
import { type Clip, loadClip } from '../../node/load-clip.ts';
import { openInMemory, type PhotosInMemory } from '../in-memory.ts';
import { indexPhotos } from '../index-photos.ts';
import { PhotoStore } from '../photo-store.ts';
import { bestFirst, type DuplicatePhoto, findDuplicates } from './find-duplicates.ts';

let base: string;
let folder: string;
let clip: Clip;
let photos: PhotosInMemory;
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'polar-duplicates-')));
  folder = join(base, 'photos');
  await mkdir(join(folder, 'more'), { recursive: true });
  // Three of one dog and two of one cat are different photos.
  for (const name of ['dog6/00', 'dog6/01', 'dog6/02', 'cat/00', 'cat/01', 'can/00']) {
    await copyFile(photo(name), join(folder, `${name.replace('/', '-')}.jpg`));
  }
  const dog = sharp(photo('dog6/00'));
  const { width } = await dog.metadata();
  await dog
    .clone()
    .resize(Math.round(width / 2))
    .webp({ quality: 60 })
    .toFile(join(folder, 'more', 'half.webp'));
  await dog
    .clone()
    .blur(3)
    .jpeg()
    .toFile(join(folder, 'more', 'blurred.jpg'));
  await copyFile(photo('can/00'), join(folder, 'more', 'a-longer-name-of-the-can.jpg'));
  clip = await loadClip(TOYBOX);
  const store = new PhotoStore(join(base, 'index'));
  await indexPhotos(store, clip, folder);
  photos = await openInMemory(store, clip);
}, 60_000);
afterAll(async () => {
  await photos.close();
  await clip.close();
  await rm(base, { recursive: true });
});

const named = (groups: readonly (readonly DuplicatePhoto[])[]) =>
  groups.map((group) => group.map(({ path }) => basename(path)));

it('groups a photo with its smaller, blurred and exact copies, best first, and no two different photos', async () => {
  const before = await readdir(folder, { recursive: true });
  const { groups, skipped } = await findDuplicates(photos);
  expect(named(groups)).toEqual([
    ['dog6-00.jpg', 'blurred.jpg', 'half.webp'],
    ['can-00.jpg', 'a-longer-name-of-the-can.jpg'],
  ]);
  expect(skipped).toEqual([]);
  expect(await readdir(folder, { recursive: true })).toEqual(before);
});

it('looks below one folder where it is asked to, and names photos that are gone', async () => {
  const { groups } = await findDuplicates(photos, { folder: join(folder, 'more') });
  expect(named(groups)).toEqual([['blurred.jpg', 'half.webp']]);
  const half = join(folder, 'more', 'half.webp');
  await writeFile(half, 'no picture any more');
  const changed = await findDuplicates(photos);
  expect(named(changed.groups)[1]).toEqual(['dog6-00.jpg', 'blurred.jpg']);
  expect(changed.skipped).toMatchObject([{ path: half, reason: expect.stringMatching(/^not a picture/) }]);
});

it('is ended by its signal', async () => {
  await expect(findDuplicates(photos, { signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
});

it('prefers the larger picture, of pictures as large the sharper one, then the larger file', () => {
  const one = (path: string, width: number, sharpness: number, bytes = 1000): DuplicatePhoto => ({
    ...{ path, width, height: 1000, sharpness, bytes, hash: path, taken: null, dateFrom: null },
  });
  const given = [
    one('/small', 500, 9),
    one('/cut', 980, 5),
    one('/soft', 1000, 1),
    one('/twin', 980, 5, 2000),
  ];
  expect(bestFirst(given).map(({ path }) => path)).toEqual(['/twin', '/cut', '/soft', '/small']);
});
