/**
 * Writes a CLIP of a given size with random weights, for benchmarks: speed and memory do not depend on the
 * values, and the real weights cannot be fetched everywhere. Needs a tokenizer from a model at hand.
 */
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { ClipConfig } from '../src/clip/config.ts';
import { FAMILIES, readClipConfig } from '../src/clip/families/describe.ts';
import { buildHeadGraph } from '../src/clip/graphs/head.ts';
import { buildImageGraph } from '../src/clip/graphs/image.ts';
import type { Weights } from '../src/clip/graphs/layers.ts';
import { ElementType } from '../src/clip/graphs/onnx.ts';
import { buildTextGraph } from '../src/clip/graphs/text.ts';

const OPENAI = {
  do_center_crop: true,
  do_normalize: true,
  do_resize: true,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  resample: 3,
  size: { shortest_edge: 224 },
  crop_size: { height: 224, width: 224 },
};
const SIGLIP2 = {
  do_normalize: true,
  do_resize: true,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
  resample: 2,
  size: { height: 224, width: 224 },
};

/** Configs of released models, as sparse as they come, and how those prepare pictures. */
export const SIZES = {
  'ViT-L/14': {
    preprocessor: OPENAI,
    config: {
      model_type: 'clip',
      projection_dim: 768,
      text_config: { hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12 },
      vision_config: {
        hidden_size: 1024,
        intermediate_size: 4096,
        num_hidden_layers: 24,
        num_attention_heads: 16,
        patch_size: 14,
      },
    },
  },
  'ViT-B/32': { preprocessor: OPENAI, config: { model_type: 'clip' } },
  'ViT-B/16-SigLIP2': {
    preprocessor: SIGLIP2,
    config: { model_type: 'siglip', text_config: { vocab_size: 256_000 } },
  },
} as const;

/**
 * Makes (or finds) the model directory for `size` under `folder`.
 *
 * @param tokenizerFile a `tokenizer.json` of the model's family, with its vocabulary or a part of it
 */
export async function randomClip(
  size: keyof typeof SIZES,
  folder: string,
  tokenizerFile: string,
): Promise<string> {
  const directory = join(folder, `random-${size.replaceAll('/', '-')}`);
  const done = await stat(join(directory, 'model.safetensors')).catch(() => undefined);
  if (done !== undefined) return directory;
  await mkdir(directory, { recursive: true });
  const { config, preprocessor } = SIZES[size];
  await writeFile(join(directory, 'config.json'), JSON.stringify(config));
  await writeFile(join(directory, 'preprocessor_config.json'), JSON.stringify(preprocessor));
  await copyFile(tokenizerFile, join(directory, 'tokenizer.json'));
  await writeRandomWeights(
    join(directory, 'model.safetensors'),
    tensorShapes(readClipConfig(config, 'config.json')),
  );
  return directory;
}

/** Every tensor that the graphs ask for, under the family's own names. */
function tensorShapes(config: ClipConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const record: Weights = (name, shape) => {
    const { tensor, part, transposed = false } = FAMILIES[config.family].place(name, () => false);
    const [rows = 1, ...columns] = shape;
    shapes.set(tensor, transposed ? shape.toReversed() : [rows * (part?.of ?? 1), ...columns]);
    return { fileName: '', offset: 0, byteLength: 0, type: ElementType.float, shape, transposed };
  };
  buildTextGraph(config, record);
  buildHeadGraph(config, record, config.text.heads);
  buildImageGraph(config, record);
  return shapes;
}

/** Streams the weights, so that making a model takes little memory. */
async function writeRandomWeights(file: string, shapes: ReadonlyMap<string, readonly number[]>) {
  const header: Record<string, object> = {};
  let offset = 0;
  for (const [name, shape] of shapes) {
    const bytes = 4 * shape.reduce((product, size) => product * size, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const partial = `${file}.partial`;
  const stream = createWriteStream(partial);
  stream.write(length);
  stream.write(json);
  for (const [name, shape] of shapes) {
    const count = shape.reduce((product, size) => product * size, 1);
    const values = new Float32Array(count);
    // Norms near one and small matrices keep the activations finite through all layers.
    const scale = shape.length > 1 ? 0.04 : 0.02;
    const center = /(norm|ln_)[^.]*\.weight$/.test(name) ? 1 : 0;
    for (let i = 0; i < count; i++) values[i] = center + scale * (Math.random() - 0.5);
    if (!stream.write(Buffer.from(values.buffer))) {
      await new Promise<void>((resolve) => stream.once('drain', resolve));
    }
  }
  stream.end();
  await finished(stream);
  await rename(partial, file);
}
