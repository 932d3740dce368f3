import type { ClipConfig } from '../config.ts';
import { Layers, type Weights } from './layers.ts';
import { ElementType, GraphBuilder } from './onnx.ts';

/**
 * The image tower: `pixels [N, 3, S, S]` → `embedding [N, P]`, not normalised. Of the last layer only the row
 * of the class token is read, so only that row goes through its query, output projection and MLP.
 */
export function buildImageGraph(config: ClipConfig, weights: Weights): Uint8Array {
  const { width, heads, layers: count, imageSize, patchSize } = config.vision;
  const side = Math.floor(imageSize / patchSize);
  const length = side * side + 1;
  const graph = new GraphBuilder();
  const layers = new Layers(graph, weights, config.vision);
  const pixels = graph.input('pixels', ElementType.float, ['N', 3, imageSize, imageSize]);

  const embeddings = 'vision_model.embeddings';
  const kernel = layers.weight(`${embeddings}.patch_embedding.weight`, [width, 3, patchSize, patchSize]);
  const patches = graph.op('Conv', [pixels, kernel], {
    kernel_shape: [patchSize, patchSize],
    strides: [patchSize, patchSize],
  }); // [N, D, side, side]
  const patchRows = graph.transpose(graph.reshape(patches, [0, width, -1]), 0, 2, 1); // [N, side*side, D]
  const batch = graph.op('Slice', [graph.shape(pixels), graph.int([0]), graph.int([1])]);
  const classShape = graph.concat(0, batch, graph.int([1, width]));
  const classRow = graph.op('Expand', [layers.weight(`${embeddings}.class_embedding`, [width]), classShape]);
  const rows = graph.concat(1, classRow, patchRows); // [N, T, D]
  const positions = layers.weight(`${embeddings}.position_embedding.weight`, [length, width]);
  const embedded = graph.reshape(graph.add(rows, positions), [-1, width]); // [N*T, D]
  let x = layers.layerNorm(embedded, 'vision_model.pre_layrnorm'); // the name is misspelt in the weights

  const perHead = graph.int([-1, length, heads, width / heads]);
  const name = (index: number) => `vision_model.encoder.layers.${index}`;
  for (let i = 0; i < count - 1; i++) x = layers.block(x, name(i), perHead);

  const last = name(count - 1);
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
  const embedding = layers.linear(final, 'visual_projection', width, config.dimension, false);
  graph.output('embedding', embedding, ['N', config.dimension]);
  return graph.build('image_tower');
}
