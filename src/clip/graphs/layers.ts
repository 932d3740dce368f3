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

/** How rows `[N*T, D]` are the rows of N sequences. */
export interface RowShape {
  /** Shape constant `[N, T, H, D/H]`. */
  readonly perHead: string;
  /** T; -1 where it varies. */
  readonly length: number;
}

/** How a tower is written: one function, in the form that a device computes fastest. */
export interface GraphForm {
  /** Type of weights and of everything between input and output. */
  readonly precision: 'float32' | 'float16';
  /**
   * A dense layer as one `Gemm`, or as `MatMul` and `Add`: equally fast on a CPU, and the second more than twice as fast
   * in ONNX Runtime's WebGPU (docs/gpu.md).
   */
  readonly dense: 'Gemm' | 'MatMul';
  /** Attention as ONNX Runtime's operator instead of its formula. */
  readonly fusedAttention: boolean;
}

/** How graphs are written for the CPU. */
export const CPU_FORM: GraphForm = { precision: 'float32', dense: 'Gemm', fusedAttention: false };

/** How the image tower is written for a GPU: its embeddings rank photos as the CPU's do. */
export const GPU_FORM: GraphForm = { precision: 'float32', dense: 'MatMul', fusedAttention: false };

/** The same in half precision, up to twice as fast; near ties may change places (docs/gpu.md). */
export const HALF_FORM: GraphForm = { precision: 'float16', dense: 'MatMul', fusedAttention: true };

/** The pieces that both CLIP towers and the personal head are made of, each writing its nodes into one graph. */
export class Layers {
  readonly graph: GraphBuilder;
  readonly #weights: Weights;
  readonly #config: TowerConfig;
  readonly #form: GraphForm;

  constructor(graph: GraphBuilder, weights: Weights, config: TowerConfig, form: GraphForm = CPU_FORM) {
    this.graph = graph;
    this.#weights = weights;
    this.#config = config;
    this.#form = form;
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
    const { graph } = this;
    const { matrix, transposed } = this.#matrix(name, inputs, outputs);
    const offset = bias ? [this.weight(`${name}.bias`, [outputs])] : [];
    if (this.#form.dense === 'Gemm') {
      return graph.op('Gemm', [x, matrix, ...offset], { transB: transposed ? 0 : 1 });
    }
    const product = graph.matmul(x, transposed ? matrix : graph.transpose(matrix, 1, 0));
    return offset.reduce((sum, term) => graph.add(sum, term), product);
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
   * @param rows where the texts or pictures lie in x
   * @param mask added to the attention scores, broadcast to `[N, H, T, T]`; none in the image tower
   */
  block(x: string, name: string, rows: RowShape, mask?: string): string {
    const { width } = this.#config;
    const normed = this.layerNorm(x, `${name}.layer_norm1`);
    const project = (part: string) => this.linear(normed, `${name}.self_attn.${part}`, width, width);
    const merged = this.attendRows(project('q_proj'), project('k_proj'), project('v_proj'), rows, rows, mask);
    const y = this.graph.add(x, this.linear(merged, `${name}.self_attn.out_proj`, width, width));
    return this.graph.add(y, this.mlp(this.layerNorm(y, `${name}.layer_norm2`), `${name}.mlp`));
  }

  /** Attention of `query [N*Tq, D]` to `key` and `value`, both `[N*T, D]`: [N*Tq, D]. */
  attendRows(
    query: string,
    key: string,
    value: string,
    queryRows: RowShape,
    rows: RowShape,
    mask?: string,
  ): string {
    const { graph } = this;
    const { width, heads } = this.#config;
    if (this.#form.fusedAttention && mask === undefined) {
      const inSequence = (x: string, { length }: RowShape) => graph.reshape(x, [-1, length, width]);
      const operands = [inSequence(query, queryRows), inSequence(key, rows), inSequence(value, rows)];
      const attended = graph.contrib('MultiHeadAttention', operands, { num_heads: heads }); // [N, Tq, D]
      return graph.reshape(attended, [-1, width]);
    }
    const split = (x: string, { perHead }: RowShape) => this.splitHeads(x, perHead);
    const attended = this.attend(split(query, queryRows), split(key, rows), split(value, rows), mask);
    return graph.reshape(graph.transpose(attended, 0, 2, 1, 3), [-1, width]);
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
