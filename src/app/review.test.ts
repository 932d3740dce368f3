import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { matrixOf, normalizeRows, rowOf } from '../matrix.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { PythonRandom } from '../polar/random/python.ts';
import { type EmbeddedHit, EmbeddedPhotos } from './embedded-photos.ts';
import { measureHeldOut } from './held-out.ts';
import { photosToReview, revise, typicalPhotos } from './review.ts';
import { teach } from './teach.ts';

vi.setConfig({ testTimeout: 60_000 }); // dozens of small trainings, beside other tests

const OTHERS = 60;
const OWN = 8;

let clip: Clip;
// The photos 0 to 7 show one thing, each a little different; the others show anything.
const photos = new EmbeddedPhotos();
const embeddingOf = ({ key }: Pick<EmbeddedHit, 'key'>) => photos.get(key).embedding;

beforeAll(async () => {
  clip = await loadClip('toybox');
  const random = new PythonRandom(1);
  const noise = () => Array.from({ length: clip.dimension }, () => random.random() - 0.5);
  const thing = noise();
  const rows = [
    ...Array.from({ length: OWN }, () => noise().map((x, i) => thing[i]! + 0.6 * x)),
    ...Array.from({ length: OTHERS }, noise),
  ];
  const embeddings = normalizeRows(matrixOf(Float32Array.from(rows.flat()), clip.dimension));
  for (let row = 0; row < rows.length; row++)
    photos.add({ hash: String(row), embedding: rowOf(embeddings, row) });
});
afterAll(() => clip.close());

async function learn(keys: readonly number[]): Promise<Concept> {
  const features = matrixOf(
    Float32Array.from(keys.flatMap((key) => [...photos.get(key).embedding])),
    clip.dimension,
  );
  const read = async () => ({ features, hashes: keys.map(String) });
  return (await teach(clip, 'Rex', { count: keys.length, read }, { iterations: 200 })).concept;
}

it('a thing is judged by photos that were held out: found, though others of the library show it too', async () => {
  const good = await measureHeldOut(clip, await learn([0, 1, 2, 3]), photos);
  expect(good).toMatchObject({
    verdict: 'very good',
    photos: 4,
    found: 4,
    others: OWN + OTHERS - 4,
    misfit: null,
  });
  const poor = await measureHeldOut(clip, await learn([20, 30, 40, 50]), photos);
  expect(poor!.verdict).toBe('poor');
  const mixed = await measureHeldOut(clip, await learn([0, 1, 2, 40, 3]), photos);
  expect(mixed!.misfit).toBe(3);
  expect(await measureHeldOut(clip, await learn([0, 1]), new EmbeddedPhotos())).toBeNull();
});

it('a review asks about photos near the border, and never again about one that was answered', async () => {
  const concept = await learn([0, 1, 2]);
  const asked = await photosToReview(clip, concept, photos, embeddingOf);
  expect(asked).toHaveLength(10);
  expect(asked.map(({ key }) => key).filter((key) => key < 3)).toEqual([]);
  expect(asked.some(({ key }) => key < OWN)).toBe(true);
  const yes = asked
    .filter(({ key }) => key < OWN)
    .map((hit) => ({ hash: hit.hash, embedding: embeddingOf(hit) }));
  const no = asked.filter(({ key }) => key >= OWN).map(embeddingOf);
  const typical = await typicalPhotos(photos);
  expect(typical).toHaveLength(17);
  const revised = await revise(clip, concept, { yes, no, typical });
  expect(revised).toMatchObject({ name: 'Rex', iterations: 200, seed: concept.seed });
  expect(revised.photoHashes).toEqual(['0', '1', '2', ...yes.map(({ hash }) => hash)]);
  expect(revised.lookAlikes!.rows).toBe(no.length);
  const alone = await revise(clip, concept, { yes, no });
  expect(revised.B).not.toEqual(alone.B); // typical photos count, and are not kept
  const next = await photosToReview(clip, revised, photos, embeddingOf);
  expect(next.map(({ key }) => key).filter((key) => asked.some((hit) => hit.key === key))).toEqual([]);
});

it('a photo is taken out of a thing; the last two stay', async () => {
  const concept = await learn([0, 1, 40]);
  const without = await revise(clip, concept, { without: ['40'] });
  expect(without.photoHashes).toEqual(['0', '1']);
  expect(without.features!.rows).toBe(2);
  await expect(revise(clip, without, { without: ['1'] })).rejects.toThrow(
    /"Rex": 1 photo, expected at least 2/,
  );
});
