/**
 * The image tower on a GPU, against the CPU: device × form of the graph × batch for ViT-B/32 and ViT-L/14 (random
 * weights), photos end to end with what `--device auto` chooses, and whether search results keep their order between
 * embeddings of the CPU and of the GPU (Toybox's weights). Needs nothing but a checkout, and takes under three minutes
 * on a machine with a GPU. docs/gpu.md quotes it.
 *
 *     npx tsx bench/gpu.ts [folder of photos]
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { buildImageGraph } from '../src/clip/graphs/image.ts';
import { CPU_FORM, GPU_FORM, type GraphForm, HALF_FORM } from '../src/clip/graphs/layers.ts';
import { matrixOf, normalizeRows, rowOf } from '../src/matrix.ts';
import { PRECISIONS, type Precision } from '../src/node/devices/device.ts';
import { type Clip, loadClip } from '../src/node/load-clip.ts';
import { localModel } from '../src/node/local-model.ts';
import { loadPixels, photoDecoding, pixelsOf, stackPixels } from '../src/node/pixels/picture-batch.ts';
import { openWeights } from '../src/node/weights.ts';
import { benchFolder, machine } from './machine.ts';
import { randomClip } from './random-clip.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const toybox = join(root, 'models/toybox');
const folder = process.argv[2] ?? join(root, 'test/photos');
const photos = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(jpe?g|png|webp)$/i.test(name))
  .sort()
  .map((name) => join(folder, name));
const BATCHES = [16, 64, 256];
const COMPARED = 8; // pictures whose embeddings are compared with the CPU's
const SECONDS = 0.6; // of one figure

interface Variant {
  readonly name: string;
  readonly device: 'cpu' | 'webgpu';
  readonly form: GraphForm;
  readonly batches: readonly number[];
  /** Runs that are begun at a time. */
  readonly inFlight?: number;
}

const unfused: GraphForm = { ...HALF_FORM, fusedAttention: false };
const VARIANTS: readonly Variant[] = [
  { name: 'cpu, Gemm', device: 'cpu', form: CPU_FORM, batches: [16] },
  { name: 'cpu, MatMul', device: 'cpu', form: { ...CPU_FORM, dense: 'MatMul' }, batches: [16] },
  { name: 'webgpu, float32, Gemm', device: 'webgpu', form: CPU_FORM, batches: BATCHES },
  { name: 'webgpu, float32, MatMul (full)', device: 'webgpu', form: GPU_FORM, batches: BATCHES },
  { name: 'webgpu, half, Gemm', device: 'webgpu', form: { ...unfused, dense: 'Gemm' }, batches: BATCHES },
  { name: 'webgpu, half, MatMul', device: 'webgpu', form: unfused, batches: BATCHES },
  { name: 'webgpu, half, two in flight', device: 'webgpu', form: unfused, batches: BATCHES, inFlight: 2 },
  {
    name: 'webgpu, half, MatMul, fused attention (half)',
    device: 'webgpu',
    form: HALF_FORM,
    batches: BATCHES,
  },
];

/** Pixels of `count` pictures, the photos over and over, with noise so that none is another's copy. */
async function manyPixels(clip: Pick<Clip, 'preprocessorConfig'>, count: number): Promise<Uint8Array> {
  const { preprocessorConfig } = clip;
  const loaded = await loadPixels(
    photos.slice(0, count),
    preprocessorConfig,
    photoDecoding(preprocessorConfig),
  );
  const some = loaded.map(pixelsOf);
  const pictures = Array.from({ length: count }, (_, index) =>
    some[index % some.length]!.map((x, i) => Math.min(255, x + ((i * (index + 1)) % 7))),
  );
  return stackPixels(pictures);
}

/** Least cosine of rows with the same numbers. */
function leastCosine(a: Float32Array, b: Float32Array, width: number): number {
  const [x, y] = [normalizeRows(matrixOf(a.slice(), width)), normalizeRows(matrixOf(b.slice(), width))];
  const cosines = Array.from({ length: Math.min(x.rows, y.rows) }, (_, row) =>
    rowOf(x, row).reduce((sum, value, i) => sum + value * rowOf(y, row)[i]!, 0),
  );
  return Math.min(...cosines);
}

async function benchTowers(size: string, directory: string): Promise<void> {
  const location = await localModel(directory, size);
  const clip = await loadClip(directory, { device: 'cpu' });
  const { config, preprocessorConfig } = clip;
  await clip.close();
  const { weights, folder: weightFolder } = await openWeights(location, config.family);
  const side = config.vision.imageSize;
  const pixels = await manyPixels({ preprocessorConfig }, Math.max(...BATCHES));
  const feed = (count: number) => ({
    pixels: new ort.Tensor('uint8', pixels.subarray(0, count * side * side * 3), [count, side, side, 3]),
  });
  let expected: Float32Array | undefined;
  for (const { name, device, form, batches, inFlight = 1 } of VARIANTS) {
    try {
      const started = performance.now();
      const session = await ort.InferenceSession.create(
        buildImageGraph(config, weights, { bytes: preprocessorConfig, form }),
        {
          executionProviders: [device],
          logSeverityLevel: 3,
          extra: { session: { model_external_initializers_file_folder_path: weightFolder } },
        },
      );
      const loaded = performance.now();
      const found = (await session.run(feed(COMPARED))).embedding!.data as Float32Array;
      const first = performance.now();
      expected ??= found.slice();
      const rates: string[] = [];
      for (const batch of batches) {
        const runs = () => Promise.all(Array.from({ length: inFlight }, () => session.run(feed(batch))));
        await runs();
        const begun = performance.now();
        let done = 0;
        do {
          await runs();
          done += inFlight * batch;
        } while (performance.now() - begun < 1000 * SECONDS);
        rates.push(`${((1000 * done) / (performance.now() - begun)).toFixed(1)} (${batch})`);
      }
      await session.release();
      console.log(
        `${size}, ${name}: ${rates.join(', ')} images/s; cosine ${leastCosine(expected, found, config.dimension).toFixed(6)}; loaded in ${(loaded - started).toFixed(0)} ms, first run ${(first - loaded).toFixed(0)} ms`,
      );
    } catch (error) {
      console.log(
        `${size}, ${name}: ${(error instanceof Error ? error.message : String(error)).slice(-160)}`,
      );
    }
  }
}

/** Decodes and embeds `count` photos as an index run does, and says what was chosen. */
async function benchPhotos(
  size: string,
  directory: string,
  count: number,
  precision: Precision,
): Promise<void> {
  const clip = await loadClip(directory, {
    device: 'auto',
    precision,
    onNote: (line) => console.log(`${size}, auto: ${line}`),
  });
  const paths = Array.from({ length: count }, (_, index) => photos[index % photos.length]!);
  const { preprocessorConfig } = clip;
  const read = (from: number) => {
    const files = paths.slice(from, from + clip.pictureBatch());
    return { files, loaded: loadPixels(files, preprocessorConfig, photoDecoding(preprocessorConfig)) };
  };
  let started = performance.now();
  for (let from = 0; from < Math.min(count, 512); from += 64) {
    await loadPixels(paths.slice(from, from + 64), preprocessorConfig, photoDecoding(preprocessorConfig));
  }
  const decoding = (1000 * Math.min(count, 512)) / (performance.now() - started);
  const marks: [done: number, time: number][] = [];
  let next = read(0);
  for (let done = 0; done < count; ) {
    const { files } = next;
    const pixels = stackPixels((await next.loaded).map(pixelsOf));
    next = read(done + files.length);
    await clip.encodePixels(pixels, files.length, { expected: count });
    done += files.length;
    marks.push([done, performance.now()]);
  }
  const last = marks.at(-1)!;
  const steady = marks[Math.floor(marks.length / 4)]!;
  const rate = (1000 * (last[0] - steady[0])) / (last[1] - steady[1]);
  const batch = clip.pictureBatch();
  const pixels = await manyPixels(clip, batch);
  await clip.encodePixels(pixels, batch);
  started = performance.now();
  let alone = 0;
  do {
    await clip.encodePixels(pixels, batch);
    alone += batch;
  } while (performance.now() - started < 1000);
  const tower = (1000 * alone) / (performance.now() - started);
  await clip.close();
  console.log(
    `${size}, ${precision}, photos end to end: ${rate.toFixed(1)} photos/s after the choice; tower alone ${tower.toFixed(1)}, decoding alone ${decoding.toFixed(1)}; ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MB`,
  );
}

const THINGS = [
  'a dog',
  'a cat',
  'a red car',
  'a vase',
  'a can',
  'a backpack',
  'a toy',
  'a bowl',
  'people',
  'a house',
];
const PLACES = [
  '',
  ' in the snow',
  ' on a street',
  ' on grass',
  ' on a floor',
  ' at night',
  ' in a kitchen',
  ' by the sea',
  ' in the mountains',
  ' on a carpet',
];
const FIRST = 20;

/** Whether 100 queries find the same first 20 photos in the same order, by whatever device those were embedded. */
async function benchOrder(precision: Precision): Promise<void> {
  const embed = async (device: 'cpu' | 'webgpu') => {
    const clip = await loadClip(toybox, {
      precision,
      device,
      onNote: (line) => console.log(`Toybox, order: ${line}`),
    });
    const embeddings = normalizeRows(await clip.encodeImages(photos, photoDecoding(clip.preprocessorConfig)));
    const sentences = THINGS.flatMap((thing) => PLACES.map((place) => `a photo of ${thing}${place}`));
    const queries = normalizeRows(await clip.encodeTexts(sentences));
    await clip.close();
    return { embeddings, queries };
  };
  const { embeddings: cpu, queries } = await embed('cpu');
  const { embeddings: gpu } = await embed('webgpu');
  const scores = (query: Float32Array, rows: (index: number) => Float32Array) =>
    photos.map((_, index) => rows(index).reduce((sum, x, i) => sum + x * query[i]!, 0));
  const orderOf = (values: readonly number[]) =>
    values
      .map((_, index) => index)
      .sort((i, j) => values[j]! - values[i]! || i - j)
      .slice(0, FIRST);
  const count = { gpu: 0, mixed: 0, gap: 0 };
  for (let row = 0; row < queries.rows; row++) {
    const query = rowOf(queries, row);
    const exact = scores(query, (index) => rowOf(cpu, index));
    const order = orderOf(exact);
    const compare = (rows: (index: number) => Float32Array) => {
      const other = orderOf(scores(query, rows));
      const changed = other.filter((index, place) => index !== order[place]);
      for (const [place, index] of other.entries()) {
        count.gap = Math.max(count.gap, Math.abs(exact[index]! - exact[order[place]!]!));
      }
      return changed.length > 0 ? 1 : 0;
    };
    count.gpu += compare((index) => rowOf(gpu, index));
    count.mixed += compare((index) => rowOf(index % 2 === 0 ? cpu : gpu, index));
  }
  console.log(
    `Toybox, ${precision}, order of the first ${FIRST} of ${photos.length} photos: changed in ${count.gpu} of ${queries.rows} queries on the GPU, in ${count.mixed} where every other photo is the GPU's; photos that changed places score at most ${count.gap.toExponential(1)} apart; cosine ${leastCosine(cpu.data, gpu.data, cpu.columns).toFixed(6)}`,
  );
}

console.log(`machine: ${machine()}; ONNX Runtime ${ort.env.versions.node}; ${photos.length} photos`);
for (const precision of PRECISIONS) {
  await benchOrder(precision).catch((error: unknown) => console.log(`Toybox, order: ${String(error)}`));
}
for (const [size, count] of [
  ['ViT-B/32', 3000],
  ['ViT-L/14', 1000],
] as const) {
  const directory = await randomClip(size, benchFolder, join(toybox, 'tokenizer.json'));
  await benchTowers(size, directory);
  for (const precision of PRECISIONS) await benchPhotos(size, directory, count, precision);
}
