import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithShared, shared } from '../../test/shared.ts';
import type { Activation } from '../clip/index.ts';
import { matrixOf, normalizeRows, rowOf } from '../matrix.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { openSafetensors, readTensor } from '../node/weight-file.ts';
import { LOOK_ALIKE_WEIGHT, targetsOf } from './personalize.ts';
import { buildTrainingGraph } from './training-graph.ts';

const D = 128;
const P = 64;
const H = 2;
const EPSILON = 1e-5;
const REG_WEIGHT = 0.35;

type Weights = Readonly<Record<string, Float64Array>>;

/** x W^T + b in float64; W is [outputs, inputs]. */
function linear(x: Float64Array, weight: Float64Array, bias?: Float64Array): Float64Array {
  const inputs = x.length;
  return Float64Array.from({ length: weight.length / inputs }, (_, o) => {
    let sum = bias?.[o] ?? 0;
    for (let i = 0; i < inputs; i++) sum += weight[o * inputs + i]! * x[i]!;
    return sum;
  });
}

function layerNorm(x: Float64Array, gamma: Float64Array, beta: Float64Array): Float64Array {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return x.map((value, i) => ((value - mean) / Math.sqrt(variance + EPSILON)) * gamma[i]! + beta[i]!);
}

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
};

/** The loss of one concept in float64, written straight from the formulas of the method. */
function loss(
  w: Weights,
  activation: Activation,
  rows: { residual: Float64Array; contexts: Float64Array[]; value: Float64Array; feature: Float64Array }[],
  A: Float64Array,
  B: Float64Array,
  lookAlikes: Float64Array[] = [],
): number {
  const rank = A.length / D;
  const unitA = A.map(
    (x, i) => x / Math.hypot(...A.subarray(D * Math.floor(i / D), D * (Math.floor(i / D) + 1))),
  );
  let total = 0;
  for (const { residual, contexts, value, feature } of rows) {
    const slice = D / contexts.length;
    const v = value.slice();
    for (let k = 0; k < rank; k++) {
      const strengths = contexts.map((context) =>
        context.reduce((sum, c, i) => sum + c * unitA[k * D + i]!, 0),
      );
      for (let i = 0; i < D; i++) v[i]! += B[k * D + i]! * strengths[Math.floor(i / slice)]!;
    }
    const out = linear(v, w['self_attn.out_proj.weight']!, w['self_attn.out_proj.bias']);
    const r = residual.map((x, i) => x + out[i]!);
    const normed = layerNorm(r, w['layer_norm2.weight']!, w['layer_norm2.bias']!);
    const hidden = linear(normed, w['mlp.fc1.weight']!, w['mlp.fc1.bias']).map(ACTIVATE[activation]);
    const mlp = linear(hidden, w['mlp.fc2.weight']!, w['mlp.fc2.bias']);
    const z = r.map((x, i) => x + mlp[i]!);
    const y = linear(layerNorm(z, w['final.weight']!, w['final.bias']!), w.projection!);
    const length = Math.hypot(...y);
    total += y.reduce((sum, x, i) => sum + (x / length - feature[i]!) ** 2, 0);
    for (const other of lookAlikes) {
      const cosine = y.reduce((sum, x, i) => sum + (x / length) * other[i]!, 0);
      total += (2 * LOOK_ALIKE_WEIGHT * cosine) / lookAlikes.length;
    }
  }
  return total / (rows.length * P) + (REG_WEIGHT * B.reduce((sum, b) => sum + b * b, 0)) / (rank * D);
}

describeWithShared('the hand-derived gradient', () => {
  const directory = shared('golden/tiny-clip');
  let clip: Clip;
  const weights: Record<string, Float64Array> = {};
  beforeAll(async () => {
    clip = await loadClip(directory);
    const { tensors } = await openSafetensors(`${directory}/model.safetensors`);
    const last = 'text_model.encoder.layers.11.';
    for (const [name, info] of tensors) {
      const key = name
        .replace(last, '')
        .replace('text_model.final_layer_norm', 'final')
        .replace('text_projection.weight', 'projection');
      if (key !== name) weights[key] = Float64Array.from(await readTensor(info));
    }
  });
  afterAll(() => clip.close());

  it.each([
    ['released', 'quick_gelu', 1, 0],
    ['exact', 'quick_gelu', 1, 0],
    ['exact', 'gelu', 1, 0],
    ['released', 'quick_gelu', 2, 0],
    ['exact', 'quick_gelu', 3, 0],
    ['released', 'quick_gelu', 1, 2],
    ['exact', 'quick_gelu', 1, 2],
  ] as const)(
    'agrees with central differences in float64 (%s forward, %s, rank %i, %i look-alikes)',
    async (forward, activation, rank, others) => {
      const frozen = await clip.freezeTexts(['A photo of sks', 'We can see sks in this scene', 'A sks']);
      const n = frozen.count;
      const { heads, contexts, value } = frozen[forward];
      expect(heads).toBe(forward === 'exact' ? H : 1);
      const wave = (length: number, scale: number, step: number) =>
        Float32Array.from({ length }, (_, i) => scale * Math.sin(1 + step * i));
      const features = wave(n * P, 0.125, 1.7);
      const lookAlikes = normalizeRows(matrixOf(wave(others * P, 1, 0.31), P));
      const A = wave(rank * D, 0.5, 0.9);
      const B = wave(rank * D, 0.3, 2.3);
      const session = await clip.openGraph(
        `gradient-${forward}-${activation}-${rank}`,
        (config, source) =>
          buildTrainingGraph({ ...config, text: { ...config.text, activation } }, source, heads, rank),
        { prepack: false },
      );
      const out = await session.run({
        residual: { data: frozen.residual, dims: [n, D] },
        contexts: { data: contexts, dims: [n, heads, D] },
        value: { data: value, dims: [n, D] },
        features: { data: targetsOf({ features: matrixOf(features, P), lookAlikes }), dims: [n, P] },
        rowWeight: { data: new Float32Array(n).fill(1 / (n * P)), dims: [n, 1] },
        membership: { data: new Float32Array(n).fill(1), dims: [1, n] },
        regWeight: { data: Float32Array.of(REG_WEIGHT), dims: [] },
        A: { data: A, dims: [rank, D] },
        B: { data: B, dims: [rank, D] },
      });
      const rows = Array.from({ length: n }, (_, i) => ({
        residual: Float64Array.from(frozen.residual.subarray(i * D, (i + 1) * D)),
        contexts: Array.from({ length: heads }, (_, h) =>
          Float64Array.from(contexts.subarray((i * heads + h) * D, (i * heads + h + 1) * D)),
        ),
        value: Float64Array.from(value.subarray(i * D, (i + 1) * D)),
        feature: Float64Array.from(features.subarray(i * P, (i + 1) * P)),
      }));
      const apart = Array.from({ length: others }, (_, k) => Float64Array.from(rowOf(lookAlikes, k)));
      const at = (a: Float64Array, b: Float64Array) => loss(weights, activation, rows, a, b, apart);
      const a = Float64Array.from(A);
      const b = Float64Array.from(B);
      // With look-alikes the losses differ by a constant, which neither A nor B moves.
      if (others === 0) expect(Math.abs(out.loss![0]! / at(a, b) - 1)).toBeLessThan(1e-5);
      const step = 1e-4;
      for (const [parameter, gradient] of [
        [a, out.gradA!],
        [b, out.gradB!],
      ] as const) {
        const size = Math.hypot(...gradient) / Math.sqrt(rank * D);
        for (let i = 0; i < rank * D; i += 5 * rank) {
          const kept = parameter[i]!;
          parameter[i] = kept + step;
          const above = at(a, b);
          parameter[i] = kept - step;
          const below = at(a, b);
          parameter[i] = kept;
          expect(Math.abs(gradient[i]! - (above - below) / (2 * step)) / size).toBeLessThan(1e-3);
        }
      }
    },
  );
});
