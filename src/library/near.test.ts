import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { photo } from '../../test/data.ts';
import { TOYBOX } from '../clip/hub/names.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { indexPhotos } from './index-photos.ts';
import { PhotoStore } from './photo-store.ts';
import { PhotoTable } from './search.ts';

let base: string;
let clip: Clip;
let photos: PhotoTable;
const PLACES: Record<string, readonly [number, number] | undefined> = {
  'munich.jpg': [48.137, 11.575],
  'dachau.jpg': [48.26, 11.434], // 17.2 km from there
  'fiji.jpg': [-17, 179.9],
  'samoa.jpg': [-17, -179.9], // 21.3 km from there, across the line of dates
  'nowhere.jpg': undefined,
};
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'polar-near-'));
  const folder = join(base, 'photos');
  await mkdir(folder);
  const pictures = ['dog6/00', 'dog6/01', 'dog6/02', 'cat/00', 'cat/01'];
  for (const [index, [name, place]] of Object.entries(PLACES).entries()) {
    await copyFile(photo(pictures[index]!), join(folder, name));
    if (place === undefined) continue;
    const geoData = { latitude: place[0], longitude: place[1] };
    await writeFile(
      join(folder, `${name}.json`),
      JSON.stringify({ photoTakenTime: { timestamp: '1' }, geoData }),
    );
  }
  clip = await loadClip(TOYBOX);
  const store = new PhotoStore(join(base, 'index'));
  await indexPhotos(store, clip, folder);
  photos = await PhotoTable.open(store, clip);
}, 60_000);
afterAll(async () => {
  await clip.close();
  await rm(base, { recursive: true });
});

it('finds photos by the distance on the globe, across the line of dates, and none without a place', async () => {
  const near = async (latitude: number, longitude: number, kilometres: number) => {
    const filter = { near: { latitude, longitude, kilometres } };
    const hits = await photos.search(new Float32Array(clip.dimension).fill(1), 10, filter);
    return hits.map(({ path }) => basename(path)).sort();
  };
  expect(await near(48.137, 11.575, 17)).toEqual(['munich.jpg']);
  expect(await near(48.137, 11.575, 17.5)).toEqual(['dachau.jpg', 'munich.jpg']);
  expect(await near(-17, 179.9, 21)).toEqual(['fiji.jpg']);
  expect(await near(-17, 179.9, 21.5)).toEqual(['fiji.jpg', 'samoa.jpg']);
  expect(await near(0, 0, 30_000)).toEqual(['dachau.jpg', 'fiji.jpg', 'munich.jpg', 'samoa.jpg']);
});
