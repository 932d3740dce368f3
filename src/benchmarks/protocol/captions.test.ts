import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TINY_CLIP } from '../../../test/data.ts';
import { matrixOf, normalizeRows } from '../../matrix.ts';
import { type Clip, loadClip } from '../../node/load-clip.ts';
import { BenchmarkDataError } from '../data/benchmark.ts';
import { captionsOfPool, readCaptionFile, readPoolCaptions } from '../data/caption-file.ts';
import { temporaryFolder } from '../data/data-sets.fixture.ts';
import { expectRecallByDefinition } from './captions.fixture.ts';
import { evaluateCaptions } from './captions.ts';

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
])('a file of captions is refused: %j', async (json, message) => {
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

describe('caption recall', () => {
  let clip: Clip;
  beforeAll(async () => {
    clip = await loadClip(TINY_CLIP, { threads: 1 });
  });
  afterAll(() => clip.close());

  it('caption recall refuses captions that the model cannot take whole before any work, together with missing ones', async () => {
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

  it('caption recall is what encoding every caption again for each concept gives', async () => {
    const places = ['on a table', 'in the snow', 'beside a window', 'in a garden'];
    const things = ['A red car', 'A sleeping cat', 'Two dogs', 'A vase with flowers', 'A can of juice'];
    const captions = things.flatMap((thing) => places.map((place) => `${thing} ${place}.`));
    // As in real captions, some are the same words.
    await expectRecallByDefinition(clip, [...captions, ...captions.slice(0, 8), ...captions.slice(4, 9)]);
  });

  it('caption recall takes time in proportion to the captions, where very many are one text', async () => {
    const images = 20;
    const data = Float32Array.from({ length: images * clip.dimension }, (_, i) => Math.sin(1 + 1.37 * i));
    const pool = normalizeRows(matrixOf(data, clip.dimension));
    const captions = Array.from({ length: 200_000 }, (_, i) => ({ text: 'A dog.', image: i % images }));
    const { plain, shared } = await evaluateCaptions(clip, { pool, captions, checkpoints: [] });
    expect(plain).toBe(10 / images); // the ten images that come first, for each of them
    expect(shared).toEqual({ texts: 1, images });
  });
});
