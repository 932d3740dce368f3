import type { ClipConfig } from '../config.ts';
import { Layers, type Weights } from './layers.ts';
import { ElementType, GraphBuilder } from './onnx.ts';

/** Hugging Face name of the token table, `[vocabulary, D]`. */
export const TOKEN_TABLE = 'text_model.embeddings.token_embedding.weight';

/** Hugging Face name of text layer `index`. */
export const textLayer = (index: number): string => `text_model.encoder.layers.${index}`;

/** How {@link buildTextGraph} writes. */
export interface TextGraphOptions {
  readonly givenRows?: boolean;
}

/**
 * The frozen text tower up to and including the attention row of the last layer at the position that is read. Of the
 * last layer nothing else is read. Where attention is causal, tokens behind that position never matter.
 *
 * Inputs: `tokens [N, T]` int64 (anything behind the end where attention is causal), `end [N]` int64, the position that
 * is read. With `givenRows` the caller looks the tokens up: `rows [N, T, D]` instead of `tokens`, and the token table need
 * not be there.
 * Outputs, all read at that position:
 * - `residual [N, D]`: input x of the last layer;
 * - `contexts [N, H, D]`: per head `c_h = sum_j p_h[j] ln_1(x_j)`;
 * - `value [N, D]`: per head `W_v,h c_h + b_v,h`, what the exact forward hands to the output projection;
 * - `releasedContexts [N, 1, D]`: the mean of the contexts over heads;
 * - `releasedValue [N, D]`: `W_v mean_h c_h`, without the bias, as the released training forward has it.
 */
export function buildTextGraph(
  config: ClipConfig,
  weights: Weights,
  { givenRows = false }: TextGraphOptions = {},
): Uint8Array {
  const { width, heads, layers: count, vocabulary, contextLength, causal } = config.text;
  const graph = new GraphBuilder();
  const layers = new Layers(graph, weights, config.text);
  const input = givenRows
    ? graph.input('rows', ElementType.float, ['N', 'T', width])
    : graph.input('tokens', ElementType.int64, ['N', 'T']);
  const end = graph.input('end', ElementType.int64, ['N']);

  const positions = layers.weight('text_model.embeddings.position_embedding.weight', [contextLength, width]);
  const shape = givenRows ? graph.gather(graph.shape(input), graph.int([0, 1])) : graph.shape(input); // [N, T]
  const length = graph.gather(shape, graph.int([1]));
  const used = graph.op('Slice', [positions, graph.int([0]), length]); // [T, D]
  const embedded = givenRows ? input : layers.rows(TOKEN_TABLE, [vocabulary, width], input); // [N, T, D]
  let x = graph.reshape(graph.add(embedded, used), [-1, width]); // [N*T, D]

  const perHead = graph.concat(0, shape, graph.int([heads, width / heads]));
  const range = graph.op('Range', [graph.int(0), graph.squeeze(length, 0), graph.int(1)]); // [T]
  const future = () => maskWhere(graph, graph.op('Greater', [range, graph.unsqueeze(range, 1)])); // [T, T]
  const mask = causal ? future() : undefined;
  for (let i = 0; i < count - 1; i++) x = layers.block(x, textLayer(i), { perHead, length: -1 }, mask);

  const last = textLayer(count - 1);
  const perToken = graph.concat(0, shape, graph.int([width]));
  const endIndex = graph.unsqueeze(end, 1); // [N, 1]
  const atEnd = (rows: string) =>
    graph.op('GatherND', [graph.reshape(rows, perToken), endIndex], { batch_dims: 1 }); // [N, D]
  const normed = layers.layerNorm(x, `${last}.layer_norm1`); // [N*T, D]
  const query = layers.splitHeads(
    layers.linear(atEnd(normed), `${last}.self_attn.q_proj`, width, width),
    graph.int([-1, 1, heads, width / heads]),
  ); // [N, H, 1, D/H]
  const key = layers.splitHeads(layers.linear(normed, `${last}.self_attn.k_proj`, width, width), perHead);
  const behindEnd = maskWhere(graph, graph.op('Greater', [range, endIndex])); // [N, T]
  const probabilities = layers.attention(query, key, graph.unsqueeze(behindEnd, 1, 2)); // [N, H, 1, T]

  const rows = graph.reshape(normed, perToken); // [N, T, D]
  const headRows = graph.squeeze(probabilities, 2); // [N, H, T]
  const contexts = graph.matmul(headRows, rows); // [N, H, D]
  const unbiased = layers.linear(normed, `${last}.self_attn.v_proj`, width, width, false); // [N*T, D]
  const values = graph.matmul(probabilities, layers.splitHeads(unbiased, perHead)); // [N, H, 1, D/H]
  const bias = layers.weight(`${last}.self_attn.v_proj.bias`, [width]);
  const value = graph.add(graph.reshape(values, [-1, width]), bias);
  const meanRow = graph.mean(headRows, 1); // [N, 1, T]
  const releasedContexts = graph.matmul(meanRow, rows); // [N, 1, D]
  const releasedValue = graph.matmul(meanRow, graph.reshape(unbiased, perToken)); // [N, 1, D]

  graph.output('residual', atEnd(x), ['N', width]);
  graph.output('contexts', contexts, ['N', heads, width]);
  graph.output('value', value, ['N', width]);
  graph.output('releasedContexts', releasedContexts, ['N', 1, width]);
  graph.output('releasedValue', graph.reshape(releasedValue, [-1, width]), ['N', width]);
  return graph.build('text_tower');
}

/** A large negative number where `condition` holds and 0 elsewhere, to be added to attention scores. */
function maskWhere(graph: GraphBuilder, condition: string): string {
  return graph.op('Where', [condition, graph.float(MASKED), graph.float(0)]);
}

// Finite, so that a row never becomes 0/0; exp of it is exactly 0 in float32.
const MASKED = -1e30;
