import { FAMILIES } from '../clip/families/describe.ts';
import {
  type Activation,
  type Forward,
  type FrozenClip,
  type FrozenTexts,
  textLayer,
} from '../clip/index.ts';
import { type Matrix, rowOf } from '../matrix.ts';
import { openSafetensors, readTensor } from '../node/weight-file.ts';
import type { Head, Text } from './reference.ts';

/** The error function by its Taylor series, good to 1e-12 for the arguments that occur here. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return Math.abs(x) > 5 ? Math.sign(x) : (2 / Math.sqrt(Math.PI)) * sum;
}

const ACTIVATE: Readonly<Record<Activation, (x: number) => number>> = {
  quick_gelu: (x) => x / (1 + Math.exp(-1.702 * x)),
  gelu: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
  gelu_pytorch_tanh: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
};

/** The end of a model's text tower, for the reference. */
export async function referenceHead(
  { config, lastLayer }: FrozenClip,
  weightFile: string,
  activation = config.text.activation,
): Promise<Head> {
  const { tensors } = await openSafetensors(weightFile);
  const read = async (name: string) => {
    const { tensor, part, transposed } = FAMILIES[config.family].place(name, (other) => tensors.has(other));
    const info = tensors.get(tensor)!;
    const data = Float64Array.from(await readTensor(info));
    if (part !== undefined) {
      const size = data.length / part.of;
      return data.slice(part.index * size, (part.index + 1) * size);
    }
    const [rows, columns] = info.shape as [number, number];
    return transposed ? data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!) : data;
  };
  const last = textLayer(lastLayer);
  const norm = async (name: string) => [await read(`${name}.weight`), await read(`${name}.bias`)] as const;
  return {
    W: {
      o: await read(`${last}.self_attn.out_proj.weight`),
      1: await read(`${last}.mlp.fc1.weight`),
      2: await read(`${last}.mlp.fc2.weight`),
      p: await read('text_projection.weight'),
    },
    b: {
      o: await read(`${last}.self_attn.out_proj.bias`),
      1: await read(`${last}.mlp.fc1.bias`),
      2: await read(`${last}.mlp.fc2.bias`),
      p: config.text.projectionBias ? await read('text_projection.bias') : undefined,
    },
    ln: { 2: await norm(`${last}.layer_norm2`), f: await norm('text_model.final_layer_norm') },
    epsilon: config.text.layerNormEpsilon,
    activate: ACTIVATE[activation],
  };
}

/** Frozen texts and the features of their photos `[N, P]`, for the reference. */
export function referenceTexts(frozen: FrozenTexts, forward: Forward, features: Matrix): Text[] {
  const { heads, contexts, value } = frozen[forward];
  const row = (data: Float32Array, index: number) =>
    Float64Array.from(rowOf({ rows: 0, columns: frozen.width, data }, index));
  return Array.from({ length: frozen.count }, (_, i) => ({
    x: row(frozen.residual, i),
    c: Array.from({ length: heads }, (_, h) => row(contexts, i * heads + h)),
    v: row(value, i),
    f: Float64Array.from(rowOf(features, i)),
  }));
}
