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
  const patchRows = graph.op('Transpose', [graph.op('Reshape', [patches, graph.int([0, width, -1])])], {
    perm: [0, 2, 1],
  }); // [N, side*side, D]
  const batch = graph.op('Slice', [graph.op('Shape', [pixels]), graph.int([0]), graph.int([1])]);
  const classShape = graph.op('Concat', [batch, graph.int([1, width])], { axis: 0 });
  const classRow = graph.op('Expand', [layers.weight(`${embeddings}.class_embedding`, [width]), classShape]);
  const rows = graph.op('Concat', [classRow, patchRows], { axis: 1 }); // [N, T, D]
  const positions = layers.weight(`${embeddings}.position_embedding.weight`, [length, width]);
  const flat = graph.int([-1, width]);
  const embedded = graph.op('Reshape', [graph.op('Add', [rows, positions]), flat]);
  let x = layers.layerNorm(embedded, 'vision_model.pre_layrnorm'); // [N*T, D]; the name is misspelt in the weights

  const perHead = graph.int([-1, length, heads, width / heads]);
  const name = (index: number) => `vision_model.encoder.layers.${index}`;
  for (let i = 0; i < count - 1; i++) x = layers.block(x, name(i), perHead, flat);

  const last = name(count - 1);
  const perToken = graph.int([-1, length, width]);
  const atClass = (values: string) =>
    graph.op('Gather', [graph.op('Reshape', [values, perToken]), graph.int(0)], { axis: 1 }); // [N, D]
  const normed = layers.layerNorm(x, `${last}.layer_norm1`);
  const query = layers.splitHeads(
    layers.linear(atClass(normed), `${last}.self_attn.q_proj`, width, width),
    graph.int([-1, 1, heads, width / heads]),
  );
  const project = (part: string) =>
    layers.splitHeads(layers.linear(normed, `${last}.self_attn.${part}`, width, width), perHead);
  const attended = layers.attend(query, project('k_proj'), project('v_proj')); // [N, H, 1, D/H]
  const merged = graph.op('Reshape', [attended, flat]);
  const out = layers.linear(merged, `${last}.self_attn.out_proj`, width, width);
  const y = graph.op('Add', [atClass(x), out]);
  const z = graph.op('Add', [y, layers.mlp(layers.layerNorm(y, `${last}.layer_norm2`), `${last}.mlp`)]);
  const final = layers.layerNorm(z, 'vision_model.post_layernorm');
  graph.output('embedding', layers.linear(final, 'visual_projection', width, config.dimension, false), [
    'N',
    config.dimension,
  ]);
  return graph.build('image_tower');
}
