import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { FrozenClip } from '../../clip/index.ts';
import { PolarError } from '../../errors.ts';
import { BenchmarkDataError } from './benchmark.ts';
import { groupBy } from './groups.ts';

/** A caption and the position of its image in a pool. */
export interface ImageCaption {
  readonly text: string;
  readonly image: number;
}

interface NamedCaption {
  readonly name: string;
  readonly text: string;
}

const IMAGE_KEYS = ['image', 'image_name', 'image_path', 'file_name', 'filename', 'file', 'path'];
const CAPTION_KEYS = ['caption', 'captions', 'text', 'texts'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads captions of images from JSON: `{"image": "caption"}`, `{"image": ["caption", ...]}`, a list of records with
 * an image and its caption or captions (by itself, as the one list of an object, or one record a line), or COCO's
 * `{images, annotations}`.
 *
 * @throws PolarError when the file is something else
 */
export async function readCaptionFile(file: string): Promise<NamedCaption[]> {
  const refuse = (what: string) =>
    new PolarError(
      `${file}: ${what}; expected JSON with a caption for each image, such as {"images/a.jpg": "A dog."}`,
      'unreadable',
    );
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refuse(`cannot be read (${error.code})`);
  });
  const json = parseJson(text.replace(/^\uFEFF/, ''));
  if (json === undefined) throw refuse('not JSON');
  const captions = collect(captionPairs(json));
  if (captions === undefined) throw refuse('an entry has no image or no caption');
  if (captions.length === 0) throw refuse('no captions');
  return captions;
}

/** One JSON value, or a list of those that stand one a line; undefined for anything else. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    try {
      return lines.length > 1 ? lines.map((line): unknown => JSON.parse(line)) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** One entry: expected to be an image name with its caption or list of captions. */
function captionPairs(json: unknown): (readonly [name: unknown, captions: unknown])[] {
  const ofRecord = (record: unknown) => [field(record, IMAGE_KEYS), field(record, CAPTION_KEYS)] as const;
  if (Array.isArray(json)) return json.map(ofRecord);
  if (!isRecord(json)) return [[undefined, undefined]];
  const { images, annotations } = json;
  if (isRecordList(images) && isRecordList(annotations)) {
    const names = new Map(images.map((image) => [image.id, field(image, IMAGE_KEYS)]));
    return annotations.map((record) => [names.get(record.image_id), field(record, CAPTION_KEYS)]);
  }
  const lists = Object.values(json).filter(isRecordList);
  return lists.length === 1 ? lists[0]!.map(ofRecord) : Object.entries(json);
}

function collect(pairs: (readonly [unknown, unknown])[]): NamedCaption[] | undefined {
  const captions: NamedCaption[] = [];
  for (const [name, texts] of pairs) {
    for (const text of Array.isArray(texts) ? texts : [texts]) {
      if (typeof name !== 'string' || typeof text !== 'string') return undefined;
      captions.push({ name, text });
    }
  }
  return captions;
}

function field(record: unknown, keys: readonly string[]): unknown {
  return isRecord(record) ? keys.map((key) => record[key]).find((value) => value !== undefined) : undefined;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRecordList(value: unknown): value is readonly Fields[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRecord);
}

/**
 * Reads the captions of a pool's images, ready to be evaluated.
 *
 * @throws BenchmarkDataError with every image that has none, and every caption that the model cannot take whole
 */
export async function readPoolCaptions(
  clip: FrozenClip,
  file: string,
  pool: readonly string[],
): Promise<ImageCaption[]> {
  const named = await readCaptionFile(file);
  const names = new Set(pool.flatMap((name) => [name, basename(name)]));
  const tooLong = named
    .filter(({ name }) => names.has(name))
    .flatMap(({ name, text }) => {
      try {
        clip.tokenize([text]);
        return [];
      } catch (error) {
        return [`caption of ${name}: ${error instanceof Error ? error.message : String(error)}`];
      }
    });
  return captionsOfPool(named, pool, file, tooLong);
}

/**
 * The captions of a pool's images, in the order of the pool; captions of other images are left out. An image goes
 * by its path, or by its file name alone where no two images of the pool share one.
 *
 * @param problems what is wrong with the captions besides
 * @throws BenchmarkDataError with `problems` and every image that has none
 */
export function captionsOfPool(
  captions: readonly NamedCaption[],
  pool: readonly string[],
  file: string,
  problems: readonly string[] = [],
): ImageCaption[] {
  const byName = groupBy(captions, ({ name }) => name);
  const distinct = new Set(pool);
  const isUnique = new Set([...distinct].map((name) => basename(name))).size === distinct.size;
  const find = (name: string) =>
    byName.get(name) ?? (isUnique ? byName.get(basename(name)) : undefined) ?? [];
  const missing = [...distinct].filter((name) => find(name).length === 0);
  if (missing.length + problems.length > 0) {
    throw new BenchmarkDataError(
      file,
      [...problems, ...missing.map((name) => `no caption for ${name}`)],
      'mend them, or use another --captions file',
    );
  }
  return pool.flatMap((name, image) => find(name).map((index) => ({ text: captions[index]!.text, image })));
}
