import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Table } from '@lancedb/lancedb';
import { preprocess } from '../clip/pixels/preprocess.ts';
import { PolarError } from '../errors.ts';
import { normalizeRows, rowOf } from '../matrix.ts';
import type { Clip } from '../node/load-clip.ts';
import { decodeImage } from '../node/picture.ts';
import { stackPixels } from '../node/picture-batch.ts';
import { NOTHING_KNOWN, readCapture } from './capture.ts';
import { type PhotoRow, sqlText } from './photo-store.ts';
import type { PhotoFile } from './scan.ts';

/** A photo that was read: its row is complete but for the embedding where `pixels` are there. */
export interface ReadPhoto {
  readonly row: PhotoRow;
  /** Only where the tower has to run. */
  readonly pixels?: Float32Array;
}

/**
 * Large photos are shrunk by the decoder to this many times the model's input, which bench/index.ts shows to keep the
 * embedding's cosine above 0.999, and resampled exactly from there.
 */
export const SHRINK_FACTOR = 2;

/**
 * Reads photos for the index. One whose content has a row already takes its embedding from there; one that cannot be
 * read gets the reason; one that is gone meanwhile is left out.
 *
 * @param hashes contents that have a row
 */
export async function readPhotos(
  files: readonly PhotoFile[],
  table: Table,
  hashes: ReadonlySet<string>,
  clip: Clip,
): Promise<ReadPhoto[]> {
  const read = (await Promise.all(files.map(readBytes))).filter((file) => file !== undefined);
  const twins = await findTwins(
    table,
    read.map(({ row }) => row.hash).filter((hash) => hashes.has(hash)),
  );
  return Promise.all(
    read.map(async ({ row, bytes }) => {
      const twin = twins.get(row.hash);
      if (twin !== undefined) return { row: { ...row, ...twin } };
      return bytes === undefined ? { row } : decode(row, bytes, clip);
    }),
  );
}

// A file that is being written is read again, in case it was the end of it.
const READS = 3;

async function readBytes(file: PhotoFile): Promise<{ row: PhotoRow; bytes?: Uint8Array } | undefined> {
  const row = { ...file, ...NOTHING_KNOWN, hash: '', width: 0, height: 0, embedding: null, reason: null };
  try {
    for (let turn = 0; turn < READS; turn++) {
      const { bytes, size, mtime, isWhole } = await readWhole(file.path);
      if (!isWhole) continue;
      const hash = createHash('sha256').update(bytes).digest('hex');
      return { row: { ...row, size, mtime, hash }, bytes };
    }
    // With the size and time that the folder listed, which are not the file's any more: the next run reads it again.
    return { row: { ...row, reason: 'is being changed while it is read; index again when that is done' } };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    return { row: { ...row, reason: `cannot be read (${code}); check its permissions` } };
  }
}

/** The bytes of a file, and whether nobody changed it meanwhile. */
async function readWhole(
  path: string,
): Promise<{ bytes: Uint8Array; size: number; mtime: number; isWhole: boolean }> {
  const handle = await open(path);
  try {
    const before = await handle.stat();
    const bytes = await handle.readFile();
    const after = await handle.stat();
    const isWhole =
      before.mtimeMs === after.mtimeMs && before.size === after.size && after.size === bytes.length;
    return { bytes, size: after.size, mtime: Math.round(after.mtimeMs), isWhole };
  } finally {
    await handle.close();
  }
}

type Twin = Pick<PhotoRow, 'embedding' | 'width' | 'height' | 'taken' | 'latitude' | 'longitude'>;

/** What is known of photos with these contents, by hash. */
async function findTwins(table: Table, hashes: readonly string[]): Promise<Map<string, Twin>> {
  if (hashes.length === 0) return new Map();
  const rows = await table
    .query()
    .where(`hash IN (${hashes.map(sqlText).join(', ')}) AND reason IS NULL`)
    .select(['hash', 'embedding', 'width', 'height', 'taken', 'latitude', 'longitude'])
    .toArray();
  return new Map(
    rows.map(({ hash, embedding, width, height, taken, latitude, longitude }) => [
      hash as string,
      {
        embedding: Float32Array.from(embedding as Iterable<number>),
        width,
        height,
        taken,
        latitude,
        longitude,
      },
    ]),
  );
}

async function decode(row: PhotoRow, bytes: Uint8Array, clip: Clip): Promise<ReadPhoto> {
  try {
    const { resizeTo } = clip.preprocessorConfig;
    const image = await decodeImage(bytes, { orientation: 'honour', shrinkTo: SHRINK_FACTOR * resizeTo });
    const pixels = preprocess(image, clip.preprocessorConfig);
    return { row: { ...row, ...readCapture(bytes), ...image.original }, pixels };
  } catch (error) {
    if (!(error instanceof PolarError)) throw error;
    return { row: { ...row, reason: error.message.replace(/^picture: /, '') } };
  }
}

/**
 * Rows of photos that were read, embedded where need be. A photo whose content was embedded a moment ago, or twice
 * among these, takes the embedding from there.
 *
 * @param recent rows by content
 */
export async function embedPhotos(
  clip: Clip,
  photos: readonly ReadPhoto[],
  recent: ReadonlyMap<string, PhotoRow>,
): Promise<{ row: PhotoRow; isNew: boolean }[]> {
  const fresh = new Map<string, ReadPhoto>();
  for (const photo of photos) {
    const { hash } = photo.row;
    if (photo.pixels !== undefined && !recent.has(hash) && !fresh.has(hash)) fresh.set(hash, photo);
  }
  const computed = await embed(
    clip,
    [...fresh.values()].map((photo) => photo.pixels!),
  );
  const embeddings = new Map([...fresh.keys()].map((hash, index) => [hash, computed[index]!]));
  return photos.map((photo) => {
    const { row, pixels } = photo;
    if (pixels === undefined) return { row, isNew: false };
    const embedding = embeddings.get(row.hash) ?? recent.get(row.hash)!.embedding;
    return { row: { ...row, embedding }, isNew: fresh.get(row.hash) === photo };
  });
}

async function embed(clip: Clip, pictures: readonly Float32Array[]): Promise<Float32Array[]> {
  if (pictures.length === 0) return [];
  const embeddings = normalizeRows(await clip.encodePixels(stackPixels(pictures), pictures.length));
  return pictures.map((_, index) => rowOf(embeddings, index));
}
