import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { photo } from '../../../test/data.ts';
import { fileExamples } from '../../node/learn.ts';
import { type Clip, loadClip } from '../../node/load-clip.ts';
import { learnFromFeatures } from '../../polar/learn.ts';
import { indexPhotos } from '../index-photos.ts';
import { PhotoStore } from '../photo-store.ts';
import { knownEmbeddings } from './known-embeddings.ts';

let clip: Clip;
let base: string;
let folder: string;
let store: PhotoStore;
const inFolder = (name: string) => join(folder, name);
beforeAll(async () => {
  clip = await loadClip('toybox');
  base = await mkdtemp(join(tmpdir(), 'polar-known-'));
  folder = join(base, 'photos');
  await mkdir(folder);
  for (const name of ['dog/00', 'dog/01', 'dog/02', 'cat/00', 'vase/00']) {
    await copyFile(photo(name), inFolder(`${name.replace('/', '-')}.jpg`));
  }
  // Large enough that it is shrunk while it is decoded.
  await sharp(photo('dog/03')).resize(2000).jpeg().toFile(inFolder('large.jpg'));
  store = new PhotoStore(join(base, 'library'));
  await indexPhotos(store, clip, folder);
});
afterAll(async () => {
  await clip.close();
  await rm(base, { recursive: true });
});

it('photos in the index are learnt from without the image tower, and give the same concept to the bit', async () => {
  const photos = ['dog-00.jpg', 'large.jpg', 'dog-01.jpg'].map(inFolder);
  const not = [inFolder('cat-00.jpg')];
  const learn = async (from: Clip, known?: ReturnType<typeof knownEmbeddings>) => {
    const { concept, losses } = await learnFromFeatures(
      from,
      'Rex',
      fileExamples(from, photos, { not, known }),
      {
        iterations: 20,
      },
    );
    return { losses, concept: { ...concept, created: '' } };
  };
  const closed: Clip = {
    ...clip,
    encodePixels: () => Promise.reject(new Error('the image tower was opened')),
  };
  await expect(learn(closed)).rejects.toThrow('the image tower was opened');
  expect(await learn(closed, knownEmbeddings(store, clip))).toStrictEqual(await learn(clip));
});

it('a photo under another name is known by its content; a part of one, and a new one, are encoded', async () => {
  const renamed = join(base, 'renamed.jpg');
  await copyFile(photo('dog/02'), renamed);
  const box = { left: 10, top: 10, width: 200, height: 200 };
  const part = { path: inFolder('dog-00.jpg'), box };
  const photos = [renamed, part, photo('dog6/00'), inFolder('dog-01.jpg')];
  let encoded = 0;
  const counting: Clip = {
    ...clip,
    encodePixels(pixels, count, options) {
      encoded += count;
      return clip.encodePixels(pixels, count, options);
    },
  };
  const known = await fileExamples(counting, photos, { known: knownEmbeddings(store, clip) }).read();
  expect(encoded).toBe(2);
  expect(known).toStrictEqual(await fileExamples(clip, photos).read());
});
