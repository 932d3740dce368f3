import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PREPROCESSING_VERSION } from '../../clip/pixels/preprocess.ts';
import { normalizeRows } from '../../matrix.ts';
import { makeFolder, writeBeside } from '../../node/files.ts';
import type { Clip } from '../../node/load-clip.ts';
import { loadPixels, pixelsOf, stackPixels } from '../../node/pixels/picture-batch.ts';
import { type FeatureOrigin, originFile, readOrigin } from './features.ts';
import { npyHeader } from './npy.ts';

/** Which images, where their features go, and how the work is followed and stopped. */
export interface ExtractOptions {
  /** Folder of the images. */
  readonly root: string;
  /** Paths of the images below `root`, one a row of the result. */
  readonly names: readonly string[];
  /** The `.npy` file to write. */
  readonly file: string;
  /** Images that go through the tower together. */
  readonly batchSize: number;
  /** Called after each batch. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Result of extracting one set of features. */
export type Extracted = 'extracted' | 'unchanged' | 'foreign';

/**
 * Writes the unit-length features of images, one a row, as `.npy`. Images stream through in batches, so that
 * memory does not grow with their number; finished rows lie in a partial file beside it, and the next run resumes
 * from there, however this one ended. A file that another program made is left as it is.
 *
 * @throws PolarError for the first image that cannot be read
 */
export async function extractFeatures(clip: Clip, options: ExtractOptions): Promise<Extracted> {
  const { root, names, file } = options;
  const images = names.map((name) => join(root, name));
  const exists = (await stat(file).catch(() => undefined)) !== undefined;
  const existing = await readOrigin(file);
  if (exists && existing === undefined) return 'foreign';
  const origin: FeatureOrigin = {
    model: clip.id,
    revision: clip.revision,
    preprocessing: PREPROCESSING_VERSION,
    ...(clip.precision === 'half' ? { precision: 'half' as const } : {}),
    images: await fingerprint(names, images).catch((error: unknown) => {
      if (exists && existing !== undefined) return existing.images; // images may go once they are extracted
      throw error;
    }),
  };
  const key = JSON.stringify(origin);
  if (exists && JSON.stringify(existing) === key) return 'unchanged';
  await makeFolder(dirname(file));
  const partial = `${file}.partial`;
  const partialKey = `${partial}.json`;
  const started = await readFile(partialKey, 'utf8').catch(() => '');
  if (started !== key) {
    await rm(partial, { force: true });
    await writeBeside(partialKey, key);
  }
  const handle = await open(partial, 'a+');
  try {
    await writeRows(handle, clip, images, options);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rm(file, { force: true }); // never an old file beside the new origin
  await writeBeside(originFile(file), key);
  await rename(partial, file);
  await rm(partialKey, { force: true });
  return 'extracted';
}

/** Appends the rows that are not there yet. */
async function writeRows(
  handle: FileHandle,
  clip: Clip,
  images: readonly string[],
  { batchSize, onProgress, signal }: ExtractOptions,
): Promise<void> {
  const header = npyHeader([images.length, clip.dimension]);
  const rowBytes = 4 * clip.dimension;
  const { size } = await handle.stat();
  let done = Math.max(0, Math.floor((size - header.length) / rowBytes));
  // A row that a kill cut short is dropped.
  await handle.truncate(size < header.length ? 0 : header.length + done * rowBytes);
  if (size < header.length) await handle.appendFile(header);
  const load = (start: number) => loadPixels(images.slice(start, start + batchSize), clip.preprocessorConfig);
  onProgress?.(done, images.length);
  let next = load(done);
  while (done < images.length) {
    signal?.throwIfAborted();
    const batch = await next;
    next = load(done + batch.length); // decoded while the tower works
    next.catch(() => {}); // awaited in the next turn, unless this one ends
    const pixels = stackPixels(batch.map(pixelsOf));
    const { data } = normalizeRows(
      await clip.encodePixels(pixels, batch.length, { expected: images.length }),
    );
    await handle.appendFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    done += batch.length;
    onProgress?.(done, images.length);
  }
}

async function fingerprint(names: readonly string[], images: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const [index, image] of images.entries()) {
    const { size } = await stat(image);
    hash.update(`${names[index]}\0${size}\n`);
  }
  return hash.digest('hex');
}
