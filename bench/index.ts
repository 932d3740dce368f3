/**
 * How fast photos are indexed, against the image tower alone on pixels that are ready; real photos, each in four
 * crops so that a run is long enough, ViT-B/32 size (random weights). How many bytes a photo takes in the index. And
 * how much the shrinking of large photos while decoding changes their embeddings, by a model that has learnt something
 * (Toybox, for which photos of 480 pixels are large).
 *
 *     npx tsx bench/index.ts <folder of photos>
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { indexPhotos } from '../src/library/index-photos.ts';
import { PhotoStore } from '../src/library/photo-store.ts';
import { scanPhotos } from '../src/library/scan.ts';
import { normalizeRows, rowOf } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { loadPixels, photoDecoding, pixelsOf, stackPixels } from '../src/node/pixels/picture-batch.ts';
import { benchFolder, machine, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: npx tsx bench/index.ts <folder of photos>');
const clip = await loadClip(await randomClip('ViT-B/32', benchFolder, tokenizerFile));
const base = await mkdtemp(join(tmpdir(), 'polar-bench-'));
const crops = join(base, 'photos');
await mkdir(crops);
const { photos } = await scanPhotos(folder);
for (const [index, { path }] of photos.entries()) {
  const { width, height } = await sharp(path).metadata();
  const part = { width: Math.round(0.97 * width), height: Math.round(0.97 * height) };
  for (const [left, top] of [
    [0, 0],
    [width - part.width, 0],
    [0, height - part.height],
    [width - part.width, height - part.height],
  ] as const) {
    const name = `${index}-${left}-${top}.jpg`;
    await sharp(path)
      .extract({ left, top, ...part })
      .jpeg({ quality: 90 })
      .toFile(join(crops, name));
  }
}
const paths = (await scanPhotos(crops)).photos.map((photo) => photo.path);
const BATCH = 16;

const loaded = await loadPixels(paths.slice(0, BATCH), clip.preprocessorConfig);
const pixels = stackPixels(loaded.map(pixelsOf));
await clip.encodePixels(pixels, BATCH); // warm
const rates: { tower: number; index: number }[] = [];
for (let turn = 0; turn < 3; turn++) {
  const batches = Math.ceil(paths.length / BATCH);
  let started = performance.now();
  for (let i = 0; i < batches; i++) await clip.encodePixels(pixels, BATCH);
  const tower = (batches * BATCH * 1000) / (performance.now() - started);
  started = performance.now();
  const { added } = await indexPhotos(new PhotoStore(join(base, `run-${turn}`)), clip, crops);
  rates.push({ tower, index: (added * 1000) / (performance.now() - started) });
}
const { totalBytes } = await (await new PhotoStore(join(base, 'run-0')).find(clip))!.stats();
await rm(base, { recursive: true });
const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const tower = middle(rates.map((rate) => rate.tower));
const index = middle(rates.map((rate) => rate.index));

await clip.close();

const toybox = await loadClip('toybox');
const originals = photos.map((photo) => photo.path);
const exact = normalizeRows(await toybox.encodeImages(originals, { orientation: 'honour' }));
const shrunk = normalizeRows(await toybox.encodeImages(originals, photoDecoding(toybox.preprocessorConfig)));
const cosines = originals.map((_, row) =>
  rowOf(exact, row).reduce((sum, x, i) => sum + x * rowOf(shrunk, row)[i]!, 0),
);
await toybox.close();

console.log(`machine: ${machine()}`);
console.log(`model: ViT-B/32 size, random weights; ${paths.length} photos, medians of 3 turns`);
console.log(`image tower alone: ${tower.toFixed(1)} photos/s`);
console.log(`indexing: ${index.toFixed(1)} photos/s, ${((100 * index) / tower).toFixed(0)} % of the tower`);
console.log(
  `bytes on disk a photo: ${Math.round(totalBytes / paths.length)}, ${4 * clip.dimension} of them its embedding of ${clip.dimension} numbers`,
);
console.log(`embeddings of photos shrunk while decoding: cosine at least ${Math.min(...cosines).toFixed(6)}`);
