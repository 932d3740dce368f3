import type { Activation, TowerConfig } from '../config.ts';
import type { ExternalTensor, GraphBuilder } from './onnx.ts';

/** Finds a weight by its Hugging Face name and checks its shape. */
export type Weights = (name: string, shape: readonly number[]) => ExternalTensor;

/** The pieces that both CLIP towers and the personal head are made of, each writing its nodes into one graph. */
export class Layers {
  readonly graph: GraphBuilder;
  readonly #weights: Weights;
  readonly #config: TowerConfig;

  constructor(graph: GraphBuilder, weights: Weights, config: TowerConfig) {
    this.graph = graph;
    this.#weights = weights;
    this.#config = config;
  }

  /** The weight called `name`. */
  weight(name: string, shape: readonly number[]): string {
    return this.graph.weight(name, this.#weights(name, shape));
  }

  /** `x W^T + b`: [M, inputs] → [M, outputs]; the weight is stored `[outputs, inputs]`. */
  linear(x: string, name: string, inputs: number, outputs: number, bias = true): string {
    const operands = [x, this.weight(`${name}.weight`, [outputs, inputs])];
    if (bias) operands.push(this.weight(`${name}.bias`, [outputs]));
    return this.graph.op('Gemm', operands, { transB: 1 });
  }

  /** Layer normalisation over the last axis. */
  layerNorm(x: string, name: string): string {
    return this.layerNormParts(x, name)[0]!;
  }

  /** Layer normalisation with its mean and inverse standard deviation, which the gradient needs. */
  layerNormParts(x: string, name: string, count = 1): string[] {
    const { width, layerNormEpsilon } = this.#config;
    return this.graph.ops(
      'LayerNormalization',
      [x, this.weight(`${name}.weight`, [width]), this.weight(`${name}.bias`, [width])],
      count,
      { axis: -1, epsilon: { float: layerNormEpsilon } },
    );
  }

  /** The two-layer MLP: [M, D] → [M, D]. */
  mlp(x: string, name: string): string {
    const { width, mlpWidth, activation } = this.#config;
    const hidden = activate(this.graph, this.linear(x, `${name}.fc1`, width, mlpWidth), activation);
    return this.linear(hidden, `${name}.fc2`, mlpWidth, width);
  }

  /** Splits `[N*T, D]` by heads into `[N, H, T, D/H]`. */
  splitHeads(x: string, perHead: string): string {
    return this.graph.op('Transpose', [this.graph.op('Reshape', [x, perHead])], { perm: [0, 2, 1, 3] });
  }

  /**
   * One transformer layer on `x [N*T, D]`.
   *
   * @param perHead shape constant `[N, T, H, D/H]`
   * @param flat shape constant `[-1, D]`
   * @param mask added to the attention scores, broadcast to `[N, H, T, T]`; none in the image tower
   */
  block(x: string, name: string, perHead: string, flat: string, mask?: string): string {
    const { width } = this.#config;
    const normed = this.layerNorm(x, `${name}.layer_norm1`);
    const project = (part: string) =>
      this.splitHeads(this.linear(normed, `${name}.self_attn.${part}`, width, width), perHead);
    const attended = this.attend(project('q_proj'), project('k_proj'), project('v_proj'), mask);
    const merged = this.graph.op('Reshape', [
      this.graph.op('Transpose', [attended], { perm: [0, 2, 1, 3] }),
      flat,
    ]);
    const y = this.graph.op('Add', [x, this.linear(merged, `${name}.self_attn.out_proj`, width, width)]);
    return this.graph.op('Add', [y, this.mlp(this.layerNorm(y, `${name}.layer_norm2`), `${name}.mlp`)]);
  }

  /** Scaled dot-product attention of `[N, H, T, D/H]` operands. */
  attend(query: string, key: string, value: string, mask?: string): string {
    return this.graph.op('MatMul', [this.attention(query, key, mask), value]);
  }

  /** Attention probabilities `[N, H, Tq, Tk]`. */
  attention(query: string, key: string, mask?: string): string {
    const { width, heads } = this.#config;
    const scaled = this.graph.op('Mul', [query, this.graph.float((width / heads) ** -0.5)]);
    const scores = this.graph.op('MatMul', [
      scaled,
      this.graph.op('Transpose', [key], { perm: [0, 1, 3, 2] }),
    ]);
    return this.graph.op('Softmax', [mask === undefined ? scores : this.graph.op('Add', [scores, mask])], {
      axis: -1,
    });
  }
}

/** The activation of the MLP. */
export function activate(graph: GraphBuilder, x: string, activation: Activation): string {
  if (activation === 'quick_gelu') {
    return graph.op('Mul', [x, graph.op('Sigmoid', [graph.op('Mul', [x, graph.float(QUICK_GELU_SLOPE)])])]);
  }
  const erf = graph.op('Erf', [graph.op('Mul', [x, graph.float(Math.SQRT1_2)])]);
  const halved = graph.op('Mul', [x, graph.op('Add', [erf, graph.float(1)])]);
  return graph.op('Mul', [halved, graph.float(0.5)]);
}

/** quick_gelu(x) = x * sigmoid(1.702 x) */
export const QUICK_GELU_SLOPE = 1.702;
