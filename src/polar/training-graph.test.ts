import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/close.ts';
import { goldenModel, TINY_CLIP } from '../../test/data.ts';
import type { Activation } from '../clip/index.ts';
import { matrixOf, normalizeRows, rowOf } from '../matrix.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { referenceHead, referenceTexts } from './reference.fixture.ts';
import { embedding, loss, type Update } from './reference.ts';
import { LOOK_ALIKE_WEIGHT, targetsOf } from './training-batch.ts';
import { buildTrainingGraph } from './training-graph.ts';

const REG_WEIGHT = 0.35;
const TEXTS = ['A photo of sks', 'We can see sks in this scene', 'A sks'];
/** CLIP, one whose projection has a bias and whose GELU is the tanh form, and one whose projection is transposed. */
const WEIGHTS = {
  clip: [TINY_CLIP, 'model.safetensors'],
  siglip: [goldenModel('siglip/model'), 'model.safetensors'],
  openClip: [goldenModel('open_clip_plain/model'), 'open_clip_model.safetensors'],
} as const;
type Model = keyof typeof WEIGHTS;
const MODELS = Object.keys(WEIGHTS) as Model[];

const wave = (length: number, scale: number, step: number) =>
  Float32Array.from({ length }, (_, i) => scale * Math.sin(1 + step * i));

/** Rows of A and B, float64, as updates of unit norm. */
function updatesOf(A: Float64Array, B: Float64Array, width: number): Update[] {
  return Array.from({ length: A.length / width }, (_, k) => {
    const row = A.subarray(k * width, (k + 1) * width);
    const norm = Math.hypot(...row);
    return { a: row.map((x) => x / norm), B: B.subarray(k * width, (k + 1) * width) };
  });
}

describe('the engine and the reference in float64', () => {
  const clips = {} as Record<Model, Clip>;
  const headOf = (model: Model, activation?: Activation) =>
    referenceHead(clips[model], WEIGHTS[model].join('/'), activation);
  beforeAll(async () => {
    for (const model of MODELS) clips[model] = await loadClip(WEIGHTS[model][0]);
  });
  afterAll(async () => {
    for (const clip of Object.values(clips)) await clip.close();
  });

  it.each(
    MODELS.flatMap(
      (model) =>
        [
          [model, 'released'],
          [model, 'exact'],
        ] as const,
    ),
  )('embed texts under two updates alike (%s, %s forward)', async (model, forward) => {
    const clip = clips[model];
    const head = await headOf(model);
    const frozen = await clip.freezeTexts(TEXTS);
    const { data: A } = normalizeRows(matrixOf(wave(2 * clip.width, 1, 0.9), clip.width));
    const B = wave(2 * clip.width, 0.3, 2.3);
    const { data } = await clip.encodeFrozen(frozen, { rank: 2, A, B }, { forward });
    const none = matrixOf(new Float32Array(TEXTS.length * clip.dimension), clip.dimension);
    const updates = updatesOf(Float64Array.from(A), Float64Array.from(B), clip.width);
    const expected = referenceTexts(frozen, forward, none).flatMap((text) => [
      ...embedding(text, updates, head),
    ]);
    expect(relativeError(data, Float32Array.from(expected))).toBeLessThan(1e-5);
  });

  it.each([
    ['clip', 'released', 'quick_gelu', 1, 0],
    ['clip', 'exact', 'quick_gelu', 1, 0],
    ['clip', 'exact', 'gelu', 1, 0],
    ['clip', 'released', 'quick_gelu', 2, 0],
    ['clip', 'exact', 'quick_gelu', 3, 0],
    ['clip', 'released', 'quick_gelu', 1, 2],
    ['clip', 'exact', 'quick_gelu', 1, 2],
    ['siglip', 'exact', 'gelu_pytorch_tanh', 1, 0],
    ['siglip', 'released', 'gelu_pytorch_tanh', 2, 0],
    ['openClip', 'exact', 'quick_gelu', 1, 0],
    ['openClip', 'released', 'gelu', 1, 0],
  ] as const)(
    'the engine and the reference in float64 agree on the loss, and the gradient with its central differences (%s, %s forward, %s, rank %i, %i look-alikes)',
    async (model, forward, activation, rank, others) => {
      const clip = clips[model];
      const { width, dimension } = clip;
      const frozen = await clip.freezeTexts(TEXTS);
      const n = frozen.count;
      const { heads, contexts, value } = frozen[forward];
      expect(heads).toBe(forward === 'exact' ? clip.config.text.heads : 1);
      const features = matrixOf(wave(n * dimension, 0.125, 1.7), dimension);
      const lookAlikes = normalizeRows(matrixOf(wave(others * dimension, 1, 0.31), dimension));
      const A = wave(rank * width, 0.5, 0.9);
      const B = wave(rank * width, 0.3, 2.3);
      const session = await clip.openGraph(
        `gradient-${forward}-${activation}-${rank}`,
        (config, source) =>
          buildTrainingGraph({ ...config, text: { ...config.text, activation } }, source, heads, rank),
        { prepack: false },
      );
      const out = await session.run({
        residual: { data: frozen.residual, dims: [n, width] },
        contexts: { data: contexts, dims: [n, heads, width] },
        value: { data: value, dims: [n, width] },
        features: { data: targetsOf({ features, lookAlikes }), dims: [n, dimension] },
        rowWeight: { data: new Float32Array(n).fill(1 / (n * dimension)), dims: [n, 1] },
        membership: { data: new Float32Array(n).fill(1), dims: [1, n] },
        regWeight: { data: Float32Array.of(REG_WEIGHT), dims: [] },
        A: { data: A, dims: [rank, width] },
        B: { data: B, dims: [rank, width] },
      });
      const head = await headOf(model, activation);
      const texts = referenceTexts(frozen, forward, features);
      const apart = Array.from({ length: others }, (_, k) => Float64Array.from(rowOf(lookAlikes, k)));
      const settings = { lambda: REG_WEIGHT, others: apart, w: LOOK_ALIKE_WEIGHT };
      const at = (a: Float64Array, b: Float64Array) => loss(texts, updatesOf(a, b, width), head, settings);
      const a = Float64Array.from(A);
      const b = Float64Array.from(B);
      // With look-alikes the losses differ by a constant, which neither A nor B moves.
      if (others === 0) expect(Math.abs(out.loss![0]! / at(a, b) - 1)).toBeLessThan(1e-5);
      const step = 1e-4;
      for (const [parameter, gradient] of [
        [a, out.gradA!],
        [b, out.gradB!],
      ] as const) {
        const size = Math.hypot(...gradient) / Math.sqrt(rank * width);
        for (let i = 0; i < rank * width; i += 5 * rank) {
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
