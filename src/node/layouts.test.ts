import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/close.ts';
import type { TensorData } from '../clip/weights/safetensors.ts';
import { loadClip } from './load-clip.ts';
import { writeSafetensors } from './weight-file.ts';

const TOKENIZER = fileURLToPath(new URL('../../models/toybox/tokenizer.json', import.meta.url));
const VOCABULARY = 1897;
const TEXTS = ['a red dog', 'snow'];

interface Tower {
  readonly width: number;
  readonly mlp: number;
  readonly heads: number;
  readonly layers: number;
  readonly activation: 'gelu' | 'quick_gelu';
}
interface Layout {
  readonly text: Tower;
  readonly vision: Tower;
  readonly dimension: number;
  readonly patch: number;
  readonly size: number;
  /** eos_token_id of the config; absent where it does not say. */
  readonly end?: number;
  /** Shape of the exports' configs: parts that newer ones lack. */
  readonly extra?: object;
  readonly shards: number;
}

// The proportions of the real models, a hundredth of their size.
const LAYOUTS: Readonly<Record<string, Layout>> = {
  'an OpenCLIP ViT-H/14 export: gelu, towers of different widths, eos_token_id 2, *_config_dict': {
    text: { width: 24, mlp: 96, heads: 4, layers: 3, activation: 'gelu' },
    vision: { width: 40, mlp: 160, heads: 5, layers: 4, activation: 'gelu' },
    dimension: 24,
    patch: 14,
    size: 56,
    end: 2,
    extra: { text_config_dict: { hidden_act: 'gelu', hidden_size: 24 }, vision_config_dict: null },
    shards: 1,
  },
  'an OpenCLIP ViT-bigG/14 export: an MLP that is no multiple of the width, heads of another size, shards': {
    text: { width: 40, mlp: 160, heads: 10, layers: 2, activation: 'gelu' },
    vision: { width: 52, mlp: 256, heads: 4, layers: 3, activation: 'gelu' },
    dimension: 40,
    patch: 14,
    size: 45,
    end: 2,
    shards: 3,
  },
  'a TinyCLIP: few text layers, a projection wider than the towers, eos_token_id as it is': {
    text: { width: 16, mlp: 64, heads: 4, layers: 1, activation: 'quick_gelu' },
    vision: { width: 16, mlp: 64, heads: 2, layers: 5, activation: 'quick_gelu' },
    dimension: 32,
    patch: 16,
    size: 48,
    end: VOCABULARY - 1,
    shards: 1,
  },
};

/** Numbers that look random, the same in every run. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
}

type Weights = Record<string, TensorData>;

function randomWeights({ text, vision, dimension, patch, size }: Layout): Weights {
  const next = noise(7);
  const weights: Weights = {};
  const add = (name: string, ...shape: number[]) => {
    const centre = /norm.*weight$/.test(name) ? 1 : 0;
    const count = shape.reduce((product, length) => product * length, 1);
    weights[name] = { shape, data: Float32Array.from({ length: count }, () => centre + 0.6 * next()) };
  };
  const linear = (name: string, outputs: number, inputs: number) => {
    add(`${name}.weight`, outputs, inputs);
    add(`${name}.bias`, outputs);
  };
  const norm = (name: string, width: number) => {
    add(`${name}.weight`, width);
    add(`${name}.bias`, width);
  };
  for (const [prefix, { width, mlp, layers }] of [
    ['text_model', text],
    ['vision_model', vision],
  ] as const) {
    for (let i = 0; i < layers; i++) {
      const layer = `${prefix}.encoder.layers.${i}`;
      for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj'])
        linear(`${layer}.self_attn.${part}`, width, width);
      norm(`${layer}.layer_norm1`, width);
      norm(`${layer}.layer_norm2`, width);
      linear(`${layer}.mlp.fc1`, mlp, width);
      linear(`${layer}.mlp.fc2`, width, mlp);
    }
  }
  add('text_model.embeddings.token_embedding.weight', VOCABULARY, text.width);
  add('text_model.embeddings.position_embedding.weight', 77, text.width);
  norm('text_model.final_layer_norm', text.width);
  add('text_projection.weight', dimension, text.width);
  add('vision_model.embeddings.class_embedding', vision.width);
  add('vision_model.embeddings.patch_embedding.weight', vision.width, 3, patch, patch);
  add('vision_model.embeddings.position_embedding.weight', Math.floor(size / patch) ** 2 + 1, vision.width);
  norm('vision_model.pre_layrnorm', vision.width);
  norm('vision_model.post_layernorm', vision.width);
  add('visual_projection.weight', dimension, vision.width);
  return weights;
}

/** CLIP in float64, row by row, written from the formulas: nothing of it is shared with the graphs. */
function reference(weights: Weights) {
  const data = (name: string) => weights[name]!.data;
  const linear = (x: number[], name: string) => {
    const matrix = data(`${name}.weight`);
    const bias = weights[`${name}.bias`]?.data;
    return Array.from({ length: matrix.length / x.length }, (_, o) =>
      x.reduce((sum, value, i) => sum + matrix[o * x.length + i]! * value, bias?.[o] ?? 0),
    );
  };
  const norm = (x: number[], name: string) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    const [gamma, beta] = [data(`${name}.weight`), data(`${name}.bias`)];
    return x.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-5)) * gamma[i]! + beta[i]!);
  };
  const activate = { gelu, quick_gelu: (x: number) => x / (1 + Math.exp(-1.702 * x)) };
  const add = (a: number[], b: ArrayLike<number>) => a.map((value, i) => value + b[i]!);

  function encode(rows: number[][], prefix: string, tower: Tower, isCausal: boolean): number[][] {
    let x = rows;
    for (let l = 0; l < tower.layers; l++) {
      const layer = `${prefix}.encoder.layers.${l}`;
      const normed = x.map((row) => norm(row, `${layer}.layer_norm1`));
      const [q, k, v] = ['q', 'k', 'v'].map((part) =>
        normed.map((row) => linear(row, `${layer}.self_attn.${part}_proj`)),
      );
      const slice = tower.width / tower.heads;
      x = x.map((row, t) => {
        const attended = new Array<number>(tower.width).fill(0);
        for (let head = 0; head < tower.heads; head++) {
          const own = (r: number[]) => r.slice(head * slice, (head + 1) * slice);
          const seen = isCausal ? t + 1 : rows.length;
          const scores = k!.slice(0, seen).map((key) => {
            const query = own(q![t]!);
            return Math.exp(
              own(key).reduce((sum, value, i) => sum + value * query[i]!, 0) / Math.sqrt(slice),
            );
          });
          const total = scores.reduce((a, b) => a + b, 0);
          scores.forEach((score, j) => {
            own(v![j]!).forEach((value, i) => {
              attended[head * slice + i]! += (score / total) * value;
            });
          });
        }
        const y = add(row, linear(attended, `${layer}.self_attn.out_proj`));
        const hidden = linear(norm(y, `${layer}.layer_norm2`), `${layer}.mlp.fc1`);
        return add(y, linear(hidden.map(activate[tower.activation]), `${layer}.mlp.fc2`));
      });
    }
    return x;
  }

  return {
    text(ids: readonly number[], { text }: Layout): number[] {
      const tokens = data('text_model.embeddings.token_embedding.weight');
      const positions = data('text_model.embeddings.position_embedding.weight');
      const row = (table: Float32Array, i: number) => [
        ...table.subarray(i * text.width, (i + 1) * text.width),
      ];
      const rows = ids.map((id, t) => add(row(tokens, id), row(positions, t)));
      const end = encode(rows, 'text_model', text, true)[ids.indexOf(VOCABULARY - 1)]!;
      return linear(norm(end, 'text_model.final_layer_norm'), 'text_projection');
    },
    image(pixels: Float32Array, { vision, patch, size }: Layout): number[] {
      const kernel = data('vision_model.embeddings.patch_embedding.weight');
      const positions = data('vision_model.embeddings.position_embedding.weight');
      const rows = [[...data('vision_model.embeddings.class_embedding')]];
      const side = Math.floor(size / patch);
      for (let p = 0; p < side * side; p++) {
        const [top, left] = [Math.floor(p / side) * patch, (p % side) * patch];
        const part = Array.from({ length: 3 * patch * patch }, (_, i) => {
          const [c, y, x] = [Math.floor(i / patch ** 2), Math.floor(i / patch) % patch, i % patch];
          return pixels[c * size * size + (top + y) * size + left + x]!;
        });
        rows.push(
          Array.from({ length: vision.width }, (_, o) =>
            part.reduce((sum, value, i) => sum + kernel[o * part.length + i]! * value, 0),
          ),
        );
      }
      const embedded = rows.map((row, t) =>
        norm(add(row, positions.subarray(t * vision.width)), 'vision_model.pre_layrnorm'),
      );
      const [first] = encode(embedded, 'vision_model', vision, false);
      return linear(norm(first!, 'vision_model.post_layernorm'), 'visual_projection');
    },
  };
}

/** x times the normal distribution function, by the error function's series. */
function gelu(x: number): number {
  const z = x / Math.SQRT2;
  if (Math.abs(z) > 5) return Math.max(x, 0);
  let [term, sum] = [z, z];
  for (let n = 1; n < 200; n++) {
    term *= (-z * z) / n;
    sum += term / (2 * n + 1);
  }
  return 0.5 * x * (1 + (2 / Math.sqrt(Math.PI)) * sum);
}

const towerConfig = ({ width, mlp, heads, layers, activation }: Tower) => ({
  hidden_size: width,
  intermediate_size: mlp,
  num_attention_heads: heads,
  num_hidden_layers: layers,
  hidden_act: activation,
});

async function writeModel(folder: string, layout: Layout, weights: Weights): Promise<void> {
  const { text, vision, dimension, patch, size, end, extra, shards } = layout;
  const config = {
    model_type: 'clip',
    projection_dim: dimension,
    text_config: { ...towerConfig(text), vocab_size: VOCABULARY, eos_token_id: end },
    vision_config: { ...towerConfig(vision), patch_size: patch, image_size: size },
    ...extra,
  };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  const colours = [0.5, 0.5, 0.5];
  const preprocessor = { size, crop_size: size, image_mean: colours, image_std: colours };
  await writeFile(join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessor));
  await copyFile(TOKENIZER, join(folder, 'tokenizer.json'));
  if (shards === 1) return writeSafetensors(join(folder, 'model.safetensors'), weights);
  const weightMap: Record<string, string> = {};
  for (let shard = 0; shard < shards; shard++) {
    const file = `model-0000${shard + 1}-of-0000${shards}.safetensors`;
    const part = Object.entries(weights).filter((_, i) => i % shards === shard);
    for (const [name] of part) weightMap[name] = file;
    await writeSafetensors(join(folder, file), Object.fromEntries(part));
  }
  await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: weightMap }));
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-layout-'));
});
afterEach(() => rm(folder, { recursive: true }));

it.each(Object.entries(LAYOUTS))(
  'a model of this layout embeds as the formulas say: %s',
  async (_, layout) => {
    const weights = randomWeights(layout);
    await writeModel(folder, layout, weights);
    const clip = await loadClip(folder);
    const { text, image } = reference(weights);
    const texts = clip.tokenize(TEXTS).flatMap((ids) => text(ids, layout));
    expect(relativeError((await clip.encodeTexts(TEXTS)).data, texts)).toBeLessThan(1e-4);
    const next = noise(11);
    const pixels = Float32Array.from({ length: 3 * layout.size ** 2 }, () => 4 * next());
    expect(relativeError((await clip.encodePixels(pixels, 1)).data, image(pixels, layout))).toBeLessThan(
      1e-4,
    );
    await clip.close();
  },
);

describe('files of different models', () => {
  const layout = LAYOUTS[Object.keys(LAYOUTS)[2]!]!;

  it.each([
    ['a tokenizer of more words', { ...layout, end: 2 }, { vocab_size: 1000 }, /\(vocab_size 1000\)/],
    ['another end of text', { ...layout, end: 40 }, {}, /\(vocab_size 1897, eos_token_id 40\)/],
  ])(
    'a model of a layout that is not supported is refused in one line: %s',
    async (_, changed, text, message) => {
      await writeModel(folder, { ...changed, extra: { text_config_dict: text } }, randomWeights(layout));
      const clip = await loadClip(folder);
      await expect(clip.encodeTexts(['a dog'])).rejects.toThrow(message);
      await expect(clip.encodeTexts(['a dog'])).rejects.toThrow(
        /^[^\n]*tokenizer\.json gives tokens that[^\n]*$/,
      );
      await clip.close();
    },
  );

  it('pictures of another size than the image tower: refused in one line', async () => {
    await writeModel(folder, layout, randomWeights(layout));
    await writeFile(
      join(folder, 'preprocessor_config.json'),
      JSON.stringify({ size: 224, crop_size: 224, image_mean: [0, 0, 0], image_std: [1, 1, 1] }),
    );
    await expect(loadClip(folder)).rejects.toThrow(
      /^[^\n]*preprocessor_config\.json: pictures of 224 pixels, the model's image_size is 48;[^\n]*$/,
    );
  });
});
