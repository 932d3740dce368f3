import type { Table } from '@lancedb/lancedb';
import { cropToRgb } from '../clip/pixels/preprocess.ts';
import { PassingError, PolarError } from '../errors.ts';
import { normalizeRows, rowOf } from '../matrix.ts';
import type { Clip } from '../node/load-clip.ts';
import { type PhotoFileContent, withPhotoFile } from '../node/pixels/photo-file.ts';
import { withDecodedImage } from '../node/pixels/picture.ts';
import { photoDecoding, stackPixels } from '../node/pixels/picture-batch.ts';
import { NOTHING_KNOWN } from './capture.ts';
import { captureOf } from './dates/capture-of.ts';
import { findTwins } from './known-embeddings.ts';
import type { PhotoRow } from './photo-store.ts';
import type { PhotoFile } from './scan.ts';

/** A photo that was read, or could not be read this time. */
export type ReadPhoto =
  /** Complete but for the embedding. */
  | { readonly state: 'decoded'; readonly row: PhotoRow; readonly pixels: Uint8Array }
  /** Of a content that has an embedding already. */
  | { readonly state: 'known'; readonly row: PhotoRow }
  /** No picture that can be indexed; `row.reason` says why. */
  | { readonly state: 'skipped'; readonly row: PhotoRow }
  /** Nothing is known of it: a passing failure, which leaves no row and changes none. */
  | { readonly state: 'unread'; readonly path: string; readonly error: PassingError };

/**
 * Reads photos for the index, all at once as far as memory goes.
 *
 * @param embedded whether a content, by its hash, has an embedding already: such a photo is not decoded
 */
export async function readPhotos(
  files: readonly PhotoFile[],
  embedded: (hash: string) => boolean,
  clip: Clip,
): Promise<ReadPhoto[]> {
  return Promise.all(
    files.map(async (file): Promise<ReadPhoto> => {
      const empty = { ...file, ...NOTHING_KNOWN, hash: '', width: 0, height: 0, embedding: null };
      try {
        return await withPhotoFile(file.path, async (content): Promise<ReadPhoto> => {
          const { bytes: _, ...found } = content;
          const row: PhotoRow = { ...empty, ...found, reason: null };
          return embedded(content.hash) ? { state: 'known', row } : decode(row, content, clip);
        });
      } catch (error) {
        if (error instanceof PassingError) return { state: 'unread', path: file.path, error };
        if (error instanceof PolarError) {
          return { state: 'skipped', row: { ...empty, reason: reasonOf(error, file.path) } };
        }
        throw error;
      }
    }),
  );
}

async function decode(row: PhotoRow, { bytes }: PhotoFileContent, clip: Clip): Promise<ReadPhoto> {
  const picture = { name: row.path, bytes };
  try {
    return await withDecodedImage(picture, photoDecoding(clip.preprocessorConfig), async (image) => ({
      state: 'decoded',
      row: { ...row, ...(await captureOf(row.path, bytes)), ...image.original },
      pixels: cropToRgb(image, clip.preprocessorConfig),
    }));
  } catch (error) {
    if (error instanceof PassingError || !(error instanceof PolarError)) throw error;
    return { state: 'skipped', row: { ...row, reason: reasonOf(error, row.path) } };
  }
}

/** What is wrong, without the path, which stands beside it. */
export const reasonOf = (error: PolarError, path: string): string =>
  error.message.startsWith(`${path}: `) ? error.message.slice(path.length + 2) : error.message;

/** What became of a photo that was read. */
export type EmbeddedPhoto =
  | { readonly state: 'added' | 'recognised' | 'skipped'; readonly row: PhotoRow }
  | { readonly state: 'unread'; readonly path: string; readonly error: PassingError };

/**
 * Photos that were read, with their embeddings. One whose content was embedded earlier, a moment ago, or twice among
 * these takes the embedding from there.
 *
 * @param recent rows by content that the table does not hold yet
 * @param expected photos that this run reads, these among them
 */
export async function embedPhotos(
  clip: Clip,
  table: Table,
  photos: readonly ReadPhoto[],
  recent: ReadonlyMap<string, PhotoRow>,
  expected: number,
): Promise<EmbeddedPhoto[]> {
  const fresh = new Map<string, ReadPhoto & { state: 'decoded' }>();
  const known: string[] = [];
  for (const photo of photos) {
    if (photo.state === 'unread' || photo.state === 'skipped' || recent.has(photo.row.hash)) continue;
    if (photo.state === 'known') known.push(photo.row.hash);
    else if (!fresh.has(photo.row.hash)) fresh.set(photo.row.hash, photo);
  }
  const twins = await findTwins(table, known);
  const computed = await embed(
    clip,
    [...fresh.values()].map((photo) => photo.pixels),
    expected,
  );
  const embeddings = new Map([...fresh.keys()].map((hash, index) => [hash, computed[index]!]));
  return photos.map((photo): EmbeddedPhoto => {
    if (photo.state === 'unread') return photo;
    const { row } = photo;
    if (photo.state === 'skipped') return { state: 'skipped', row };
    if (photo.state === 'decoded') {
      const embedding = embeddings.get(row.hash) ?? recent.get(row.hash)!.embedding;
      return {
        state: fresh.get(row.hash) === photo ? 'added' : 'recognised',
        row: { ...row, embedding },
      };
    }
    const twin = recent.get(row.hash) ?? twins.get(row.hash);
    if (twin === undefined) {
      const error = new PassingError(`${row.path}: its copy has gone meanwhile; index again`, 'EAGAIN');
      return { state: 'unread', path: row.path, error };
    }
    const { embedding, width, height, taken, latitude, longitude } = twin;
    return { state: 'recognised', row: { ...row, embedding, width, height, taken, latitude, longitude } };
  });
}

async function embed(clip: Clip, pictures: readonly Uint8Array[], expected: number): Promise<Float32Array[]> {
  if (pictures.length === 0) return [];
  const pixels = stackPixels(pictures);
  const embeddings = normalizeRows(await clip.encodePixels(pixels, pictures.length, { expected }));
  return pictures.map((_, index) => rowOf(embeddings, index));
}
