import type { ClipConfig } from '../config.ts';
import { Layers, type Weights } from './layers.ts';
import { ElementType, GraphBuilder } from './onnx.ts';

/** Hugging Face name of text layer `index`. */
export const textLayer = (index: number): string => `text_model.encoder.layers.${index}`;

/**
 * The frozen text tower up to and including the attention row of the last layer at the end-of-text token.
 * Of the last layer nothing else is read, and attention is causal, so tokens behind the end never matter.
 *
 * Inputs: `tokens [N, T]` int64 (anything behind the end), `end [N]` int64, position of the end-of-text token.
 * Outputs, all read at the end-of-text row:
 * - `residual [N, D]`: input x of the last layer;
 * - `contexts [N, H, D]`: per head `c_h = sum_j p_h[j] ln_1(x_j)`;
 * - `value [N, D]`: per head `W_v,h c_h + b_v,h`, what the exact forward hands to the output projection;
 * - `releasedContexts [N, 1, D]`: the mean of the contexts over heads;
 * - `releasedValue [N, D]`: `W_v mean_h c_h`, without the bias, as the released training forward has it.
 */
export function buildTextGraph(config: ClipConfig, weights: Weights): Uint8Array {
  const { width, heads, layers: count, vocabulary, contextLength } = config.text;
  const graph = new GraphBuilder();
  const layers = new Layers(graph, weights, config.text);
  const tokens = graph.input('tokens', ElementType.int64, ['N', 'T']);
  const end = graph.input('end', ElementType.int64, ['N']);

  const embeddings = layers.weight('text_model.embeddings.token_embedding.weight', [vocabulary, width]);
  const positions = layers.weight('text_model.embeddings.position_embedding.weight', [contextLength, width]);
  const shape = graph.op('Shape', [tokens]);
  const length = graph.op('Gather', [shape, graph.int([1])]);
  const used = graph.op('Slice', [positions, graph.int([0]), length]); // [T, D]
  const flat = graph.int([-1, width]);
  const sum = graph.op('Add', [graph.op('Gather', [embeddings, tokens]), used]);
  let x = graph.op('Reshape', [sum, flat]); // [N*T, D]

  const perHead = graph.op('Concat', [shape, graph.int([heads, width / heads])], { axis: 0 });
  const range = graph.op('Range', [graph.int(0), graph.op('Squeeze', [length]), graph.int(1)]); // [T]
  const column = graph.op('Unsqueeze', [range, graph.int([1])]); // [T, 1]
  const causal = maskWhere(graph, graph.op('Greater', [range, column])); // [T, T]
  for (let i = 0; i < count - 1; i++) x = layers.block(x, textLayer(i), perHead, flat, causal);

  const last = textLayer(count - 1);
  const perToken = graph.op('Concat', [shape, graph.int([width])], { axis: 0 });
  const endIndex = graph.op('Unsqueeze', [end, graph.int([1])]); // [N, 1]
  const atEnd = (rows: string) =>
    graph.op('GatherND', [graph.op('Reshape', [rows, perToken]), endIndex], { batch_dims: 1 }); // [N, D]
  const normed = layers.layerNorm(x, `${last}.layer_norm1`); // [N*T, D]
  const rowPerHead = graph.int([-1, 1, heads, width / heads]);
  const query = layers.splitHeads(
    layers.linear(atEnd(normed), `${last}.self_attn.q_proj`, width, width),
    rowPerHead,
  ); // [N, H, 1, D/H]
  const key = layers.splitHeads(layers.linear(normed, `${last}.self_attn.k_proj`, width, width), perHead);
  const behindEnd = maskWhere(graph, graph.op('Greater', [range, endIndex])); // [N, T]
  const rowMask = graph.op('Unsqueeze', [behindEnd, graph.int([1, 2])]); // [N, 1, 1, T]
  const probabilities = layers.attention(query, key, rowMask); // [N, H, 1, T]

  const tokenRows = graph.op('Reshape', [normed, perToken]); // [N, T, D]
  const perHeadRow = graph.op('Squeeze', [probabilities, graph.int([2])]); // [N, H, T]
  const contexts = graph.op('MatMul', [perHeadRow, tokenRows]); // [N, H, D]
  const unbiased = layers.linear(normed, `${last}.self_attn.v_proj`, width, width, false); // [N*T, D]
  const valuePerHead = graph.op('MatMul', [probabilities, layers.splitHeads(unbiased, perHead)]); // [N, H, 1, D/H]
  const value = graph.op('Add', [
    graph.op('Reshape', [valuePerHead, flat]),
    layers.weight(`${last}.self_attn.v_proj.bias`, [width]),
  ]);
  const meanRow = graph.op('ReduceMean', [perHeadRow], { axes: [1], keepdims: 1 }); // [N, 1, T]
  const releasedContexts = graph.op('MatMul', [meanRow, tokenRows]); // [N, 1, D]
  const releasedValue = graph.op('MatMul', [meanRow, graph.op('Reshape', [unbiased, perToken])]); // [N, 1, D]

  graph.output('residual', atEnd(x), ['N', width]);
  graph.output('contexts', contexts, ['N', heads, width]);
  graph.output('value', value, ['N', width]);
  graph.output('releasedContexts', releasedContexts, ['N', 1, width]);
  graph.output('releasedValue', graph.op('Reshape', [releasedValue, flat]), ['N', width]);
  return graph.build('text_tower');
}

/** A large negative number where `condition` holds and 0 elsewhere, to be added to attention scores. */
function maskWhere(graph: GraphBuilder, condition: string): string {
  return graph.op('Where', [condition, graph.float(MASKED), graph.float(0)]);
}

// Finite, so that a row never becomes 0/0; exp of it is exactly 0 in float32.
const MASKED = -1e30;
