import protobuf from 'protobufjs';

/** Element types of ONNX tensors that are used here (numbers as in the ONNX specification). */
export const ElementType = { float: 1, int64: 7, float16: 10, double: 11, bfloat16: 16 } as const;
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

type Attribute = number | string | readonly number[] | { readonly float: number };

interface NodeMessage {
  opType: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: object[];
}

// The part of the ONNX schema that a graph of float tensors needs; the numbers are the field numbers of onnx.proto.
const field = (id: number, type: string) => ({ id, type });
const list = (id: number, type: string) => ({ id, type, rule: 'repeated' });
const schema = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        graph: field(7, 'Graph'),
        opsetImport: list(8, 'OperatorSet'),
      },
    },
    OperatorSet: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    Graph: {
      fields: {
        node: list(1, 'Node'),
        name: field(2, 'string'),
        initializer: list(5, 'Tensor'),
        input: list(11, 'ValueInfo'),
        output: list(12, 'ValueInfo'),
      },
    },
    Node: {
      fields: {
        input: list(1, 'string'),
        output: list(2, 'string'),
        opType: field(4, 'string'),
        attribute: list(5, 'Attribute'),
        domain: field(7, 'string'),
      },
    },
    Attribute: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        ints: list(8, 'int64'),
        type: field(20, 'int32'),
      },
    },
    Tensor: {
      fields: {
        dims: list(1, 'int64'),
        dataType: field(2, 'int32'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
        externalData: list(13, 'StringEntry'),
        dataLocation: field(14, 'int32'),
      },
    },
    StringEntry: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
    ValueInfo: { fields: { name: field(1, 'string'), type: field(2, 'Type') } },
    Type: { fields: { tensorType: field(1, 'TensorType') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'Shape') } },
    Shape: { fields: { dim: list(1, 'Dimension') } },
    Dimension: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
  },
});

const IR_VERSION = 9; // the first one with every element type used here
const OPSET = 17; // the first opset with LayerNormalization
const EXTERNAL = 1; // TensorProto.DataLocation

/**
 * Writes one ONNX graph node by node. Every method that adds a node gives back the name of its output, so that
 * a graph reads like the formula that it computes.
 */
export class GraphBuilder {
  readonly #nodes: NodeMessage[] = [];
  readonly #initializers = new Map<string, object>();
  readonly #inputs: object[] = [];
  readonly #outputs: object[] = [];
  #counter = 0;

  /** Declares an input; a dimension is a number or a name for one that varies. */
  input(name: string, type: ElementType, dimensions: readonly (number | string)[]): string {
    this.#inputs.push(valueInfo(name, type, dimensions));
    return name;
  }

  /** Declares `value` as the graph's output `name`. */
  output(name: string, value: string, dimensions: readonly (number | string)[]): void {
    this.#nodes.push({ opType: 'Identity', domain: '', input: [value], output: [name], attribute: [] });
    this.#outputs.push(valueInfo(name, ElementType.float, dimensions));
  }

  /** A weight in a file beside the graph, as float32 (half-precision weights are cast when the graph is loaded). */
  weight(name: string, tensor: ExternalTensor): string {
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
    return tensor.type === ElementType.float ? name : this.op('Cast', [name], { to: ElementType.float });
  }

  /** A small float32 constant inside the graph; a plain number is a scalar. */
  float(value: number | readonly number[], shape?: readonly number[]): string {
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

  /** Adds a node with one output. */
  op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    return this.ops(opType, inputs, 1, attributes)[0]!;
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
        opsetImport: [{ domain: '', version: OPSET }],
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
