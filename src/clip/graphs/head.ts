import type { ClipConfig } from '../config.ts';
import { activate, Layers, type Weights } from './layers.ts';
import { ElementType, GraphBuilder } from './onnx.ts';
import { textLayer } from './text.ts';

/** What the end of the text tower computes on its way; the training graph reads it again for the gradient. */
export interface HeadValues {
  /** Input of layer_norm2, [M, D]. */
  readonly r: string;
  /** Output, mean and inverse standard deviation of layer_norm2. */
  readonly norm2: readonly string[];
  /** The MLP before its activation, [M, mlpWidth]. */
  readonly hidden: string;
  /** Input of the final layer norm, [M, D]. */
  readonly z: string;
  readonly finalNorm: readonly string[];
  /** The embedding, not normalised, [M, P]. */
  readonly y: string;
}

/**
 * The rest of the text tower for one row a text: output projection of the last attention, its MLP, the final
 * layer norm and the projection.
 *
 *     r = x + W_o v + b_o;  z = r + MLP(ln_2(r));  y = W_p ln_final(z)
 *
 * @param residual x, [M, D]
 * @param value v, [M, D], with the update already added
 */
export function writeHead(
  layers: Layers,
  config: ClipConfig,
  residual: string,
  value: string,
  normOutputs: 1 | 3,
): HeadValues {
  const { graph } = layers;
  const { width, mlpWidth, activation } = config.text;
  const last = textLayer(config.text.layers - 1);
  const r = graph.op('Add', [residual, layers.linear(value, `${last}.self_attn.out_proj`, width, width)]);
  const norm2 = layers.layerNormParts(r, `${last}.layer_norm2`, normOutputs);
  const hidden = layers.linear(norm2[0]!, `${last}.mlp.fc1`, width, mlpWidth);
  const mlp = layers.linear(activate(graph, hidden, activation), `${last}.mlp.fc2`, mlpWidth, width);
  const z = graph.op('Add', [r, mlp]);
  const finalNorm = layers.layerNormParts(z, 'text_model.final_layer_norm', normOutputs);
  const y = layers.linear(finalNorm[0]!, 'text_projection', width, config.dimension, false);
  return { r, norm2, hidden, z, finalNorm, y };
}

/**
 * The personal head: what a concept changes, and all that is computed again for it.
 *
 *     v' = v + sum_r B_r * (A_r · c_h)   on head h's slice
 *
 * Inputs: `residual [N, D]`, `contexts [N, H, D]`, `value [N, D]`, `A [R, D]`, `B [R, D]` (row r is column r of
 * the method's B). Output: `embedding [N, P]`, not normalised.
 *
 * @param heads H; 1 for the released training forward, whose single context is the mean over heads
 */
export function buildHeadGraph(config: ClipConfig, weights: Weights, heads: number): Uint8Array {
  const { width } = config.text;
  const graph = new GraphBuilder();
  const layers = new Layers(graph, weights, config.text);
  const residual = graph.input('residual', ElementType.float, ['N', width]);
  const contexts = graph.input('contexts', ElementType.float, ['N', heads, width]);
  const value = graph.input('value', ElementType.float, ['N', width]);
  const a = graph.input('A', ElementType.float, ['R', width]);
  const b = graph.input('B', ElementType.float, ['R', width]);

  const strength = graph.op('MatMul', [contexts, graph.op('Transpose', [a], { perm: [1, 0] })]); // [N, H, R]
  const perHead = graph.op('Transpose', [strength], { perm: [1, 0, 2] }); // [H, N, R]
  const slices = graph.op('Reshape', [b, graph.int([-1, heads, width / heads])]); // [R, H, D/H]
  const update = graph.op('MatMul', [perHead, graph.op('Transpose', [slices], { perm: [1, 0, 2] })]); // [H, N, D/H]
  const rows = graph.op('Reshape', [
    graph.op('Transpose', [update], { perm: [1, 0, 2] }),
    graph.int([-1, width]),
  ]); // [N, D]
  const { y } = writeHead(layers, config, residual, graph.op('Add', [value, rows]), 1);
  graph.output('embedding', y, ['N', config.dimension]);
  return graph.build('personal_head');
}
