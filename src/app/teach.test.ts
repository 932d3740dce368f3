import { afterAll, beforeAll, expect, it } from 'vitest';
import { rememberTexts } from '../clip/remember-texts.ts';
import { matrixOf, normalizeRows, rowOf, selectRows } from '../matrix.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { type Concept, requireSameModel } from '../polar/concept/concept.ts';
import { settingsOf } from '../polar/learn.ts';
import { fold } from '../polar/query/fold.ts';
import { PythonRandom } from '../polar/random/python.ts';
import { DEFAULT_SEED, DEFAULT_TRAINING } from '../polar/training-defaults.ts';
import { EmbeddedPhotos } from './embedded-photos.ts';
import { type Examples, hintsOf, isUsable, judgeConcept, type Shelf, teach } from './teach.ts';

let clip: Clip;
let photos: EmbeddedPhotos;
const examples = (...keys: number[]): Examples => ({
  count: keys.length,
  read: async () => ({
    features: matrixOf(
      Float32Array.from(keys.flatMap((key) => [...photos.get(key).embedding])),
      clip.dimension,
    ),
    hashes: keys.map((key) => photos.get(key).hash),
  }),
});
/** Concepts in memory. */
function openShelf(): Shelf & { readonly concepts: Map<string, Concept> } {
  const concepts = new Map<string, Concept>();
  return {
    concepts,
    list: async () => [...concepts.values()],
    save: async (concept) => void concepts.set(fold(concept.name), concept),
  };
}

it('negatives stand beside typical photos of the library, which are not kept', async () => {
  const given = examples(0, 1, 2);
  const other = matrixOf(photos.get(9).embedding, clip.dimension);
  const withOther = { ...given, read: async () => ({ ...(await given.read()), lookAlikes: other }) };
  const learn = async (taught: Examples, library?: EmbeddedPhotos) =>
    (await teach(clip, 'Rex', taught, { iterations: 3, library })).concept;
  const [alone, beside] = [await learn(withOther), await learn(withOther, photos)];
  expect(beside.B).not.toEqual(alone.B);
  expect([alone.lookAlikes!.rows, beside.lookAlikes!.rows]).toEqual([1, 1]);
  const [plain, judged] = [await learn(given), await learn(given, photos)];
  expect(judged.B).toEqual(plain.B); // without negatives the library changes nothing
});

beforeAll(async () => {
  clip = await loadClip('toybox');
  const random = new PythonRandom(0);
  const data = Float32Array.from({ length: 40 * clip.dimension }, () => random.random() - 0.5);
  const embeddings = normalizeRows(matrixOf(data, clip.dimension));
  photos = new EmbeddedPhotos();
  for (let row = 0; row < 40; row++) photos.add({ hash: String(row), embedding: rowOf(embeddings, row) });
});
afterAll(() => clip.close());

it('the prompts go through the text tower while the photos are read, with the same concept to the bit', async () => {
  const sent: number[] = [];
  const counted: Clip = {
    ...clip,
    freezeTexts(texts, options) {
      sent.push(texts.length);
      return clip.freezeTexts(texts, options);
    },
  };
  const given = examples(0, 1, 2);
  const read = async () => {
    await new Promise(setImmediate);
    sent.push(0); // the photos are read
    return given.read();
  };
  const { concept } = await teach(rememberTexts(counted), 'Rex', { ...given, read }, { iterations: 3 });
  expect(sent).toEqual([3, 0]);
  expect(concept.B).toEqual((await teach(clip, 'Rex', given, { iterations: 3 })).concept.B);
});

it('a photo that cannot be read changes nothing of what is learnt from the others', async () => {
  const given = examples(0, 1, 2);
  const oneMore = { ...given, count: 4 };
  const learn = async (photosToLearn: Examples) =>
    (await teach(rememberTexts(clip), 'Rex', photosToLearn, { iterations: 3 })).concept;
  expect((await learn(oneMore)).B).toEqual((await learn(given)).B);
});

it('a name that is taken is refused, learnt again or further; its earlier spelling stays', async () => {
  const shelf = openShelf();
  const options = { shelf, iterations: 3 };
  const steps: [number, number][] = [];
  const learnt: boolean[] = [];
  const first = await teach(clip, ' Rex ', examples(0, 1), {
    ...options,
    className: 'dog',
    seed: 7,
    onStep: (step, total) => steps.push([step, total]),
    onLearnt: ({ concept }) => learnt.push(shelf.concepts.get('rex') === concept),
  });
  expect(first.concept).toMatchObject({ name: 'Rex', identifier: 'sks dog', seed: 7, iterations: 3 });
  expect(steps).toEqual([
    [1, 3],
    [2, 3],
    [3, 3],
  ]);
  expect(shelf.concepts.get('rex')).toBe(first.concept);
  expect(learnt).toEqual([true]);
  await expect(teach(clip, 'REX', examples(2, 3), options)).rejects.toThrow(
    'there is a concept "REX" already; choose another name, learn it again (--force) or further (--add), or remove it first',
  );
  const further = await teach(clip, 'rex', examples(2), { shelf, mode: 'add' });
  expect(further.concept).toMatchObject({ name: 'Rex', className: 'dog', seed: 7, iterations: 3 });
  expect(further.concept.photoHashes).toEqual(['0', '1', '2']);
  const again = await teach(clip, 'rex', examples(4, 5), { ...options, mode: 'replace' });
  expect(again.concept).toMatchObject({ name: 'Rex', className: null, seed: DEFAULT_SEED });
  await expect(teach(clip, 'Mimi', examples(2), { shelf, mode: 'add' })).rejects.toThrow(
    'there is no concept "Mimi" to add photos to; learn it first',
  );
  await expect(teach(clip, '../x', examples(0, 1), options)).rejects.toThrow(/cannot be used/);
  expect(shelf.concepts.size).toBe(1);
});

it('what is not said of the training is as the concept was learnt before, else as the defaults say', async () => {
  const { concept } = await teach(clip, 'Rex', examples(0, 1), { iterations: 2, forward: 'exact' });
  expect(settingsOf({})).toEqual({ ...DEFAULT_TRAINING, seed: DEFAULT_SEED, className: null });
  expect(settingsOf({ add: concept })).toMatchObject({ iterations: 2, forward: 'exact' });
  expect(settingsOf({ add: concept, iterations: 9 })).toMatchObject({ iterations: 9, forward: 'exact' });
});

it('a lesson that is stopped keeps nothing', async () => {
  const shelf = openShelf();
  const stop = new AbortController();
  const stopped = teach(clip, 'Rex', examples(0, 1), {
    shelf,
    iterations: 3,
    signal: stop.signal,
    onStep: (step) => step === 3 && stop.abort(),
  });
  await expect(stopped).rejects.toThrow(/abort/);
  expect(shelf.concepts.size).toBe(0);
});

it('a lesson is judged with the library, where there is one', async () => {
  const alone = await teach(clip, 'Rex', examples(0, 1), { iterations: 3 });
  expect(alone).toMatchObject({ heldOut: null, hints: [] });
  const { concept, hints } = await teach(clip, 'Rex', examples(0, 1), { iterations: 3, library: photos });
  const separation = await judgeConcept(clip, concept, photos);
  expect(separation!.others).toBe(38);
  expect(separation!.personal.ranks).toHaveLength(2);
  expect(hints).toEqual([]);
  expect(await judgeConcept(clip, concept, new EmbeddedPhotos())).toBeNull();
});

it('hints call new photos as they are called, and earlier ones by their number', async () => {
  const twice = { ...examples(0, 1), nameOf: (index: number) => ['a.jpg', 'b.jpg'][index]! };
  const shelf = openShelf();
  await teach(clip, 'Rex', examples(5, 0), { shelf, iterations: 1 });
  const { hints } = await teach(clip, 'Rex', twice, { shelf, iterations: 1, mode: 'add' });
  expect(hints).toEqual([
    'its earlier photo 2 and a.jpg are nearly the same picture; another one would teach more',
  ]);
  expect(hintsOf({ nearDuplicates: [[0, 2]], offTopic: [1] })).toEqual([
    'photo 1 and photo 3 are nearly the same picture; another one would teach more',
    'photo 2 looks unlike the other photos; does it show the same thing? A part of it may do better',
  ]);
});

it('a concept is usable exactly where a search with it is not refused', async () => {
  const { concept } = await teach(clip, 'Rex', examples(0, 1), { iterations: 1 });
  expect(isUsable(concept, clip)).toBe(true);
  const wide = selectRows(matrixOf(new Float32Array(6), 3), [0, 1]);
  for (const change of [
    { modelId: 'org/other' },
    { revision: 'other' },
    { layer: 0 },
    { A: new Float32Array(8), B: new Float32Array(8) },
    { features: wide },
  ]) {
    const other = { ...concept, ...change };
    expect(() => requireSameModel(other, clip)).toThrow();
    expect(isUsable(other, clip)).toBe(false);
  }
});
