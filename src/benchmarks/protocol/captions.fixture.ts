import { expect } from 'vitest';
import type { Update } from '../../clip/update.ts';
import { matrixOf, normalizeRows, rowOf } from '../../matrix.ts';
import type { Clip } from '../../node/load-clip.ts';
import { evaluateCaptions } from './captions.ts';
import { updateOf } from './checkpoints.ts';
import { ranksOf } from './metrics.ts';

/**
 * Compares caption recall with its definition: every caption encoded again for each of two concepts, and its own image
 * counted where it is among the first ten of as many random images as there are captions.
 */
export async function expectRecallByDefinition(clip: Clip, texts: readonly string[]): Promise<void> {
  const captions = texts.map((text, image) => ({ text, image }));
  const n = captions.length;
  const wave = (length: number, step: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(1 + step * i));
  const pool = normalizeRows(matrixOf(wave(n * clip.dimension, 1.37), clip.dimension));
  const concepts = [0.9, 2.3].map((step) => ({
    identifier: 'sks',
    rank: 1,
    A: normalizeRows(matrixOf(wave(clip.width, step), clip.width)).data,
    B: wave(clip.width, step + 1),
  }));
  const recall = async (update: Update) => {
    const frozen = await clip.freezeTexts(captions.map(({ text }) => text));
    const embeddings = normalizeRows(await clip.encodeFrozen(frozen, update));
    const hits = captions.filter(({ image }) => {
      const query = rowOf(embeddings, image);
      const similarities = new Float32Array(n);
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j < pool.columns; j++) sum += pool.data[i * pool.columns + j]! * query[j]!;
        similarities[i] = sum;
      }
      return ranksOf(similarities, [image])[0]! <= 10;
    });
    return hits.length / captions.length;
  };
  const evaluated = await evaluateCaptions(clip, { pool, captions, checkpoints: concepts });
  expect(evaluated.plain).toBeCloseTo(await recall(updateOf([])), 10);
  expect(evaluated.concepts[0]).toBeCloseTo(await recall(updateOf([concepts[0]!])), 10);
  expect(evaluated.concepts[1]).toBeCloseTo(await recall(updateOf([concepts[1]!])), 10);
  expect(evaluated.mean).toBeCloseTo((evaluated.concepts[0]! + evaluated.concepts[1]!) / 2, 10);
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  const several = [...counts.values()].filter((count) => count > 1);
  expect(several.length).toBeGreaterThan(5);
  expect(evaluated.shared).toEqual({
    texts: several.length,
    images: several.reduce((sum, count) => sum + count, 0),
  });
}
