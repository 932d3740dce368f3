import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { sep } from 'node:path';
import type { Table } from '@lancedb/lancedb';
import { decodeImage } from '../clip/image.ts';
import type { Clip } from '../clip/load-clip.ts';
import { preprocess } from '../clip/preprocess.ts';
import { PolarError } from '../errors.ts';
import { normalizeRows, rowOf } from '../matrix.ts';
import { NOTHING_KNOWN, readCapture } from './capture.ts';
import { ensureVectorIndex, type PhotoRow, type PhotoStore, sqlText, upsertPhotos } from './photo-table.ts';
import { type FolderScan, type PhotoFile, scanPhotos } from './scan.ts';
import { lockStore } from './writer-lock.ts';

export interface IndexOptions {
  /** Names of folders to pass over, with `*` and `?` as wildcards. */
  readonly skip?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called as photos are done; `total` counts those that must be read. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Told what takes long and why. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/** What an index run did. */
export interface IndexSummary {
  /** Photos in the folder. */
  readonly found: number;
  /** Embedded in this run. */
  readonly added: number;
  /** Nothing to do: same size and time as before. */
  readonly unchanged: number;
  /** Known by content: moved, renamed, touched or copied. */
  readonly recognised: number;
  /** Rows of files that are gone. */
  readonly removed: number;
  /** Skipped in this run. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Photos below the folder that cannot be read, of this run and earlier ones. */
  readonly failed: number;
}

const BATCH = 16;
// A commit of the table costs about as much as some photos; a killed run loses at most this many.
const COMMIT_EVERY = 128;
// Large photos are shrunk by the decoder to this many times the model's input, which bench/index.ts shows to keep the
// embedding's cosine above 0.999, and resampled exactly from there.
const SHRINK_FACTOR = 2;

/**
 * Brings the index up to date with a folder: only new and changed files are read, files that are gone lose their
 * row, and a photo that cannot be read gets a row with the reason. What is done is kept when the run is stopped.
 */
export async function indexPhotos(
  store: PhotoStore,
  clip: Clip,
  folder: string,
  options: IndexOptions = {},
): Promise<IndexSummary> {
  const scan = await scanPhotos(folder, options.skip);
  if (scan.photos.length === 0) {
    throw new PolarError(
      `${folder}: no photos found; expected JPEG, PNG, WebP, AVIF, TIFF, GIF or HEIC files`,
    );
  }
  const unlock = await lockStore(store);
  try {
    const table = await store.open(clip);
    return await update(table, clip, scan, options);
  } finally {
    await unlock();
  }
}

interface KnownPhoto {
  readonly path: string;
  readonly hash: string;
  readonly size: number;
  readonly mtime: number;
}

async function update(
  table: Table,
  clip: Clip,
  { root, photos: files, unreadable }: FolderScan,
  options: IndexOptions,
): Promise<IndexSummary> {
  const known = new Map<string, KnownPhoto>();
  for await (const batch of await table.query().select(['path', 'hash', 'size', 'mtime'])) {
    for (const row of batch) {
      const { path, hash, size, mtime } = row.toJSON() as KnownPhoto;
      known.set(path, { path, hash, size, mtime });
    }
  }
  const present = new Set(files.map((file) => file.path));
  // A folder that cannot be read just now keeps its rows.
  const isBelow = (path: string, folder: string) => path.startsWith(folder + sep);
  const gone = [...known.keys()].filter(
    (path) =>
      isBelow(path, root) && !present.has(path) && !unreadable.some((folder) => isBelow(path, folder)),
  );
  const changed = files.filter((file) => {
    const row = known.get(file.path);
    return row === undefined || row.size !== file.size || row.mtime !== file.mtime;
  });
  const hashes = new Set([...known.values()].map((row) => row.hash));
  const skipped: { path: string; reason: string }[] = [];
  let added = 0;
  let recognised = 0;
  let done = 0;
  let pending: PhotoRow[] = [];
  const commit = async (): Promise<void> => {
    await upsertPhotos(table, clip, pending);
    pending = [];
  };
  options.onProgress?.(0, changed.length);
  try {
    let next = readBatch(changed.slice(0, BATCH), table, hashes, clip);
    for (let start = 0; start < changed.length; start += BATCH) {
      options.signal?.throwIfAborted();
      const batch = await next;
      // The next photos are decoded while the tower works on these.
      next = readBatch(changed.slice(start + BATCH, start + 2 * BATCH), table, hashes, clip);
      next.catch(() => {}); // awaited in the next turn, unless this one is stopped
      const fresh = batch.filter((item) => item.pixels !== undefined);
      const embeddings = await embed(clip, fresh);
      for (const item of batch) {
        const index = fresh.indexOf(item);
        const row = index < 0 ? item.row : { ...item.row, embedding: embeddings[index]! };
        if (row.reason !== null) skipped.push({ path: row.path, reason: row.reason });
        else if (index < 0) recognised++;
        else added++;
        hashes.add(row.hash);
        pending.push(row);
      }
      done += batch.length;
      if (pending.length >= COMMIT_EVERY) await commit();
      options.onProgress?.(done, changed.length);
    }
  } finally {
    await commit();
  }
  for (let start = 0; start < gone.length; start += 500) {
    const paths = gone.slice(start, start + 500).map(sqlText);
    await table.delete(`path IN (${paths.join(', ')})`);
  }
  if (changed.length > 0 || gone.length > 0) await table.optimize();
  await ensureVectorIndex(table, clip.dimension, options.onNote);
  return {
    found: files.length,
    added,
    unchanged: files.length - changed.length,
    recognised,
    removed: gone.length,
    skipped,
    failed: await table.countRows(`reason IS NOT NULL AND starts_with(path, ${sqlText(root + sep)})`),
  };
}

interface ReadPhoto {
  readonly row: PhotoRow;
  /** Only where the tower has to run. */
  readonly pixels?: Float32Array;
}

async function readBatch(
  files: readonly PhotoFile[],
  table: Table,
  hashes: ReadonlySet<string>,
  clip: Clip,
): Promise<ReadPhoto[]> {
  return Promise.all(files.map((file) => readPhoto(file, table, hashes, clip)));
}

async function readPhoto(
  file: PhotoFile,
  table: Table,
  hashes: ReadonlySet<string>,
  clip: Clip,
): Promise<ReadPhoto> {
  const row = { ...file, ...NOTHING_KNOWN, hash: '', width: 0, height: 0, embedding: null, reason: null };
  try {
    const bytes = await readFile(file.path).catch((error: NodeJS.ErrnoException) => {
      throw new PolarError(`${file.path}: cannot be read (${error.code}); check its permissions`);
    });
    row.hash = createHash('sha256').update(bytes).digest('hex');
    if (hashes.has(row.hash)) {
      const same = table
        .query()
        .where(`hash = ${sqlText(row.hash)} AND reason IS NULL`)
        .limit(1);
      const [twin] = await same.toArray();
      if (twin !== undefined) {
        const embedding = Float32Array.from(twin.embedding as Iterable<number>);
        const { width, height, taken, latitude, longitude } = twin;
        return { row: { ...row, width, height, taken, latitude, longitude, embedding } };
      }
    }
    const { resizeTo } = clip.preprocessorConfig;
    const image = await decodeImage(bytes, { orientation: 'honour', shrinkTo: SHRINK_FACTOR * resizeTo });
    const pixels = preprocess(image, clip.preprocessorConfig);
    return { row: { ...row, ...readCapture(bytes), ...image.original }, pixels };
  } catch (error) {
    if (!(error instanceof PolarError)) throw error;
    const reason = error.message.replace(/^picture: /, '').replace(`${file.path}: `, '');
    return { row: { ...row, reason } };
  }
}

/** Embeds photos, an equal share of them on each core. */
async function embed(clip: Clip, photos: readonly ReadPhoto[]): Promise<Float32Array[]> {
  const share = Math.max(1, Math.ceil(photos.length / availableParallelism()));
  const shares: (readonly ReadPhoto[])[] = [];
  for (let start = 0; start < photos.length; start += share) shares.push(photos.slice(start, start + share));
  const embedded = await Promise.all(shares.map((part) => embedShare(clip, part)));
  return embedded.flat();
}

async function embedShare(clip: Clip, photos: readonly ReadPhoto[]): Promise<Float32Array[]> {
  const size = photos[0]!.pixels!.length;
  const pixels = new Float32Array(photos.length * size);
  for (const [index, photo] of photos.entries()) pixels.set(photo.pixels!, index * size);
  const embeddings = normalizeRows(await clip.encodePixels(pixels, photos.length, { oneThread: true }));
  return photos.map((_, index) => rowOf(embeddings, index));
}
