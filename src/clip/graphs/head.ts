import type { ClipConfig } from '../config.ts';
import { activate } from './activation.ts';
import { Layers, type Weights } from './layers.ts';
import { ElementType, GraphBuilder } from './onnx.ts';
import { textLayer } from './text.ts';

/** What a concept's update is added to and made of; H is 1 for the released forward. */
export interface PersonalInputs {
  /** c_h, [M, H, D]. */
  readonly contexts: string;
  /** The frozen value v, [M, D]. */
  readonly value: string;
  /** [R, D], rows of unit norm. */
  readonly A: string;
  /** [R, D]; row r is column r of the method's B. */
  readonly B: string;
  /** Which row takes part in which update, 1 or 0, [1, M, R]; absent: every row in all of them. */
  readonly mask?: string;
}

/** The personal value and its parts, which the training graph reads again for the gradient. */
export interface PersonalValue {
  /** v', [M, D]. */
  readonly value: string;
  /** `A_r · c_h`, [H, M, R]. */
  readonly strength: string;
  /** B by heads, [H, R, D/H]. */
  readonly slices: string;
}

/**
 * The personal value, all that a concept changes in CLIP:
 *
 *     v' = v + sum_r B_r (A_r · c_h)   on head h's slice
 */
export function writePersonalValue(
  graph: GraphBuilder,
  { contexts, value, A, B, mask }: PersonalInputs,
  width: number,
  heads: number,
): PersonalValue {
  const products = graph.matmul(contexts, graph.transpose(A, 1, 0)); // [M, H, R]
  const perHead = graph.transpose(products, 1, 0, 2); // [H, M, R]
  const strength = mask === undefined ? perHead : graph.mul(perHead, mask);
  const slices = graph.transpose(graph.reshape(B, [-1, heads, width / heads]), 1, 0, 2); // [H, R, D/H]
  const update = graph.matmul(strength, slices); // [H, M, D/H]
  return { value: graph.add(value, joinHeads(graph, update, width)), strength, slices };
}

/** `[H, M, D/H]` → `[M, D]`. */
export function joinHeads(graph: GraphBuilder, perHead: string, width: number): string {
  return graph.reshape(graph.transpose(perHead, 1, 0, 2), [-1, width]);
}

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

/** What the head reads. */
interface HeadInputs {
  /** x, [M, D] */
  readonly residual: string;
  /** v, [M, D], with the update already added. */
  readonly value: string;
  /** 3 where the training graph reads the norms' means and deviations as well. */
  readonly normOutputs: 1 | 3;
}

/**
 * The rest of the text tower for one row a text: output projection of the last attention, its MLP, the final
 * layer norm and the projection.
 *
 *     r = x + W_o v + b_o;  z = r + MLP(ln_2(r));  y = W_p ln_final(z) (+ b_p)
 */
export function writeHead(
  layers: Layers,
  config: ClipConfig,
  { residual, value, normOutputs }: HeadInputs,
): HeadValues {
  const { graph } = layers;
  const { width, mlpWidth, activation, projectionBias } = config.text;
  const last = textLayer(config.text.layers - 1);
  const r = graph.add(residual, layers.linear(value, `${last}.self_attn.out_proj`, width, width));
  const norm2 = layers.layerNormParts(r, `${last}.layer_norm2`, normOutputs);
  const hidden = layers.linear(norm2[0]!, `${last}.mlp.fc1`, width, mlpWidth);
  const mlp = layers.linear(activate(graph, hidden, activation), `${last}.mlp.fc2`, mlpWidth, width);
  const z = graph.add(r, mlp);
  const finalNorm = layers.layerNormParts(z, 'text_model.final_layer_norm', normOutputs);
  const y = layers.linear(finalNorm[0]!, 'text_projection', width, config.dimension, projectionBias);
  return { r, norm2, hidden, z, finalNorm, y };
}

/**
 * The personal head: what a concept changes, and all that is computed again for it.
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
  const { float } = ElementType;
  const residual = graph.input('residual', float, ['N', width]);
  const contexts = graph.input('contexts', float, ['N', heads, width]);
  const value = graph.input('value', float, ['N', width]);
  const A = graph.input('A', float, ['R', width]);
  const B = graph.input('B', float, ['R', width]);
  const personal = writePersonalValue(graph, { contexts, value, A, B }, width, heads);
  const { y } = writeHead(layers, config, { residual, value: personal.value, normOutputs: 1 });
  graph.output('embedding', y, ['N', config.dimension]);
  return graph.build('personal_head');
}
