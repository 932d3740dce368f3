/**
 * Writes a CLIP of a given size with random weights, for benchmarks: speed and memory do not depend on the
 * values, and the real weights cannot be fetched everywhere. Needs a tokenizer from a model at hand.
 */
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

interface TowerSize {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
}

interface ClipSize {
  readonly text: TowerSize;
  readonly vision: TowerSize & { readonly imageSize: number; readonly patchSize: number };
  readonly dimension: number;
}

/** Sizes of OpenAI's released models. */
export const SIZES = {
  'ViT-L/14': {
    text: { width: 768, layers: 12, heads: 12 },
    vision: { width: 1024, layers: 24, heads: 16, imageSize: 224, patchSize: 14 },
    dimension: 768,
  },
  'ViT-B/32': {
    text: { width: 512, layers: 12, heads: 8 },
    vision: { width: 768, layers: 12, heads: 12, imageSize: 224, patchSize: 32 },
    dimension: 512,
  },
} as const satisfies Record<string, ClipSize>;

const VOCABULARY = 49408;
const CONTEXT = 77;

/**
 * Makes (or finds) the model directory for `size` under `folder`.
 *
 * @param tokenizerFile a `tokenizer.json` with CLIP's vocabulary
 */
export async function randomClip(
  size: keyof typeof SIZES,
  folder: string,
  tokenizerFile: string,
): Promise<string> {
  const directory = join(folder, `random-${size.replace('/', '-')}`);
  const done = await stat(join(directory, 'model.safetensors')).catch(() => undefined);
  if (done !== undefined) return directory;
  await mkdir(directory, { recursive: true });
  const { text, vision, dimension }: ClipSize = SIZES[size];
  const tower = ({ width, layers, heads }: TowerSize) => ({
    hidden_size: width,
    intermediate_size: 4 * width,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    hidden_act: 'quick_gelu',
  });
  const config = {
    model_type: 'clip',
    projection_dim: dimension,
    text_config: { ...tower(text), vocab_size: VOCABULARY, max_position_embeddings: CONTEXT },
    vision_config: { ...tower(vision), image_size: vision.imageSize, patch_size: vision.patchSize },
  };
  const preprocessor = {
    crop_size: { height: vision.imageSize, width: vision.imageSize },
    do_center_crop: true,
    do_normalize: true,
    do_resize: true,
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_std: [0.26862954, 0.26130258, 0.27577711],
    resample: 3,
    size: { shortest_edge: vision.imageSize },
  };
  await writeFile(join(directory, 'config.json'), JSON.stringify(config));
  await writeFile(join(directory, 'preprocessor_config.json'), JSON.stringify(preprocessor));
  await copyFile(tokenizerFile, join(directory, 'tokenizer.json'));
  await writeRandomWeights(join(directory, 'model.safetensors'), tensorShapes({ text, vision, dimension }));
  return directory;
}

function tensorShapes({ text, vision, dimension }: ClipSize): Map<string, number[]> {
  const shapes = new Map<string, number[]>([['logit_scale', []]]);
  const linear = (name: string, outputs: number, inputs: number) => {
    shapes.set(`${name}.weight`, [outputs, inputs]);
    shapes.set(`${name}.bias`, [outputs]);
  };
  const norm = (name: string, width: number) => {
    shapes.set(`${name}.weight`, [width]);
    shapes.set(`${name}.bias`, [width]);
  };
  const blocks = (prefix: string, { width, layers }: TowerSize) => {
    for (let i = 0; i < layers; i++) {
      const name = `${prefix}.encoder.layers.${i}`;
      for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj'])
        linear(`${name}.self_attn.${part}`, width, width);
      norm(`${name}.layer_norm1`, width);
      norm(`${name}.layer_norm2`, width);
      linear(`${name}.mlp.fc1`, 4 * width, width);
      linear(`${name}.mlp.fc2`, width, 4 * width);
    }
  };
  shapes.set('text_model.embeddings.token_embedding.weight', [VOCABULARY, text.width]);
  shapes.set('text_model.embeddings.position_embedding.weight', [CONTEXT, text.width]);
  blocks('text_model', text);
  norm('text_model.final_layer_norm', text.width);
  shapes.set('text_projection.weight', [dimension, text.width]);
  const patches = Math.floor(vision.imageSize / vision.patchSize) ** 2;
  shapes.set('vision_model.embeddings.class_embedding', [vision.width]);
  shapes.set('vision_model.embeddings.patch_embedding.weight', [
    vision.width,
    3,
    vision.patchSize,
    vision.patchSize,
  ]);
  shapes.set('vision_model.embeddings.position_embedding.weight', [patches + 1, vision.width]);
  norm('vision_model.pre_layrnorm', vision.width);
  blocks('vision_model', vision);
  norm('vision_model.post_layernorm', vision.width);
  shapes.set('visual_projection.weight', [dimension, vision.width]);
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
    const center = /norm.*\.weight$/.test(name) ? 1 : 0;
    for (let i = 0; i < count; i++) values[i] = center + scale * (Math.random() - 0.5);
    if (!stream.write(Buffer.from(values.buffer))) {
      await new Promise<void>((resolve) => stream.once('drain', resolve));
    }
  }
  stream.end();
  await finished(stream);
  await rename(partial, file);
}
