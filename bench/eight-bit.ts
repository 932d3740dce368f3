/**
 * The image tower with 8-bit weights and activations on this CPU: how much faster each of ONNX Runtime's products is
 * than float32 at the size of ViT-B/32 and ViT-L/14 (random weights), the forms in turns; and, by a model that has learnt
 * something (Toybox), how many of its own drawings it still finds among the first 10 by their captions, and how many of
 * the first 20 photos of 100 sentences stay the same. docs/gpu.md says what was decided.
 *
 *     npx tsx bench/eight-bit.ts [folder of photos] [--turns 8] [--sizes ViT-B/32]
 */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { buildImageGraph } from '../src/clip/graphs/image.ts';
import { schema } from '../src/clip/graphs/onnx-schema.ts';
import { scanPhotos } from '../src/library/scan.ts';
import { type Matrix, matrixOf, normalizeRows, rowOf } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { localModel } from '../src/node/local-model.ts';
import { loadPixels, photoDecoding, pixelsOf, stackPixels } from '../src/node/pixels/picture-batch.ts';
import { openWeights } from '../src/node/weights.ts';
import { makeToyboxPhotos, readToyboxPhotos } from '../src/toybox/make-photos.ts';
import { benchFolder, machine, tokenizerFile } from './machine.ts';
import { randomClip, SIZES } from './random-clip.ts';

const { values, positionals } = parseArgs({
  options: {
    turns: { type: 'string', default: '8' },
    sizes: { type: 'string', multiple: true, default: ['Toybox', 'ViT-B/32', 'ViT-L/14'] },
  },
  allowPositionals: true,
});
const folder = positionals[0] ?? fileURLToPath(new URL('../test/photos', import.meta.url));
const TURNS = Number(values.turns);
const BATCH = { 'ViT-B/32': 16, 'ViT-L/14': 4, 'ViT-B/16-SigLIP2': 16 } as const;
const COMPARED = 16; // pictures of a run of Toybox
const FIRST = 20;
const TOP = 10;

/** How a product is computed; `steps` on each side of zero that a weight is rounded to. */
interface Form {
  readonly name: string;
  readonly operator?: 'DynamicQuantizeMatMul' | 'MatMulNBits';
  readonly steps?: number;
}
const FORMS: readonly Form[] = [
  { name: 'float32' },
  { name: 'DynamicQuantizeMatMul, 8 bits by column', operator: 'DynamicQuantizeMatMul', steps: 127 },
  // Without VNNI two products of 8 bits are added in 16, which can overflow; of 7 and 8 bits it cannot.
  { name: 'DynamicQuantizeMatMul, 7 bits by column', operator: 'DynamicQuantizeMatMul', steps: 63 },
  { name: 'MatMulNBits, 8 bits, blocks of 32', operator: 'MatMulNBits', steps: 127 },
];
const BLOCK = 32;

interface Node {
  opType: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: object[];
}
interface Tensor {
  readonly name: string;
  readonly dims: readonly (number | { toString(): string })[];
}

/** The graph with every dense layer in another form; its weights are rounded when it is loaded. */
function rewrite(written: Uint8Array, { operator, steps = 0 }: Form): Uint8Array {
  if (operator === undefined) return written;
  const Model = schema.lookupType('Model');
  const model = Model.decode(written) as unknown as { graph: { node: Node[]; initializer: object[] } };
  const { graph } = model;
  const shapes = new Map((graph.initializer as Tensor[]).map(({ name, dims }) => [name, dims.map(Number)]));
  const nodes: Node[] = [];
  const constant = (name: string, dataType: number, numbers: Float32Array | BigInt64Array): string => {
    if (!shapes.has(name)) {
      const dims = dataType === 7 ? [numbers.length] : [];
      graph.initializer.push({ name, dims, dataType, rawData: new Uint8Array(numbers.buffer) });
      shapes.set(name, dims);
    }
    return name;
  };
  const float = (value: number) => constant(`float ${value}`, 1, Float32Array.of(value));
  const sizes = (...list: number[]) =>
    constant(`shape ${list.join(' ')}`, 7, BigInt64Array.from(list.map(BigInt)));
  for (const node of graph.node) {
    const [x, weight, ...bias] = node.input as [string, string, ...string[]];
    // Weights that are stored in half precision are cast first.
    if (node.opType === 'Cast' && shapes.has(x)) shapes.set(node.output[0]!, shapes.get(x)!);
    const [outputs, inputs] = shapes.get(weight ?? '') ?? [];
    if (node.opType !== 'Gemm' || outputs === undefined || inputs === undefined || inputs % BLOCK !== 0) {
      nodes.push(node);
      continue;
    }
    const add = (opType: string, input: string[], attribute: object[] = []): string => {
      const output = [`${weight} ${opType} ${nodes.length}`];
      nodes.push({ opType, domain: '', input, output, attribute });
      return output[0]!;
    };
    const integer = (name: string, i: number) => ({ name, type: 2, i });
    const list = (name: string, ints: number[]) => ({ name, type: 7, ints });
    const isBlocked = operator === 'MatMulNBits';
    const rows = isBlocked ? add('Reshape', [weight, sizes(outputs, inputs / BLOCK, BLOCK)]) : weight; // [N, K] or by blocks
    const most = add(
      'ReduceMax',
      [add('Abs', [rows])],
      [list('axes', [isBlocked ? 2 : 1]), integer('keepdims', 1)],
    );
    const scale = add('Max', [add('Mul', [most, float(1 / steps)]), float(1e-9)]);
    const rounded = add('Round', [add('Div', [rows, scale])]);
    if (isBlocked) {
      const bytes = add('Cast', [add('Add', [rounded, float(128)])], [integer('to', 2)]);
      const scales = add('Reshape', [scale, sizes(outputs, inputs / BLOCK)]);
      const attribute = [
        ['K', inputs],
        ['N', outputs],
        ['bits', 8],
        ['block_size', BLOCK],
        ['accuracy_level', 4],
      ].map(([name, value]) => integer(name as string, value as number));
      const input = [x, bytes, scales, '', '', ...bias];
      nodes.push({ ...node, opType: operator, domain: 'com.microsoft', input, attribute });
    } else {
      const bytes = add('Transpose', [add('Cast', [rounded], [integer('to', 3)])], [list('perm', [1, 0])]); // int8 [K, N]
      const scales = add('Reshape', [scale, sizes(outputs)]);
      const input = [x, bytes, scales, '', ...bias];
      nodes.push({ ...node, opType: operator, domain: 'com.microsoft', input, attribute: [] });
    }
  }
  graph.node = nodes;
  return Model.encode(model).finish();
}

interface Tower {
  readonly form: Form;
  readonly run: (pixels: Uint8Array, count: number) => Promise<Float32Array>;
  readonly release: () => Promise<void>;
}

/** The image tower of a model in every form that this CPU's engine has. */
async function openTowers(directory: string, name: string): Promise<Tower[]> {
  const location = await localModel(directory, name);
  const { config, preprocessorConfig, ...clip } = await loadClip(directory, { device: 'cpu' });
  await clip.close();
  const { weights, folder: weightFolder } = await openWeights(location, config.family);
  const written = buildImageGraph(config, weights, { bytes: preprocessorConfig });
  const side = config.vision.imageSize;
  const towers: Tower[] = [];
  for (const form of FORMS) {
    try {
      const session = await ort.InferenceSession.create(rewrite(written, form), {
        logSeverityLevel: 3,
        extra: {
          session: {
            model_external_initializers_file_folder_path: weightFolder,
            intra_op: { allow_spinning: '0' }, // the processor's time is then that of the work
          },
        },
      });
      towers.push({
        form,
        run: async (pixels, count) => {
          const feed = new ort.Tensor('uint8', pixels, [count, side, side, 3]);
          return (await session.run({ pixels: feed })).embedding!.data as Float32Array;
        },
        release: () => session.release(),
      });
    } catch (error) {
      console.log(`${name}, ${form.name}: ${(error as Error).message.slice(-160)}`);
    }
  }
  return towers;
}

async function benchSpeed(size: keyof typeof SIZES): Promise<void> {
  const towers = await openTowers(await randomClip(size, benchFolder, tokenizerFile), size);
  const pixels = Uint8Array.from(
    { length: BATCH[size] * 224 * 224 * 3 },
    (_, i) => (i * 31 + (i >> 7)) % 256,
  );
  const costs = towers.map(() => ({ times: [] as number[], work: [] as number[] }));
  for (let turn = 0; turn <= TURNS; turn++) {
    for (const [i, { run }] of towers.entries()) {
      const [started, before] = [performance.now(), process.cpuUsage()];
      await run(pixels, BATCH[size]);
      const { user, system } = process.cpuUsage(before);
      if (turn === 0) continue; // warm
      costs[i]!.times.push((performance.now() - started) / BATCH[size]);
      costs[i]!.work.push((user + system) / 1000 / BATCH[size]);
    }
  }
  const middle = (list: number[]) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;
  for (const [i, { form, release }] of towers.entries()) {
    const [first, own] = [costs[0]!, costs[i]!];
    console.log(
      `${size}, ${form.name}: ${middle(own.times).toFixed(1)} ms a picture (fastest ${Math.min(...own.times).toFixed(1)}), ${middle(own.work).toFixed(1)} ms of all cores' work; ${(middle(first.times) / middle(own.times)).toFixed(2)} times as fast, by work ${(middle(first.work) / middle(own.work)).toFixed(2)}`,
    );
    await release();
  }
}

const THINGS = [
  'a dog',
  'a cat',
  'a car',
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
  'in the snow',
  'on a street',
  'on grass',
  'on a floor',
  'at night',
  'in a kitchen',
  'by the sea',
];
const KINDS = ['a photo of', 'a drawing of'];

/** Rows of photos by their score, best first. */
function order(photos: Matrix, query: Float32Array, most: number): number[] {
  const scores = Array.from({ length: photos.rows }, (_, row) =>
    rowOf(photos, row).reduce((sum, x, i) => sum + x * query[i]!, 0),
  );
  return [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, most);
}

async function benchRankings(): Promise<void> {
  const toybox = fileURLToPath(new URL('../models/toybox', import.meta.url));
  const work = await mkdtemp(join(tmpdir(), 'polar-eight-bit-'));
  const made = await makeToyboxPhotos(work);
  const truth = await readToyboxPhotos(work);
  const drawn = [...truth.keys()].map((file) => join(made.library, file));
  const real = (await scanPhotos(folder)).photos.map(({ path }) => path);
  const clip = await loadClip(toybox, { device: 'cpu' });
  const { preprocessorConfig, dimension } = clip;
  const captions = normalizeRows(await clip.encodeTexts([...truth.values()].map(({ caption }) => caption)));
  const sentences = THINGS.flatMap((thing) =>
    PLACES.flatMap((place) => KINDS.map((kind) => `${kind} ${thing} ${place}`.trim())),
  ).slice(0, 100);
  const queries = normalizeRows(await clip.encodeTexts(sentences));
  await clip.close();
  const pixels = async (paths: readonly string[]) => {
    const loaded = await loadPixels(paths, preprocessorConfig, photoDecoding(preprocessorConfig));
    return loaded.map(pixelsOf);
  };
  const [drawnPixels, realPixels] = [await pixels(drawn), await pixels(real)];
  const embed = async ({ run }: Tower, pictures: readonly Uint8Array[]) => {
    const data = new Float32Array(pictures.length * dimension);
    for (let start = 0; start < pictures.length; start += COMPARED) {
      const part = pictures.slice(start, start + COMPARED);
      data.set(await run(stackPixels(part), part.length), start * dimension);
    }
    return normalizeRows(matrixOf(data, dimension));
  };
  let exact: { embeddings: Matrix; orders: number[][] } | undefined;
  for (const tower of await openTowers(toybox, 'Toybox')) {
    const [own, photos] = [await embed(tower, drawnPixels), await embed(tower, realPixels)];
    const found = drawn.filter((_, row) => order(own, rowOf(captions, row), TOP).includes(row)).length;
    const orders = sentences.map((_, row) => order(photos, rowOf(queries, row), FIRST));
    exact ??= { embeddings: photos, orders };
    const { embeddings: right, orders: rightOrders } = exact;
    const same = orders.map((list, row) => list.filter((photo) => rightOrders[row]!.includes(photo)).length);
    const cosines = real.map((_, row) =>
      rowOf(photos, row).reduce((sum, x, i) => sum + x * rowOf(right, row)[i]!, 0),
    );
    const places = Math.min(FIRST, real.length) * sentences.length;
    console.log(
      `Toybox, ${tower.form.name}: recall@${TOP} of ${drawn.length} drawings ${((100 * found) / drawn.length).toFixed(1)} %; of the first ${FIRST} of ${real.length} photos ${((100 * same.reduce((a, b) => a + b, 0)) / places).toFixed(2)} % the same in ${sentences.length} queries; least cosine ${Math.min(...cosines).toFixed(5)}`,
    );
    await tower.release();
  }
  await rm(work, { recursive: true });
}

const flags = /^flags\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? [];
const known = ['avx2', 'avx512f', 'avx512_vnni', 'avx_vnni', 'amx_int8'].filter((flag) =>
  flags.includes(flag),
);
console.log(`machine: ${machine()}, ${known.join(' ')}; ONNX Runtime ${ort.env.versions.node}`);
if (values.sizes.includes('Toybox')) await benchRankings();
for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[]) {
  if (values.sizes.includes(size)) await benchSpeed(size);
}
