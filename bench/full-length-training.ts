import {
  type ClipConfig,
  ElementType,
  GraphBuilder,
  Layers,
  textLayer,
  type Weights,
  writeHead,
} from '../src/clip/index.ts';
import { writeHeadGradient } from '../src/polar/training-graph.ts';

/**
 * One training iteration of one concept over all T tokens of every prompt, as a framework with automatic
 * differentiation does it: the last layer's values, output projection, MLP and their gradients for every token,
 * although only the end-of-text row counts, and with the update B A multiplied out, as the released code does it.
 * The yardstick for the speed of the real training graph.
 *
 * Inputs: `x [N*T, D]` and `normed [N*T, D]`, the last layer's input before and after ln_1; `probabilities
 * [N, T, T]`, attention averaged over heads; `end [N, 1]`; `features [N, P]`; `A [1, D]`, `B [1, D]`.
 */
export function buildFullLengthTraining(config: ClipConfig, weights: Weights): Uint8Array {
  const { width, contextLength: T, layers: count } = config.text;
  const graph = new GraphBuilder();
  const layers = new Layers(graph, weights, config.text);
  const float = ElementType.float;
  const x = graph.input('x', float, ['rows', width]);
  const normed = graph.input('normed', float, ['rows', width]);
  const probabilities = graph.input('probabilities', float, ['N', T, T]);
  const end = graph.input('end', ElementType.int64, ['N', 1]);
  const features = graph.input('features', float, ['N', config.dimension]);
  const a = graph.input('A', float, [1, width]);
  const b = graph.input('B', float, [1, width]);
  const op = (name: string) => (left: string, right: string) => graph.op(name, [left, right]);
  const [add, sub, mul, div, matmul] = ['Add', 'Sub', 'Mul', 'Div', 'MatMul'].map(op) as [
    ReturnType<typeof op>,
    ReturnType<typeof op>,
    ReturnType<typeof op>,
    ReturnType<typeof op>,
    ReturnType<typeof op>,
  ];
  const rowSum = (value: string) => graph.op('ReduceSum', [value, graph.int([-1])], { keepdims: 1 });
  const norm = (value: string) => graph.op('ReduceL2', [value], { axes: [-1], keepdims: 1 });
  const transpose = (value: string, perm: number[]) => graph.op('Transpose', [value], { perm });
  const perToken = graph.int([-1, T, width]);
  const flat = graph.int([-1, width]);

  const normA = norm(a);
  const unitA = div(a, normA);
  const update = matmul(transpose(b, [1, 0]), unitA); // B A, [D, D]
  const frozen = layers.linear(normed, `${textLayer(count - 1)}.self_attn.v_proj`, width, width, false);
  const personal = graph.op('Gemm', [normed, update], { transB: 1 });
  const values = graph.op('Reshape', [add(frozen, personal), perToken]); // [N, T, D]
  const weighted = graph.op('Reshape', [matmul(probabilities, values), flat]);
  const head = writeHead(layers, config, { residual: x, value: weighted, normOutputs: 3 });
  const tokens = graph.op('Reshape', [head.finalNorm[0]!, perToken]);
  const atEnd = graph.op('GatherND', [tokens, end], { batch_dims: 1 }); // [N, D]
  const y = layers.linear(atEnd, 'text_projection', width, config.dimension, false); // [N, P]
  const normY = norm(y);
  const u = div(y, normY);
  const error = sub(u, features);
  const loss = graph.op('ReduceMean', [mul(error, error)], { keepdims: 0 });

  const gradU = mul(error, graph.float(2));
  const gradY = div(sub(gradU, mul(u, rowSum(mul(u, gradU)))), normY); // [N, P]
  const gradRow = matmul(gradY, layers.weight('text_projection.weight', [config.dimension, width]));
  const zeros = mul(graph.op('Reshape', [x, perToken]), graph.float(0));
  const batch = graph.op('Range', [
    graph.int(0),
    graph.op('Gather', [graph.op('Shape', [end]), graph.int(0)]),
    graph.int(1),
  ]);
  const index = graph.op('Concat', [graph.op('Unsqueeze', [batch, graph.int([1])]), end], { axis: 1 });
  const gradFinal = graph.op('Reshape', [graph.op('ScatterND', [zeros, index, gradRow]), flat]); // [N*T, D]
  const gradWeighted = graph.op('Reshape', [writeHeadGradient(layers, config, head, gradFinal), perToken]);
  const gradValues = graph.op('Reshape', [matmul(transpose(probabilities, [0, 2, 1]), gradWeighted), flat]);
  const gradUpdate = graph.op('Gemm', [gradValues, normed], { transA: 1 }); // [D, D]
  const gradB = graph.op('Gemm', [unitA, gradUpdate], { transB: 1 }); // [1, D]
  const gradUnitA = matmul(b, gradUpdate); // [1, D]
  const gradA = div(sub(gradUnitA, mul(unitA, rowSum(mul(unitA, gradUnitA)))), normA);

  graph.output('loss', loss, []);
  graph.output('gradA', gradA, [1, width]);
  graph.output('gradB', gradB, [1, width]);
  return graph.build('full_length_training');
}
