import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithShared, shared } from '../../../test/shared.ts';
import type { Update } from '../../clip/update.ts';
import { matrixOf, normalizeRows, rowOf } from '../../matrix.ts';
import { type Clip, loadClip } from '../../node/load-clip.ts';
import { BenchmarkDataError } from '../data/benchmark.ts';
import { captionsOfPool, readCaptionFile, readPoolCaptions } from '../data/caption-file.ts';
import { TINY_CLIP, temporaryFolder } from '../data/data-sets.fixture.ts';
import { evaluateCaptions } from './captions.ts';
import { updateOf } from './checkpoints.ts';
import { ranksOf } from './metrics.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (json: unknown): Promise<string> => {
  const file = join(folder, 'captions.json');
  await mkdir(folder, { recursive: true });
  await writeFile(file, typeof json === 'string' ? json : JSON.stringify(json));
  return file;
};

it.each([
  ['a map', { 'a.jpg': 'A dog.', 'b.jpg': ['A cat.', 'A red cat.'] }],
  [
    'a list of records',
    [
      { image: 'a.jpg', caption: 'A dog.' },
      { file_name: 'b.jpg', caption: 'A cat.' },
      { path: 'b.jpg', caption: 'A red cat.' },
    ],
  ],
  [
    'records with several captions, as the one list of an object',
    {
      model: 'llava',
      data: [
        { filename: 'a.jpg', text: 'A dog.' },
        { image_path: 'b.jpg', captions: ['A cat.', 'A red cat.'] },
      ],
    },
  ],
  [
    'one record a line, after a byte order mark',
    '\uFEFF{"image": "a.jpg", "caption": "A dog."}\r\n{"image": "b.jpg", "captions": ["A cat.", "A red cat."]}\r\n\r\n',
  ],
  [
    'COCO',
    {
      images: [
        { id: 7, file_name: 'a.jpg' },
        { id: 9, file_name: 'b.jpg' },
      ],
      annotations: [
        { image_id: 7, caption: 'A dog.' },
        { image_id: 9, caption: 'A cat.' },
        { image_id: 9, caption: 'A red cat.' },
      ],
    },
  ],
])('captions are read from %s', async (_, json) => {
  const captions = await readCaptionFile(await write(json));
  expect(captionsOfPool(captions, ['b.jpg', 'a.jpg'], 'x')).toEqual([
    { text: 'A cat.', image: 0 },
    { text: 'A red cat.', image: 0 },
    { text: 'A dog.', image: 1 },
  ]);
});

it.each([
  ['{', /not JSON/],
  ['{}', /no captions/],
  ['3', /an entry has no image or no caption/],
  ['[null]', /an entry has no image or no caption/],
  ['{"image": "a", "caption": "b"}\n{', /not JSON/],
  [{ 'a.jpg': 3 }, /an entry has no image or no caption/],
  [[{ caption: 'x' }], /an entry has no image or no caption/],
])('%j is refused', async (json, message) => {
  await expect(readCaptionFile(await write(json))).rejects.toThrow(message);
});

it('every image without a caption is told', async () => {
  const captions = await readCaptionFile(await write({ 'a.jpg': 'A dog.' }));
  const collect = () => captionsOfPool(captions, ['a.jpg', 'b.jpg', 'c.jpg'], 'file.json');
  expect(collect).toThrow(BenchmarkDataError);
  expect(collect).toThrow(/file.json: 2 things are missing/);
});

it('an image goes by its file name alone where no other image has it', async () => {
  const captions = await readCaptionFile(await write({ 'a.jpg': 'A dog.' }));
  expect(captionsOfPool(captions, ['data/images/a.jpg'], 'x')).toEqual([{ text: 'A dog.', image: 0 }]);
  expect(() => captionsOfPool(captions, ['dog/a.jpg', 'cat/a.jpg'], 'x')).toThrow(/2 things are missing/);
});

describeWithShared('caption recall', () => {
  let clip: Clip;
  beforeAll(async () => {
    clip = await loadClip(TINY_CLIP, { threads: 1 });
  });
  afterAll(() => clip.close());

  it('refuses captions that the model cannot take whole before any work, together with missing ones', async () => {
    const long = 'a very long caption '.repeat(30);
    const file = await write({ 'a.jpg': long, 'b.jpg': 'A dog.', 'elsewhere.jpg': long });
    const read = readPoolCaptions(clip, file, ['a.jpg', 'b.jpg', 'c.jpg']);
    const error = await read.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BenchmarkDataError);
    expect((error as BenchmarkDataError).problems).toEqual([
      expect.stringMatching(/^caption of a.jpg: the text is too long: 122 tokens, .* at most 77/),
      'no caption for c.jpg',
    ]);
  });

  it('is what encoding every caption again for each concept gives', async () => {
    const all = await readCaptionFile(shared('data/captions/conconchi_llava_captions.json'));
    expect(all).toHaveLength(4008);
    const captions = all.slice(0, 400).map(({ text }, image) => ({ text, image }));
    const wave = (length: number, step: number) =>
      Float32Array.from({ length }, (_, i) => Math.sin(1 + step * i));
    const pool = normalizeRows(matrixOf(wave(400 * clip.dimension, 1.37), clip.dimension));
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
        const similarities = new Float32Array(400);
        for (let i = 0; i < 400; i++) {
          let sum = 0;
          for (let j = 0; j < pool.columns; j++) sum += pool.data[i * pool.columns + j]! * query[j]!;
          similarities[i] = sum;
        }
        return ranksOf(similarities, [image])[0]! <= 10;
      });
      return hits.length / captions.length;
    };
    const evaluated = await evaluateCaptions(clip, pool, captions, concepts);
    expect(evaluated.plain).toBeCloseTo(await recall(updateOf([])), 10);
    expect(evaluated.concepts[0]).toBeCloseTo(await recall(updateOf([concepts[0]!])), 10);
    expect(evaluated.concepts[1]).toBeCloseTo(await recall(updateOf([concepts[1]!])), 10);
    expect(evaluated.mean).toBeCloseTo((evaluated.concepts[0]! + evaluated.concepts[1]!) / 2, 10);
    const texts = new Map<string, number>();
    for (const { text } of captions) texts.set(text, (texts.get(text) ?? 0) + 1);
    const several = [...texts.values()].filter((count) => count > 1);
    expect(several.length).toBeGreaterThan(5);
    expect(evaluated.shared).toEqual({
      texts: several.length,
      images: several.reduce((sum, count) => sum + count, 0),
    });
  });
});
