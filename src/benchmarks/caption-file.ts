import { readFile } from 'node:fs/promises';
import { PolarError } from '../errors.ts';
import { BenchmarkDataError } from './benchmark.ts';

/** A caption and the position of its image in a pool. */
export interface ImageCaption {
  readonly text: string;
  readonly image: number;
}

interface NamedCaption {
  readonly name: string;
  readonly text: string;
}

const IMAGE_KEYS = ['image', 'image_name', 'file_name', 'file', 'path'];

/**
 * Reads captions of images from JSON: `{"image": "caption"}` or `{"image": ["caption", ...]}`, a list of records
 * with an image and a caption, or COCO's `{images, annotations}`.
 *
 * @throws PolarError when the file is something else
 */
export async function readCaptionFile(file: string): Promise<NamedCaption[]> {
  const refuse = (what: string) =>
    new PolarError(
      `${file}: ${what}; expected JSON with a caption for each image, such as {"images/a.jpg": "A dog."}`,
    );
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw refuse(`cannot be read (${error.code})`);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse('not JSON');
  }
  const captions = parseCaptions(json);
  if (captions === undefined) throw refuse('an entry has no image or no caption');
  if (captions.length === 0) throw refuse('no captions');
  return captions;
}

function parseCaptions(json: unknown): NamedCaption[] | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  if (Array.isArray(json)) {
    return collect(json.map((record: Record<string, unknown> | null) => [imageOf(record), record?.caption]));
  }
  const { images, annotations } = json as { images?: unknown; annotations?: unknown };
  if (Array.isArray(images) && Array.isArray(annotations)) {
    const names = new Map(images.map((image: { id?: unknown } | null) => [image?.id, imageOf(image)]));
    return collect(
      annotations.map((record: { image_id?: unknown; caption?: unknown } | null) => [
        names.get(record?.image_id),
        record?.caption,
      ]),
    );
  }
  return collect(
    Object.entries(json).flatMap(([name, value]: [string, unknown]) =>
      (Array.isArray(value) ? value : [value]).map((caption: unknown): [unknown, unknown] => [name, caption]),
    ),
  );
}

function imageOf(record: unknown): unknown {
  const fields = (record ?? {}) as Record<string, unknown>;
  return IMAGE_KEYS.map((key) => fields[key]).find((value) => value !== undefined);
}

function collect(pairs: (readonly [unknown, unknown])[]): NamedCaption[] | undefined {
  const captions: NamedCaption[] = [];
  for (const [name, text] of pairs) {
    if (typeof name !== 'string' || typeof text !== 'string') return undefined;
    captions.push({ name, text });
  }
  return captions;
}

/**
 * The captions of a pool's images, in the order of the pool; captions of other images are left out.
 *
 * @throws BenchmarkDataError with every image that has none
 */
export function captionsOfPool(
  captions: readonly NamedCaption[],
  pool: readonly string[],
  file: string,
): ImageCaption[] {
  const byName = new Map<string, string[]>();
  for (const { name, text } of captions) byName.set(name, [...(byName.get(name) ?? []), text]);
  const missing = pool.filter((name) => !byName.has(name));
  if (missing.length > 0) {
    throw new BenchmarkDataError(
      file,
      missing.map((name) => `no caption for ${name}`),
      'add them, or use another --captions file',
    );
  }
  return pool.flatMap((name, image) => byName.get(name)!.map((text) => ({ text, image })));
}
