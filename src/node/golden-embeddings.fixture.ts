import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cosine, relativeError } from '../../test/close.ts';
import { golden } from '../../test/data.ts';
import { readNpy } from '../benchmarks/features/npy.ts';
import { composeUpdates } from '../clip/update.ts';
import { matrixOf, rowOf } from '../matrix.ts';
import { type Clip, loadClip } from './load-clip.ts';

/**
 * Registers the tests that compare a CLIP with the released code: texts, pixels, pictures and updates.
 *
 * @param width of the text tower, for the tests' name
 * @param reference folder of the figures, with the model in `tiny-clip`
 */
export function testGoldenEmbeddings(width: number, reference: string): void {
  const figures = (name: string) => readNpy(join(reference, `${name}.npy`));
  const json = (name: string) =>
    JSON.parse(readFileSync(join(reference, `${name}.json`), 'utf8')) as string[];

  describe(`a CLIP of width ${width} and the released code`, () => {
    let clip: Clip;
    beforeAll(async () => {
      clip = await loadClip(join(reference, 'tiny-clip'));
    });
    afterAll(() => clip.close());

    it.each([1, 4, 15])('embeds texts in batches of %i within 1e-4', async (batchSize) => {
      const embeddings = await clip.encodeTexts(json('texts'), { batchSize });
      expect(relativeError(embeddings.data, (await figures('text_embeddings')).data)).toBeLessThan(1e-4);
    });

    it('embeds preprocessed pixels within 1e-4, together and one by one', async () => {
      const { data } = await figures('pixel_values');
      const expected = matrixOf((await figures('image_embeddings')).data, clip.dimension);
      expect(relativeError((await clip.encodePixels(data, 10)).data, expected.data)).toBeLessThan(1e-4);
      const size = 3 * 64 * 64;
      for (let i = 0; i < 10; i++) {
        const one = await clip.encodePixels(data.subarray(i * size, (i + 1) * size), 1);
        expect(relativeError(one.data, rowOf(expected, i))).toBeLessThan(1e-4);
      }
    });

    it('embeds picture files with a cosine of at least 0.9999 (CMYK 0.999)', async () => {
      const names = json('images');
      const embeddings = await clip.encodeImages(names.map((name) => golden(`images/${name}`)));
      const expected = matrixOf((await figures('image_embeddings')).data, clip.dimension);
      for (const [i, name] of names.entries()) {
        const similarity = cosine(rowOf(embeddings, i), rowOf(expected, i));
        expect(similarity, name).toBeGreaterThanOrEqual(name === 'cmyk.jpg' ? 0.999 : 0.9999);
      }
    });

    it('applies one concept, two concepts, and the released training forward within 1e-4', async () => {
      const concepts = await Promise.all(
        [1, 2].map(async (i) => ({
          A: (await figures(`concept_A${i}`)).data,
          B: (await figures(`concept_B${i}`)).data,
        })),
      );
      const frozen = await clip.freezeTexts(json('texts'));
      const one = composeUpdates(concepts.slice(0, 1));
      const cases = [
        ['update_one', await clip.encodeFrozen(frozen, one)],
        ['update_two', await clip.encodeFrozen(frozen, composeUpdates(concepts))],
        ['update_one_training_forward', await clip.encodeFrozen(frozen, one, { forward: 'released' })],
      ] as const;
      for (const [name, embeddings] of cases) {
        expect(relativeError(embeddings.data, (await figures(name)).data), name).toBeLessThan(1e-4);
      }
      const plain = (await clip.encodeFrozen(frozen)).data;
      expect(relativeError(cases[0][1].data, plain)).toBeGreaterThan(0.01);
    });
  });
}
