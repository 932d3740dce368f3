import { afterAll, beforeAll, expect, it } from 'vitest';
import { goldenModel } from '../../test/data.ts';
import { matrixOf, normalizeRows, rowOf } from '../matrix.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { CONCEPT } from '../polar/concept/concept.fixture.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { SAMPLE } from '../polar/query/searchable.ts';
import { encodeSentence, personalSentence } from '../polar/query/sentence.ts';
import { PythonRandom } from '../polar/random/python.ts';
import { ask } from './ask.ts';
import { EmbeddedPhotos } from './embedded-photos.ts';

let clip: Clip;
let rex: Concept;
const photos = new EmbeddedPhotos();
beforeAll(async () => {
  clip = await loadClip('toybox');
  const random = new PythonRandom(0);
  const data = Float32Array.from({ length: 40 * clip.dimension }, () => random.random() - 0.5);
  const embeddings = normalizeRows(matrixOf(data, clip.dimension));
  for (let row = 0; row < 40; row++) photos.add({ hash: String(row), embedding: rowOf(embeddings, row) });
  rex = {
    ...CONCEPT,
    name: 'Rex',
    className: 'dog',
    identifier: 'sks dog',
    modelId: clip.id,
    revision: clip.revision,
    layer: clip.lastLayer,
    A: Float32Array.from({ length: clip.width }, (_, i) => (i === 3 ? 1 : 0)),
    B: Float32Array.from({ length: clip.width }, (_, i) => Math.sin(i)),
    features: null,
  };
});
afterAll(() => clip.close());

it('a named concept changes the answer; plain CLIP is asked with its class, in the sentence as in --not', async () => {
  const hits = async (sentence: string, concepts: readonly Concept[], plain = false, not: string[] = []) =>
    (await ask(clip, photos, { sentence, not }, { concepts, top: 40, plain })).hits;
  const personal = await ask(clip, photos, { sentence: " REX's bed " }, { concepts: [rex] });
  expect(personal).toMatchObject({ text: "sks dog's bed", concepts: [rex], count: 40 });
  expect(personal.hits).toHaveLength(20);
  const plain = await ask(clip, photos, { sentence: "Rex's bed" }, { concepts: [rex], plain: true, top: 40 });
  expect(plain).toMatchObject({ text: "dog's bed", concepts: [rex] });
  expect(plain.hits).toEqual(await hits("dog's bed", []));
  expect(plain.hits.slice(0, 20)).not.toEqual(personal.hits);
  expect(await hits('a bed', [rex], true, ['Rex'])).toEqual(await hits('a bed', [], false, ['dog']));
  expect(await hits('a bed', [rex], false, ['Rex'])).not.toEqual(await hits('a bed', [], false, ['dog']));
});

it('a sentence that names a concept of another model is refused, and only such a sentence', async () => {
  const other = { ...rex, name: 'Mimi', modelId: 'openai/other' };
  const asking = (sentence: string, plain = false) =>
    ask(clip, photos, { sentence }, { concepts: [rex, other], plain });
  await expect(asking('Rex and Mimi')).rejects.toThrow(
    /the concept "Mimi" was learnt with openai\/other@.*; use --model openai\/other, or learn it again/,
  );
  expect((await asking('Rex in the snow')).text).toBe('sks dog in the snow');
  expect((await asking('Rex and Mimi', true)).text).toBe('dog and dog');
});

it('a sentence in another script is answered with a line that this model reads English; a name in it is not', async () => {
  const named = { ...rex, name: '小白' };
  const notesOf = async (sentence: string) =>
    (await ask(clip, photos, { sentence }, { concepts: [named] })).notes;
  expect(await notesOf('雪の中の犬')).toEqual([
    expect.stringMatching(/^this model reads English; for other/),
  ]);
  expect(await notesOf('小白 in the snow')).toEqual([]);
});

it('a sentence that the model cuts off is answered with a line about its end; one that fits is not', async () => {
  const siglip = await loadClip(goldenModel('siglip/model'), { threads: 1 });
  try {
    const data = Float32Array.from({ length: 2 * siglip.dimension }, (_, i) => Math.sin(i));
    const embeddings = normalizeRows(matrixOf(data, siglip.dimension));
    const own = new EmbeddedPhotos();
    for (const row of [0, 1]) own.add({ hash: String(row), embedding: rowOf(embeddings, row) });
    const notesOf = async (sentence: string) => (await ask(siglip, own, { sentence })).notes;
    expect(await notesOf('a dog '.repeat(40))).toEqual([
      'the end of the sentence was not read: this model takes 64 tokens; shorten it',
    ]);
    expect(await notesOf('a dog in the snow')).toEqual([]);
  } finally {
    await siglip.close();
  }
});

it('a question of photos needs no sentence; one of nothing is refused', async () => {
  const { embedding } = photos.get(7);
  const { text, hits } = await ask(
    clip,
    photos,
    { sentence: ' ', like: [embedding] },
    { concepts: [rex], top: 3 },
  );
  expect(text).toBe('');
  expect(hits[0]).toMatchObject({ key: 7, score: expect.closeTo(1, 5), relevance: 'strong' });
  const nothing = { sentence: ' ', not: [embedding] };
  await expect(ask(clip, photos, nothing)).rejects.toThrow(/nothing to search for; say what/);
});

it('hits are judged against the same sample of the photos, however many there are', async () => {
  const asked: number[] = [];
  const sampled = {
    count: 5000,
    search: (query: Float32Array, top: number) => photos.search(query, top),
    sample: async (n: number) => {
      asked.push(n);
      return photos.sample(n);
    },
  };
  await ask(clip, sampled, { sentence: 'a bed' });
  expect(asked).toEqual([SAMPLE]);
});

it('a learnt thing that no photo shows is said to be absent, against the photos that it was learnt from', async () => {
  const { query } = await queryOf('a photo of Rex');
  // Photos of it are near the query; the library's others are not.
  const near = normalizeRows(
    matrixOf(
      Float32Array.from(
        { length: 3 * clip.dimension },
        (_, i) => query[i % clip.dimension]! + 0.05 * Math.sin(i),
      ),
      clip.dimension,
    ),
  );
  const known = { ...rex, features: near };
  const absent = await ask(clip, photos, { sentence: 'a photo of Rex' }, { concepts: [known] });
  expect(absent.absent).toBe(true);
  expect(absent.notes).toEqual([
    expect.stringMatching(/^probably not in these photos: none stands out .* Rex was/),
  ]);
  expect((await ask(clip, photos, { sentence: 'a photo of a dog' }, { concepts: [known] })).absent).toBe(
    false,
  );
  const withIt = new EmbeddedPhotos();
  for (const hit of (await ask(clip, photos, { sentence: 'a' }, { top: 40 })).hits)
    withIt.add({ hash: hit.hash, embedding: (await photos.sample(40))[Number(hit.hash)]! });
  withIt.add({ hash: 'rex', embedding: rowOf(near, 1) });
  const there = await ask(clip, withIt, { sentence: 'a photo of Rex' }, { concepts: [known] });
  expect(there).toMatchObject({ absent: false, notes: [] });
});

/** The query that a sentence with Rex is read as. */
async function queryOf(sentence: string): Promise<{ query: Float32Array }> {
  return { query: await encodeSentence(clip, personalSentence(sentence, [rex])) };
}
