import type { TowerConfig } from '../config.ts';
import { activate } from './activation.ts';
import type { ExternalTensor, GraphBuilder } from './onnx.ts';

/** A weight where it lies. */
export interface StoredWeight extends ExternalTensor {
  /** Whether the matrix is stored as `[inputs, outputs]`. */
  readonly transposed: boolean;
}

/** Finds a weight by the name that a Hugging Face CLIP gives it, and checks its shape. */
export type Weights = (name: string, shape: readonly number[]) => StoredWeight;

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

  /** Rows `indices` of a table `[rows, D]`. */
  rows(name: string, shape: readonly [number, number], indices: string): string {
    return this.graph.rowsOf(name, this.#weights(name, shape), indices);
  }

  /** `x W^T + b`: [M, inputs] → [M, outputs]. */
  linear(x: string, name: string, inputs: number, outputs: number, bias = true): string {
    const { matrix, transposed } = this.#matrix(name, inputs, outputs);
    const operands = [x, matrix];
    if (bias) operands.push(this.weight(`${name}.bias`, [outputs]));
    return this.graph.op('Gemm', operands, { transB: transposed ? 0 : 1 });
  }

  /** Backward through `linear`: `dL/dx = dL/dy W`, [M, outputs] → [M, inputs]. */
  linearGradient(gradient: string, name: string, inputs: number, outputs: number): string {
    const { matrix, transposed } = this.#matrix(name, inputs, outputs);
    if (transposed) return this.graph.op('Gemm', [gradient, matrix], { transB: 1 });
    return this.graph.matmul(gradient, matrix);
  }

  /** W, `[outputs, inputs]`, or its transpose where that is what is stored. */
  #matrix(name: string, inputs: number, outputs: number) {
    const weight = this.#weights(`${name}.weight`, [outputs, inputs]);
    return { matrix: this.graph.weight(`${name}.weight`, weight), transposed: weight.transposed };
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
    return this.graph.transpose(this.graph.reshape(x, perHead), 0, 2, 1, 3);
  }

  /**
   * One transformer layer on `x [N*T, D]`.
   *
   * @param perHead shape constant `[N, T, H, D/H]`
   * @param mask added to the attention scores, broadcast to `[N, H, T, T]`; none in the image tower
   */
  block(x: string, name: string, perHead: string, mask?: string): string {
    const { width } = this.#config;
    const normed = this.layerNorm(x, `${name}.layer_norm1`);
    const project = (part: string) =>
      this.splitHeads(this.linear(normed, `${name}.self_attn.${part}`, width, width), perHead);
    const attended = this.attend(project('q_proj'), project('k_proj'), project('v_proj'), mask);
    const merged = this.graph.reshape(this.graph.transpose(attended, 0, 2, 1, 3), [-1, width]);
    const y = this.graph.add(x, this.linear(merged, `${name}.self_attn.out_proj`, width, width));
    return this.graph.add(y, this.mlp(this.layerNorm(y, `${name}.layer_norm2`), `${name}.mlp`));
  }

  /** Scaled dot-product attention of `[N, H, T, D/H]` operands. */
  attend(query: string, key: string, value: string, mask?: string): string {
    return this.graph.matmul(this.attention(query, key, mask), value);
  }

  /** Attention probabilities `[N, H, Tq, Tk]`. */
  attention(query: string, key: string, mask?: string): string {
    const { graph } = this;
    const { width, heads } = this.#config;
    const scaled = graph.mul(query, (width / heads) ** -0.5);
    const scores = graph.matmul(scaled, graph.transpose(key, 0, 1, 3, 2));
    return graph.softmax(mask === undefined ? scores : graph.add(scores, mask));
  }
}
