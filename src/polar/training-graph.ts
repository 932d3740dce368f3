import {
  activationGradient,
  type ClipConfig,
  ElementType,
  GraphBuilder,
  type HeadValues,
  joinHeads,
  Layers,
  textLayer,
  type Weights,
  writeHead,
  writePersonalValue,
} from '../clip/index.ts';

/**
 * One training iteration: the loss of a concept and its gradient, derived by hand from `reference.ts`.
 *
 *     a = A/|A|;  v' = v + B (a·c_h);  y = head(x, v');  u = y/|y|
 *     loss = sum over rows and P of w (u - f)^2 + lambda mean(B^2),   w = 1/(n P)
 *
 * That is one concept of rank one. G concepts are trained together, so that every product with the weights is one
 * product over all: the M rows are the prompts of all of them, `membership [G, M]` holds 1 where row m belongs to
 * concept g, w is 1/(n_g P). Concept g owns R of the K = G R rows of A and B, from row g R: its update is their sum.
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
  const g = new GraphBuilder();
  const layers = new Layers(g, weights, config.text);
  const { float } = ElementType;
  const residual = g.input('residual', float, ['M', width]);
  const contexts = g.input('contexts', float, ['M', heads, width]);
  const value = g.input('value', float, ['M', width]);
  const features = g.input('features', float, ['M', config.dimension]);
  const rowWeight = g.input('rowWeight', float, ['M', 1]);
  const membership = g.input('membership', float, ['G', 'M']);
  const regWeight = g.input('regWeight', float, []);
  const A = g.input('A', float, ['K', width]);
  const B = g.input('B', float, ['K', width]);

  // Forward
  const normA = g.rowNorm(A); // [K, 1]
  const a = g.div(A, normA); // [K, D]
  const mask = ownRows(g, membership, rank); // [1, M, K]
  const personal = writePersonalValue(g, { contexts, value, A: a, B, mask }, width, heads); // v', [M, D]
  const head = writeHead(layers, config, { residual, value: personal.value, normOutputs: 3 });
  const normY = g.rowNorm(head.y); // [M, 1]
  const u = g.div(head.y, normY); // [M, P]
  const error = g.sub(u, features); // [M, P]
  const rowLoss = g.mul(g.rowSum(g.mul(error, error)), rowWeight); // [M, 1]
  const meanSquareB = g.mean(g.reshape(g.mul(B, B), [-1, rank * width]), 1); // [G, 1]
  const loss = g.add(g.matmul(membership, rowLoss), g.mul(meanSquareB, regWeight)); // [G, 1]

  // Backward; s = a·c_h is the strength of the update in head h
  const gradU = g.mul(g.mul(error, rowWeight), 2); // [M, P]           dL/du = 2 w (u - f)
  const gradY = unitGradient(g, u, gradU, normY); // [M, P]            dL/dy = (I - u uᵀ) dL/du / |y|
  const gradValue = writeHeadGradient(layers, config, head, gradY); // [M, D]      dL/dv'
  const byHead = g.transpose(g.reshape(gradValue, [-1, heads, width / heads]), 1, 0, 2); // [H, M, D/H]
  const products = g.matmul(byHead, g.transpose(personal.slices, 0, 2, 1));
  const gradStrength = g.mul(products, mask); // [H, M, K]             dL/ds_h = B_h · dL/dv'_h
  const rows = g.reshape(g.transpose(gradStrength, 2, 1, 0), [0, -1]); // [K, M H]
  const gradUnitA = g.matmul(rows, g.reshape(contexts, [-1, width])); // [K, D]    dL/da = sum_h dL/ds_h c_h
  const gradA = unitGradient(g, a, gradUnitA, normA); // [K, D]        dL/dA = (I - a aᵀ) dL/da / |A|
  const dataB = g.matmul(g.transpose(personal.strength, 0, 2, 1), byHead); // [H, K, D/H]
  const decay = g.mul(B, g.mul(regWeight, 2 / (rank * width))); // [K, D]
  const gradB = g.add(joinHeads(g, dataB, width), decay); // [K, D]    dL/dB = sum s_h dL/dv'_h + 2 lambda B / (R D)

  g.output('loss', g.squeeze(loss, 1), ['G']);
  g.output('gradA', gradA, ['K', width]);
  g.output('gradB', gradB, ['K', width]);
  return g.build('training_iteration');
}

/** 1 where a row belongs to the concept of an update: `[G, M]` → `[1, M, K]`, each concept's column R times. */
function ownRows(g: GraphBuilder, membership: string, rank: number): string {
  const ofRow = g.unsqueeze(g.transpose(membership, 1, 0), 2); // [M, G, 1]
  const owned = g.mul(ofRow, g.float(new Array<number>(rank).fill(1), [1, 1, rank])); // [M, G, R]
  return g.unsqueeze(g.reshape(owned, [0, -1]), 0);
}

/** Backward through `u = y/|y|`, row by row: `dL/dy = (I - u uᵀ) dL/du / |y|`. */
function unitGradient(g: GraphBuilder, u: string, gradient: string, norm: string): string {
  return g.div(g.sub(gradient, g.mul(u, g.rowSum(g.mul(u, gradient)))), norm);
}

/**
 * Backward through the head, from the embedding y to the value v.
 *
 * @param head what the forward pass computed, with the statistics of its layer norms
 * @param gradY dL/dy, [M, P]
 * @returns dL/dv, [M, D]
 */
export function writeHeadGradient(
  layers: Layers,
  config: ClipConfig,
  { r, norm2, hidden, z, finalNorm }: HeadValues,
  gradY: string,
): string {
  const g = layers.graph;
  const { width, mlpWidth, layers: count, activation } = config.text;
  const last = textLayer(count - 1);
  const gradFinal = layers.linearGradient(gradY, 'text_projection', width, config.dimension); // [M, D]  W_pᵀ dL/dy
  const finalGamma = layers.weight('text_model.final_layer_norm.weight', [width]);
  const gradZ = layerNormGradient(g, gradFinal, z, finalNorm, finalGamma); // [M, D]    dL/dz
  const gradActivated = layers.linearGradient(gradZ, `${last}.mlp.fc2`, mlpWidth, width); // [M, mlpWidth]   W_2ᵀ dL/dz
  const slope = activationGradient(g, hidden, activation);
  const gradHidden = g.mul(gradActivated, slope); // [M, mlpWidth]     dL/dh = φ'(h) W_2ᵀ dL/dz
  const gradNorm2 = layers.linearGradient(gradHidden, `${last}.mlp.fc1`, width, mlpWidth); // [M, D]   W_1ᵀ dL/dh
  const gamma2 = layers.weight(`${last}.layer_norm2.weight`, [width]);
  const throughMlp = layerNormGradient(g, gradNorm2, r, norm2, gamma2); // [M, D]
  const gradR = g.add(gradZ, throughMlp); // [M, D]                    dL/dr = dL/dz + ln_2'ᵀ W_1ᵀ dL/dh
  return layers.linearGradient(gradR, `${last}.self_attn.out_proj`, width, width); // [M, D]   dL/dv = W_oᵀ dL/dr
}

/**
 * Backward through a layer norm: `dL/dx = (t - mean(t) - h mean(t h)) / σ`, with `t = γ dL/dy` and the normalised
 * input `h = (x - μ) / σ`.
 */
function layerNormGradient(
  g: GraphBuilder,
  gradient: string,
  input: string,
  [, mean, inverse]: readonly string[],
  gamma: string,
): string {
  const t = g.mul(gradient, gamma);
  const h = g.mul(g.sub(input, mean!), inverse!);
  return g.mul(g.sub(g.sub(t, g.mean(t, -1)), g.mul(h, g.mean(g.mul(t, h), -1))), inverse!);
}
