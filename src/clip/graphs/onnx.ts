import { schema } from './onnx-schema.ts';

/** Element types of ONNX tensors that are used here (numbers as in the ONNX specification). */
export const ElementType = { float: 1, uint8: 2, int64: 7, float16: 10, double: 11, bfloat16: 16 } as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

/** A tensor that stays where it is: a byte range of a file beside the graph. */
export interface ExternalTensor {
  /** File name inside the folder that the session is given; no path. */
  readonly fileName: string;
  readonly offset: number;
  readonly byteLength: number;
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** The name of a value in the graph, or a number that is the same for every element. */
export type Operand = string | number;

type Attribute = number | string | readonly number[] | { readonly float: number };

interface NodeMessage {
  opType: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: object[];
}

const IR_VERSION = 9; // the first one with every element type used here
const OPSET = 17; // the first opset with LayerNormalization
const CONTRIB = 'com.microsoft'; // the domain of ONNX Runtime's own operators
const EXTERNAL = 1; // TensorProto.DataLocation

/**
 * Writes one ONNX graph node by node. Every method that adds a node gives back the name of its output, so that
 * a graph reads like the formula that it computes.
 */
export class GraphBuilder {
  readonly #type: ElementType;
  readonly #nodes: NodeMessage[] = [];
  readonly #initializers = new Map<string, object>();
  readonly #inputs: object[] = [];
  readonly #outputs: object[] = [];
  #counter = 0;

  /** @param type of weights and constants, and so of everything that is computed from them */
  constructor(type: typeof ElementType.float | typeof ElementType.float16 = ElementType.float) {
    this.#type = type;
  }

  /** Declares an input; a dimension is a number or a name for one that varies. */
  input(name: string, type: ElementType, dimensions: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, type, dimensions));
    return name;
  }

  /** Declares `value` as the graph's output `name`, in float32. */
  output(name: string, value: string, dimensions: readonly (number | string)[]): void {
    const attribute = this.#type === ElementType.float ? [] : [attributeMessage('to', ElementType.float)];
    const opType = attribute.length === 0 ? 'Identity' : 'Cast';
    this.#nodes.push({ opType, domain: '', input: [value], output: [name], attribute });
    this.#outputs.push(valueInfo(name, ElementType.float, dimensions));
  }

  /** A weight in a file beside the graph, in the graph's type (cast when the graph is loaded where it has another). */
  weight(name: string, tensor: ExternalTensor): string {
    return this.#typed(this.#external(name, tensor), tensor.type);
  }

  /** Rows of a table in a file beside the graph; of the table nothing but these rows is ever read. */
  rowsOf(name: string, tensor: ExternalTensor, indices: string): string {
    return this.#typed(this.gather(this.#external(name, tensor), indices), tensor.type);
  }

  /** `x`, float32, in the graph's type. */
  typed(x: string): string {
    return this.#typed(x, ElementType.float);
  }

  #external(name: string, tensor: ExternalTensor): string {
    if (!this.#initializers.has(name)) {
      this.#initializers.set(name, {
        name,
        dims: tensor.shape,
        dataType: tensor.type,
        dataLocation: EXTERNAL,
        externalData: [
          { key: 'location', value: tensor.fileName },
          { key: 'offset', value: String(tensor.offset) },
          { key: 'length', value: String(tensor.byteLength) },
        ],
      });
    }
    return name;
  }

  #typed(value: string, type: ElementType): string {
    return type === this.#type ? value : this.op('Cast', [value], { to: this.#type });
  }

  /** A small constant inside the graph, in the graph's type; a plain number is a scalar. */
  float(value: number | readonly number[], shape?: readonly number[]): string {
    return this.typed(this.float32(value, shape));
  }

  /** A small float32 constant inside the graph; a plain number is a scalar. */
  float32(value: number | readonly number[], shape?: readonly number[]): string {
    const values = typeof value === 'number' ? [value] : value;
    const dims = shape ?? (typeof value === 'number' ? [] : [value.length]);
    return this.#constant(ElementType.float, dims, new Float32Array(values).buffer);
  }

  /** An int64 constant inside the graph: shapes, axes and indices. */
  int(value: number | readonly number[]): string {
    const values = typeof value === 'number' ? [value] : value;
    const dims = typeof value === 'number' ? [] : [value.length];
    return this.#constant(ElementType.int64, dims, new BigInt64Array(values.map(BigInt)).buffer);
  }

  /** `x + y`, broadcast. */
  add(x: Operand, y: Operand): string {
    return this.#binary('Add', x, y);
  }

  /** `x - y`, broadcast. */
  sub(x: Operand, y: Operand): string {
    return this.#binary('Sub', x, y);
  }

  /** `x * y` element by element, broadcast. */
  mul(x: Operand, y: Operand): string {
    return this.#binary('Mul', x, y);
  }

  /** `x / y`, broadcast. */
  div(x: Operand, y: Operand): string {
    return this.#binary('Div', x, y);
  }

  /** Matrix product over the last two axes; the axes before are a batch. */
  matmul(x: string, y: string): string {
    return this.op('MatMul', [x, y]);
  }

  /** Axis i of the result is axis `perm[i]` of `x`. */
  transpose(x: string, ...perm: number[]): string {
    return this.op('Transpose', [x], { perm });
  }

  /** `x` in another shape: sizes (0 keeps an axis, -1 takes what is left) or the name of a shape. */
  reshape(x: string, shape: readonly number[] | string): string {
    return this.op('Reshape', [x, typeof shape === 'string' ? shape : this.int(shape)]);
  }

  /** `x` without the axes of size one. */
  squeeze(x: string, ...axes: number[]): string {
    return this.op('Squeeze', [x, this.int(axes)]);
  }

  /** `x` with axes of size one at these places of the result. */
  unsqueeze(x: string, ...axes: number[]): string {
    return this.op('Unsqueeze', [x, this.int(axes)]);
  }

  /** The parts one behind the other along `axis`. */
  concat(axis: number, ...parts: string[]): string {
    return this.op('Concat', parts, { axis });
  }

  /** What lies at `indices` of an axis; a single index takes the axis away. */
  gather(x: string, indices: string | number, axis = 0): string {
    return this.op('Gather', [x, typeof indices === 'number' ? this.int(indices) : indices], { axis });
  }

  /** The shape of `x`, int64. */
  shape(x: string): string {
    return this.op('Shape', [x]);
  }

  /** Softmax over the last axis. */
  softmax(x: string): string {
    return this.op('Softmax', [x], { axis: -1 });
  }

  /** Mean over one axis, kept with size one. */
  mean(x: string, axis: number): string {
    return this.op('ReduceMean', [x], { axes: [axis], keepdims: 1 });
  }

  /** Sum over the last axis, kept with size one. */
  rowSum(x: string): string {
    return this.op('ReduceSum', [x, this.int([-1])], { keepdims: 1 });
  }

  /** Euclidean norm over the last axis, kept with size one. */
  rowNorm(x: string): string {
    return this.op('ReduceL2', [x], { axes: [-1], keepdims: 1 });
  }

  /** A function of each element that ONNX knows. */
  each(name: 'Erf' | 'Exp' | 'Sigmoid' | 'Tanh', x: string): string {
    return this.op(name, [x]);
  }

  /** Adds a node with one output. */
  op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    return this.ops(opType, inputs, 1, attributes)[0]!;
  }

  /** Adds a node of an operator that ONNX Runtime has beside those of ONNX; with one output. */
  contrib(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const output = this.op(opType, inputs, attributes);
    this.#nodes.at(-1)!.domain = CONTRIB;
    return output;
  }

  /** Adds a node with `count` outputs. */
  ops(
    opType: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string[] {
    const output = Array.from({ length: count }, () => `${opType}_${this.#counter++}`);
    this.#nodes.push({
      opType,
      domain: '',
      input: [...inputs],
      output,
      attribute: Object.entries(attributes).map(([name, value]) => attributeMessage(name, value)),
    });
    return output;
  }

  /** The serialised model. */
  build(name: string): Uint8Array {
    return schema
      .lookupType('Model')
      .encode({
        irVersion: IR_VERSION,
        producerName: 'polar-vl',
        opsetImport: [
          { domain: '', version: OPSET },
          { domain: CONTRIB, version: 1 },
        ],
        graph: {
          name,
          node: this.#nodes,
          initializer: [...this.#initializers.values()],
          input: this.#inputs,
          output: this.#outputs,
        },
      })
      .finish();
  }

  #binary(opType: string, x: Operand, y: Operand): string {
    const value = (operand: Operand) => (typeof operand === 'number' ? this.float(operand) : operand);
    return this.op(opType, [value(x), value(y)]);
  }

  #constant(dataType: ElementType, dims: readonly number[], data: ArrayBuffer): string {
    const name = `constant_${this.#counter++}`;
    this.#initializers.set(name, { name, dims, dataType, rawData: new Uint8Array(data) });
    return name;
  }
}

function valueInfo(name: string, elemType: ElementType, dimensions: readonly (number | string)[]): object {
  const dim = dimensions.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

// AttributeProto.AttributeType: FLOAT 1, INT 2, STRING 3, INTS 7
function attributeMessage(name: string, value: Attribute): object {
  if (typeof value === 'number') return { name, type: 2, i: value };
  if (typeof value === 'string') return { name, type: 3, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: 1, f: value.float };
  return { name, type: 7, ints: value };
}
