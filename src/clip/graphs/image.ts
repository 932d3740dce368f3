import type { ClipConfig } from '../config.ts';
import { Layers, type Weights } from './layers.ts';
import { ElementType, GraphBuilder } from './onnx.ts';

const EMBEDDINGS = 'vision_model.embeddings';
const HEAD = 'vision_model.head';

/** The image tower: `pixels [N, 3, S, S]` → `embedding [N, P]`, not normalised. */
export function buildImageGraph(config: ClipConfig, weights: Weights): Uint8Array {
  const graph = new GraphBuilder();
  const layers = new Layers(graph, weights, config.vision);
  const { imageSize, pooling } = config.vision;
  const pixels = graph.input('pixels', ElementType.float, ['N', 3, imageSize, imageSize]);
  const { x, length } = writeRows(layers, config, pixels);
  const pool = pooling === 'class token' ? writeClassToken : writeAttentionHead;
  graph.output('embedding', pool(layers, config, x, length), ['N', config.dimension]);
  return graph.build('image_tower');
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
  const { width, heads, layers: count } = config.vision;
  const { graph } = layers;
  const perHead = graph.int([-1, length, heads, width / heads]);
  let x = rows;
  for (let i = 0; i < count - 1; i++) x = layers.block(x, layerName(i), perHead);

  const last = layerName(count - 1);
  const atClass = (values: string) => graph.gather(graph.reshape(values, [-1, length, width]), 0, 1); // [N, D]
  const normed = layers.layerNorm(x, `${last}.layer_norm1`);
  const query = layers.splitHeads(
    layers.linear(atClass(normed), `${last}.self_attn.q_proj`, width, width),
    graph.int([-1, 1, heads, width / heads]),
  );
  const project = (part: string) =>
    layers.splitHeads(layers.linear(normed, `${last}.self_attn.${part}`, width, width), perHead);
  const attended = layers.attend(query, project('k_proj'), project('v_proj')); // [N, H, 1, D/H]
  const merged = graph.reshape(attended, [-1, width]);
  const y = graph.add(atClass(x), layers.linear(merged, `${last}.self_attn.out_proj`, width, width));
  const z = graph.add(y, layers.mlp(layers.layerNorm(y, `${last}.layer_norm2`), `${last}.mlp`));
  const final = layers.layerNorm(z, 'vision_model.post_layernorm');
  return layers.linear(final, 'visual_projection', width, config.dimension, false);
}

/**
 * The layers, and SigLIP's head over all rows: `h = out_proj(attention(probe, x, x))`, `h + MLP(ln(h))`, one learnt
 * query for every picture and no projection.
 */
function writeAttentionHead(layers: Layers, config: ClipConfig, rows: string, length: number): string {
  const { width, heads, layers: count } = config.vision;
  const { graph } = layers;
  const perHead = graph.int([-1, length, heads, width / heads]);
  let x = rows;
  for (let i = 0; i < count; i++) x = layers.block(x, layerName(i), perHead);
  x = layers.layerNorm(x, 'vision_model.post_layernorm'); // [N*T, D]
  const project = (value: string, part: string, shape: string) =>
    layers.splitHeads(layers.linear(value, `${HEAD}.attention.${part}`, width, width), shape);
  const probe = graph.reshape(layers.weight(`${HEAD}.probe`, [1, 1, width]), [1, width]);
  const query = project(probe, 'q_proj', graph.int([1, 1, heads, width / heads])); // [1, H, 1, D/H]
  const attended = layers.attend(query, project(x, 'k_proj', perHead), project(x, 'v_proj', perHead));
  const merged = graph.reshape(attended, [-1, width]); // [N, D]
  const h = layers.linear(merged, `${HEAD}.attention.out_proj`, width, width);
  return graph.add(h, layers.mlp(layers.layerNorm(h, `${HEAD}.layernorm`), `${HEAD}.mlp`));
}
