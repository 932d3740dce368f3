import type { ClipConfig } from '../config.ts';
import type { PreprocessorConfig } from '../pixels/preprocess.ts';
import { CPU_FORM, type GraphForm, Layers, type RowShape, type Weights } from './layers.ts';
import { ElementType, GraphBuilder } from './onnx.ts';

const EMBEDDINGS = 'vision_model.embeddings';
const HEAD = 'vision_model.head';

/** What an image tower reads, and how it is written. */
export interface ImageGraphOptions {
  /** Reads bytes `[N, S, S, 3]` and normalises them as this says; absent: normalised `[N, 3, S, S]`. */
  readonly bytes?: Pick<PreprocessorConfig, 'mean' | 'std'> | undefined;
  /** @default CPU_FORM */
  readonly form?: GraphForm;
}

/** The image tower: `pixels` → `embedding [N, P]`, not normalised. */
export function buildImageGraph(
  config: ClipConfig,
  weights: Weights,
  { bytes, form = CPU_FORM }: ImageGraphOptions = {},
): Uint8Array {
  const graph = new GraphBuilder(ElementType[form.precision === 'float16' ? 'float16' : 'float']);
  const layers = new Layers(graph, weights, config.vision, form);
  const { imageSize, pooling } = config.vision;
  const pixels =
    bytes === undefined
      ? graph.typed(graph.input('pixels', ElementType.float, ['N', 3, imageSize, imageSize]))
      : normalise(graph, graph.input('pixels', ElementType.uint8, ['N', imageSize, imageSize, 3]), bytes);
  const { x, length } = writeRows(layers, config, pixels);
  const pool = pooling === 'class token' ? writeClassToken : writeAttentionHead;
  graph.output('embedding', pool(layers, config, x, length), ['N', config.dimension]);
  return graph.build('image_tower');
}

/** `(pixels / 255 - mean) / std`: bytes `[N, S, S, 3]` → `[N, 3, S, S]`. */
function normalise(
  graph: GraphBuilder,
  pixels: string,
  { mean, std }: Pick<PreprocessorConfig, 'mean' | 'std'>,
): string {
  const scale = graph.float32(std.map((deviation) => 1 / (255 * deviation)));
  const shift = graph.float32(std.map((deviation, channel) => mean[channel]! / deviation));
  const scaled = graph.op('DequantizeLinear', [pixels, scale], { axis: 3 });
  return graph.typed(graph.transpose(graph.sub(scaled, shift), 0, 3, 1, 2));
}

/** Patches and positions, with the class token in front where there is one: `[N*T, D]`, and T. */
function writeRows(layers: Layers, config: ClipConfig, pixels: string): { x: string; length: number } {
  const { width, imageSize, patchSize, patchBias, preNorm, pooling } = config.vision;
  const { graph } = layers;
  const operands = [
    pixels,
    layers.weight(`${EMBEDDINGS}.patch_embedding.weight`, [width, 3, patchSize, patchSize]),
  ];
  if (patchBias) operands.push(layers.weight(`${EMBEDDINGS}.patch_embedding.bias`, [width]));
  const patches = graph.op('Conv', operands, {
    kernel_shape: [patchSize, patchSize],
    strides: [patchSize, patchSize],
  }); // [N, D, side, side]
  let rows = graph.transpose(graph.reshape(patches, [0, width, -1]), 0, 2, 1); // [N, side*side, D]
  let length = Math.floor(imageSize / patchSize) ** 2;
  if (pooling === 'class token') {
    const batch = graph.op('Slice', [graph.shape(pixels), graph.int([0]), graph.int([1])]);
    const classShape = graph.concat(0, batch, graph.int([1, width]));
    const token = layers.weight(`${EMBEDDINGS}.class_embedding`, [width]);
    rows = graph.concat(1, graph.op('Expand', [token, classShape]), rows); // [N, T, D]
    length++;
  }
  const positions = layers.weight(`${EMBEDDINGS}.position_embedding.weight`, [length, width]);
  const x = graph.reshape(graph.add(rows, positions), [-1, width]); // [N*T, D]
  // The name is misspelt in the weights.
  return { x: preNorm ? layers.layerNorm(x, 'vision_model.pre_layrnorm') : x, length };
}

const layerName = (index: number) => `vision_model.encoder.layers.${index}`;

/**
 * The layers, and the embedding of the class token. Of the last layer only that row is read, so only that row goes
 * through its query, output projection and MLP.
 */
function writeClassToken(layers: Layers, config: ClipConfig, rows: string, length: number): string {
  const { width, layers: count } = config.vision;
  const { graph } = layers;
  const all = rowShape(layers, config, length);
  let x = rows;
  for (let i = 0; i < count - 1; i++) x = layers.block(x, layerName(i), all);

  const last = layerName(count - 1);
  const atClass = (values: string) => graph.gather(graph.reshape(values, [-1, length, width]), 0, 1); // [N, D]
  const normed = layers.layerNorm(x, `${last}.layer_norm1`);
  const project = (values: string, part: string) =>
    layers.linear(values, `${last}.self_attn.${part}`, width, width);
  const query = project(atClass(normed), 'q_proj'); // [N, D]
  const one = rowShape(layers, config, 1);
  const merged = layers.attendRows(query, project(normed, 'k_proj'), project(normed, 'v_proj'), one, all);
  const y = graph.add(atClass(x), layers.linear(merged, `${last}.self_attn.out_proj`, width, width));
  const z = graph.add(y, layers.mlp(layers.layerNorm(y, `${last}.layer_norm2`), `${last}.mlp`));
  const final = layers.layerNorm(z, 'vision_model.post_layernorm');
  return layers.linear(final, 'visual_projection', width, config.dimension, false);
}

function rowShape({ graph }: Layers, { vision }: ClipConfig, length: number): RowShape {
  return { perHead: graph.int([-1, length, vision.heads, vision.width / vision.heads]), length };
}

/**
 * The layers, and SigLIP's head over all rows: `h = out_proj(attention(probe, x, x))`, `h + MLP(ln(h))`, one learnt
 * query for every picture and no projection.
 */
function writeAttentionHead(layers: Layers, config: ClipConfig, rows: string, length: number): string {
  const { width, heads, layers: count } = config.vision;
  const { graph } = layers;
  const all = rowShape(layers, config, length);
  let x = rows;
  for (let i = 0; i < count; i++) x = layers.block(x, layerName(i), all);
  x = layers.layerNorm(x, 'vision_model.post_layernorm'); // [N*T, D]
  const project = (value: string, part: string, shape: string) =>
    layers.splitHeads(layers.linear(value, `${HEAD}.attention.${part}`, width, width), shape);
  const probe = graph.reshape(layers.weight(`${HEAD}.probe`, [1, 1, width]), [1, width]);
  const query = project(probe, 'q_proj', graph.int([1, 1, heads, width / heads])); // [1, H, 1, D/H]
  const attended = layers.attend(query, project(x, 'k_proj', all.perHead), project(x, 'v_proj', all.perHead));
  const merged = graph.reshape(attended, [-1, width]); // [N, D]
  const h = layers.linear(merged, `${HEAD}.attention.out_proj`, width, width);
  return graph.add(h, layers.mlp(layers.layerNorm(h, `${HEAD}.layernorm`), `${HEAD}.mlp`));
}
