import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { photo } from '../../test/data.ts';
import { loadClip } from '../node/load-clip.ts';
import { listPaths } from './export/listing.ts';
import { indexPhotos } from './index-photos.ts';
import { PhotoStore } from './photo-store.ts';
import { PhotoTable } from './search.ts';

const base = await mkdtemp(join(tmpdir(), 'polar-precision-'));
afterAll(() => rm(base, { recursive: true }));

it('photos indexed in half precision are listed as such, found as such, and named where they are asked for in full', async () => {
  const photos = join(base, 'photos');
  await mkdir(photos);
  await copyFile(photo('dog/00'), join(photos, 'dog.jpg'));
  const store = new PhotoStore(join(base, 'library'));
  const clip = await loadClip('toybox', { device: 'cpu', precision: 'half' });
  await indexPhotos(store, clip, photos);
  const [model] = await store.models();
  expect(model).toMatchObject({ id: 'toybox', precision: 'half', photos: 1 });
  expect(await listPaths(store, { ...model!, dimension: 0 })).toHaveLength(1);
  expect((await PhotoTable.open(store, clip)).count).toBe(1);
  await expect(PhotoTable.open(store, { ...clip, precision: 'full' })).rejects.toThrow(
    /there are with toybox --precision half/,
  );
  await clip.close();
});
