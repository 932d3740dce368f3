/**
 * How fast photos are indexed, against the image tower alone on pixels that are ready, against reading and decoding
 * alone, and against both beside each other with nothing else to do, on 1, 2, 4 and 16 cores as far as there are, in turns;
 * and what share of the tower's speed the processor time of both allows at the most. Real photos, each in four crops so
 * that a run is long enough; a model with random weights. How
 * many bytes a photo takes in the index. And how much the shrinking of large photos while decoding changes their
 * embeddings, by a model that has learnt something (Toybox, for which photos of 480 pixels are large).
 *
 *     npx tsx bench/index.ts <folder of photos> [--model ViT-L/14] [--photos 60] [--cores 1 --cores 2] [--turns 3] [--side 4000]
 *
 * `--side` enlarges the photos to that many pixels first, as a phone takes them.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { indexPhotos } from '../src/library/index-photos.ts';
import { PhotoStore } from '../src/library/photo-store.ts';
import { readPhotos } from '../src/library/reading/read.ts';
import { scanPhotos } from '../src/library/scan.ts';
import { normalizeRows, rowOf } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { loadPixels, photoDecoding, pixelsOf, stackPixels } from '../src/node/pixels/picture-batch.ts';
import { benchFolder, machine, memory, tokenizerFile } from './machine.ts';
import { randomClip, type SIZES } from './random-clip.ts';

const CROPS = 4;
const { values, positionals } = parseArgs({
  options: {
    model: { type: 'string', default: 'ViT-B/32' },
    photos: { type: 'string' },
    side: { type: 'string' },
    turns: { type: 'string', default: '3' },
    cores: { type: 'string', multiple: true, default: ['1', '2', '4', '16'] },
    measure: { type: 'boolean' }, // in a process of its own, on some of the cores
  },
  allowPositionals: true,
});
const TURNS = Number(values.turns);
const [folder] = positionals;
if (folder === undefined) throw new Error('usage: npx tsx bench/index.ts <folder of photos>');

/** Of one turn: milliseconds a photo, by the clock and of all cores' work. */
interface Cost {
  readonly time: number;
  readonly work: number;
}
type Turn = Readonly<Record<'tower' | 'decoding' | 'beside' | 'index', Cost>>;
interface Measured {
  readonly turns: readonly Turn[];
  /** MB. */
  readonly peak: number;
  readonly bytes: number;
  readonly dimension: number;
}

if (values.measure) console.log(JSON.stringify(await measure(folder, values.model as keyof typeof SIZES)));
else await compare(folder);

async function cost(photos: number, work: () => Promise<unknown>): Promise<Cost> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { time: (performance.now() - started) / photos, work: (user + system) / 1000 / photos };
}

async function measure(photosIn: string, size: keyof typeof SIZES): Promise<Measured> {
  const directory = await randomClip(size, benchFolder, tokenizerFile);
  const clip = await loadClip(directory, { device: 'cpu', threads: availableParallelism() });
  const { photos } = await scanPhotos(photosIn);
  const batch = clip.pictureBatch();
  const loaded = await loadPixels(
    photos.slice(0, batch).map(({ path }) => path),
    clip.preprocessorConfig,
  );
  const pixels = stackPixels(loaded.map(pixelsOf));
  await clip.encodePixels(pixels, loaded.length, { expected: photos.length }); // warm
  const base = await mkdtemp(join(tmpdir(), 'polar-bench-'));
  const turns: Turn[] = [];
  let bytes = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const batches = Math.ceil(photos.length / loaded.length);
    const runTower = async () => {
      for (let i = 0; i < batches; i++)
        await clip.encodePixels(pixels, loaded.length, { expected: photos.length });
    };
    const decode = async () => {
      for (let from = 0; from < photos.length; from += batch)
        await readPhotos(photos.slice(from, from + batch), () => false, clip);
    };
    const tower = await cost(batches * loaded.length, runTower);
    const decoding = await cost(photos.length, decode);
    const beside = await cost(photos.length, () => Promise.all([runTower(), decode()]));
    const store = new PhotoStore(join(base, `run-${turn}`));
    turns.push({
      tower,
      decoding,
      beside,
      index: await cost(photos.length, () => indexPhotos(store, clip, photosIn)),
    });
    bytes = (await (await store.find(clip))!.stats()).totalBytes / photos.length;
  }
  await rm(base, { recursive: true });
  await clip.close();
  return { turns, peak: memory().peak, bytes, dimension: clip.dimension };
}

async function compare(photosIn: string): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), 'polar-bench-'));
  const crops = join(base, 'photos');
  await mkdir(crops);
  const { photos } = await scanPhotos(photosIn);
  const wanted = values.photos === undefined ? photos.length : Math.ceil(Number(values.photos) / CROPS);
  for (const [index, { path }] of photos.slice(0, wanted).entries()) await writeCrops(path, index, crops);
  console.log(`machine: ${machine()}`);
  console.log(
    `model: ${values.model} size, random weights; ${CROPS * Math.min(wanted, photos.length)} photos, medians of ${TURNS} turns`,
  );
  for (const cores of values.cores.map(Number).filter((cores) => cores <= availableParallelism())) {
    const output = execFileSync(
      'taskset',
      [
        ...['-c', `0-${cores - 1}`, process.execPath, '--import', 'tsx', fileURLToPath(import.meta.url)],
        ...[crops, '--measure', '--model', values.model, '--turns', values.turns],
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
    );
    report(cores, JSON.parse(output) as Measured);
  }
  await rm(base, { recursive: true });
  await compareShrunk(photos.map(({ path }) => path));
}

async function writeCrops(path: string, index: number, to: string): Promise<void> {
  const large = values.side === undefined ? {} : { width: Number(values.side) };
  const picture = await sharp(path).resize(large).jpeg({ quality: 90 }).toBuffer();
  const { width, height } = await sharp(picture).metadata();
  const part = { width: Math.round(0.97 * width), height: Math.round(0.97 * height) };
  for (let crop = 0; crop < CROPS; crop++) {
    const left = crop % 2 === 0 ? 0 : width - part.width;
    const top = crop < 2 ? 0 : height - part.height;
    await sharp(picture)
      .extract({ left, top, ...part })
      .jpeg({ quality: 90 })
      .toFile(join(to, `${index}-${crop}.jpg`));
  }
}

function report(cores: number, { turns, peak, bytes, dimension }: Measured): void {
  const middle = (of: (turn: Turn) => number) => turns.map(of).sort((a, b) => a - b)[Math.floor(TURNS / 2)]!;
  const rate = (part: keyof Turn) => `${(1000 / middle((turn) => turn[part].time)).toFixed(1)} photos/s`;
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  const work = (part: keyof Turn) => middle((turn) => turn[part].work);
  const allowed = work('tower') / (work('tower') + work('decoding'));
  const share = (part: keyof Turn) => percent(middle((turn) => turn.tower.time / turn[part].time));
  console.log(
    `${cores} ${cores === 1 ? 'core' : 'cores'}: tower alone ${rate('tower')}, reading and decoding alone ${rate('decoding')}, both beside each other ${share('beside')} of the tower, indexing ${rate('index')}, ${share('index')} of the tower`,
  );
  console.log(
    `  work a photo: tower ${work('tower').toFixed(1)} ms, reading and decoding ${work('decoding').toFixed(1)} ms, both beside each other ${work('beside').toFixed(1)} ms, indexing ${work('index').toFixed(1)} ms; that allows ${percent(allowed)} of the tower at the most where all cores are busy`,
  );
  console.log(
    `  memory at the peak ${peak.toFixed(0)} MB; ${Math.round(bytes)} bytes on disk a photo, ${4 * dimension} of them its embedding of ${dimension} numbers`,
  );
}

async function compareShrunk(photos: readonly string[]): Promise<void> {
  const toybox = await loadClip('toybox');
  const exact = normalizeRows(await toybox.encodeImages(photos, { orientation: 'honour' }));
  const shrunk = normalizeRows(await toybox.encodeImages(photos, photoDecoding(toybox.preprocessorConfig)));
  const cosines = photos.map((_, row) =>
    rowOf(exact, row).reduce((sum, x, i) => sum + x * rowOf(shrunk, row)[i]!, 0),
  );
  await toybox.close();
  console.log(
    `embeddings of photos shrunk while decoding: cosine at least ${Math.min(...cosines).toFixed(6)}`,
  );
}
