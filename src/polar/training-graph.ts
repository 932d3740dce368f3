import {
  type Activation,
  type ClipConfig,
  ElementType,
  GraphBuilder,
  type HeadValues,
  Layers,
  QUICK_GELU_SLOPE,
  textLayer,
  type Weights,
  writeHead,
} from '../clip/index.ts';

/**
 * One training iteration of G concepts together: the loss of each and its gradient, derived by hand.
 *
 *     a_r = A_r/|A_r|;  v' = v + sum_r B_r (a_r·c_h);  y = head(x, v');  u = y/|y|
 *     loss_g = sum over its rows and P of w (u - f)^2 + lambda mean(B^2),  w = 1/(n_g P)
 *
 * The M rows are the prompts of all concepts; `membership [G, M]` holds 1 where row m belongs to concept g, so
 * that every product with the weights is one product over all concepts. Concept g owns R of the K = G R rows of
 * A and B, from row g R.
 *
 * Inputs: `residual [M, D]`, `contexts [M, H, D]`, `value [M, D]`, `features [M, P]`, `rowWeight [M, 1]` (w),
 * `membership [G, M]`, `regWeight []`, `A [K, D]`, `B [K, D]`. Outputs: `loss [G]`, `gradA [K, D]`, `gradB [K, D]`.
 *
 * @param heads H; 1 for the released forward
 * @param rank R; 1 is the method's
 */
export function buildTrainingGraph(
  config: ClipConfig,
  weights: Weights,
  heads: number,
  rank = 1,
): Uint8Array {
  const { width } = config.text;
  const graph = new GraphBuilder();
  const layers = new Layers(graph, weights, config.text);
  const float = ElementType.float;
  const residual = graph.input('residual', float, ['M', width]);
  const contexts = graph.input('contexts', float, ['M', heads, width]);
  const value = graph.input('value', float, ['M', width]);
  const features = graph.input('features', float, ['M', config.dimension]);
  const rowWeight = graph.input('rowWeight', float, ['M', 1]);
  const membership = graph.input('membership', float, ['G', 'M']);
  const regWeight = graph.input('regWeight', float, []);
  const a = graph.input('A', float, ['K', width]);
  const b = graph.input('B', float, ['K', width]);
  const { add, sub, mul, div, matmul, transpose, rowSum, rowNorm } = arithmetic(graph);

  // Forward
  const normA = rowNorm(a); // [K, 1]
  const unitA = div(a, normA); // [K, D]
  const ofRow = graph.op('Unsqueeze', [transpose(membership, 1, 0), graph.int([2])]); // [M, G, 1]
  const owned = mul(ofRow, graph.float(new Array<number>(rank).fill(1), [1, 1, rank])); // [M, G, R]
  const mask = graph.op('Unsqueeze', [graph.op('Reshape', [owned, graph.int([0, -1])]), graph.int([0])]); // [1, M, K]
  const perHead = graph.int([-1, heads, width / heads]);
  const headB = transpose(graph.op('Reshape', [b, perHead]), 1, 0, 2); // [H, K, D/H]
  const strength = mul(transpose(matmul(contexts, transpose(unitA, 1, 0)), 1, 0, 2), mask); // a_r·c_h, [H, M, K]
  const flat = graph.int([-1, width]);
  const flatten = (byHead: string) => graph.op('Reshape', [transpose(byHead, 1, 0, 2), flat]);
  const updated = add(value, flatten(matmul(strength, headB))); // [M, D]
  const head = writeHead(layers, config, residual, updated, 3);
  const normY = rowNorm(head.y); // [M, 1]
  const u = div(head.y, normY);
  const error = sub(u, features); // [M, P]
  const rowLoss = mul(rowSum(mul(error, error)), rowWeight); // [M, 1]
  const squareB = graph.op('Reshape', [mul(b, b), graph.int([-1, rank * width])]);
  const meanSquareB = graph.op('ReduceMean', [squareB], { axes: [1], keepdims: 1 }); // [G, 1]
  const loss = add(matmul(membership, rowLoss), mul(meanSquareB, regWeight)); // [G, 1]

  // Backward
  const gradU = mul(mul(error, rowWeight), graph.float(2));
  const gradY = div(sub(gradU, mul(u, rowSum(mul(u, gradU)))), normY); // [M, P]
  const gradFinal = matmul(gradY, layers.weight('text_projection.weight', [config.dimension, width])); // [M, D]
  const gradUpdated = graph.op('Reshape', [writeHeadGradient(layers, config, head, gradFinal), perHead]);
  const gradValue = transpose(gradUpdated, 1, 0, 2); // [H, M, D/H]
  const gradStrength = mul(matmul(gradValue, transpose(headB, 0, 2, 1)), mask); // [H, M, K]
  const rowStrength = graph.op('Reshape', [transpose(gradStrength, 2, 1, 0), graph.int([0, -1])]); // [K, M H]
  const gradUnitA = matmul(rowStrength, graph.op('Reshape', [contexts, flat])); // [K, D]
  const gradA = div(sub(gradUnitA, mul(unitA, rowSum(mul(unitA, gradUnitA)))), normA);
  const gradDataB = flatten(matmul(transpose(strength, 0, 2, 1), gradValue)); // [K, D]
  const gradB = add(gradDataB, mul(b, mul(regWeight, graph.float(2 / (rank * width)))));

  graph.output('loss', graph.op('Squeeze', [loss, graph.int([1])]), ['G']);
  graph.output('gradA', gradA, ['K', width]);
  graph.output('gradB', gradB, ['K', width]);
  return graph.build('training_iteration');
}

/**
 * Backward through the head, from the output of the final layer norm to the value v.
 *
 * @param head what the forward pass computed, with the statistics of its layer norms
 * @param gradFinal gradient with respect to `ln_final(z)`, [M, D]
 * @returns gradient with respect to v, [M, D]
 */
export function writeHeadGradient(
  layers: Layers,
  config: ClipConfig,
  { r, norm2, hidden, z, finalNorm }: HeadValues,
  gradFinal: string,
): string {
  const { graph } = layers;
  const { add, mul, matmul } = arithmetic(graph);
  const { width, mlpWidth, layers: count, activation } = config.text;
  const last = textLayer(count - 1);
  const finalGamma = layers.weight('text_model.final_layer_norm.weight', [width]);
  const gradZ = layerNormGradient(graph, gradFinal, z, finalNorm, finalGamma);
  const gradActivated = matmul(gradZ, layers.weight(`${last}.mlp.fc2.weight`, [width, mlpWidth]));
  const gradHidden = mul(gradActivated, activationGradient(graph, hidden, activation)); // [M, mlpWidth]
  const gradNorm2 = matmul(gradHidden, layers.weight(`${last}.mlp.fc1.weight`, [mlpWidth, width]));
  const gamma2 = layers.weight(`${last}.layer_norm2.weight`, [width]);
  const gradR = add(gradZ, layerNormGradient(graph, gradNorm2, r, norm2, gamma2));
  return matmul(gradR, layers.weight(`${last}.self_attn.out_proj.weight`, [width, width]));
}

/** Gradient of a layer norm with respect to its input: s (g - mean(g) - h mean(g h)), h = (x - m) s, g = gamma dy. */
function layerNormGradient(
  graph: GraphBuilder,
  gradient: string,
  input: string,
  [, mean, inverse]: readonly string[],
  gamma: string,
): string {
  const { sub, mul } = arithmetic(graph);
  const rowMean = (x: string) => graph.op('ReduceMean', [x], { axes: [-1], keepdims: 1 });
  const g = mul(gradient, gamma);
  const h = mul(sub(input, mean!), inverse!);
  return mul(sub(sub(g, rowMean(g)), mul(h, rowMean(mul(g, h)))), inverse!);
}

function activationGradient(graph: GraphBuilder, x: string, activation: Activation): string {
  const { add, sub, mul } = arithmetic(graph);
  const one = graph.float(1);
  if (activation === 'quick_gelu') {
    // d/dx x s(kx) = s + k x s (1 - s)
    const scaled = mul(x, graph.float(QUICK_GELU_SLOPE));
    const s = graph.op('Sigmoid', [scaled]);
    return mul(s, add(one, mul(scaled, sub(one, s))));
  }
  // d/dx x F(x) = F + x f, with F the normal distribution function and f its density
  const distribution = mul(add(graph.op('Erf', [mul(x, graph.float(Math.SQRT1_2))]), one), graph.float(0.5));
  const density = mul(
    graph.op('Exp', [mul(mul(x, x), graph.float(-0.5))]),
    graph.float(1 / Math.sqrt(2 * Math.PI)),
  );
  return add(distribution, mul(x, density));
}

function arithmetic(graph: GraphBuilder) {
  const binary = (opType: string) => (x: string, y: string) => graph.op(opType, [x, y]);
  return {
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('Div'),
    matmul: binary('MatMul'),
    transpose: (x: string, ...perm: number[]) => graph.op('Transpose', [x], { perm }),
    /** Sum over the last axis, kept. */
    rowSum: (x: string) => graph.op('ReduceSum', [x, graph.int([-1])], { keepdims: 1 }),
    /** Euclidean norm over the last axis, kept. */
    rowNorm: (x: string) => graph.op('ReduceL2', [x], { axes: [-1], keepdims: 1 }),
  };
}
