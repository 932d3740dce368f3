import type { Concept } from './concept.ts';

export const WIDTH = 8;

/** A concept for tests. */
export const CONCEPT: Concept = {
  name: 'Rex “the dog”',
  identifier: 'sks dog',
  className: 'dog',
  A: Float32Array.from({ length: WIDTH }, (_, i) => (i === 3 ? 0.8 : i === 5 ? -0.6 : 0)),
  B: Float32Array.from({ length: WIDTH }, (_, i) => i / 10 - 0.3),
  modelId: 'openai/clip-vit-base-patch32',
  revision: 'abc',
  layer: 11,
  regWeight: 0.1,
  iterations: 321,
  learningRate: 1e-3,
  forward: 'exact',
  seed: 7,
  photoHashes: ['a1'.repeat(32), 'b2'.repeat(32)],
  features: { rows: 2, columns: 3, data: Float32Array.of(1, 0, 0, 0, 0.6, 0.8) },
  created: '2026-01-02T03:04:05.000Z',
};
