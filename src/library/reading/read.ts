import type { Table } from '@lancedb/lancedb';
import { cropsOf } from '../../clip/pixels/crops.ts';
import { cropToRgb } from '../../clip/pixels/preprocess.ts';
import { PassingError, PolarError } from '../../errors.ts';
import { normalizeRows, rowOf } from '../../matrix.ts';
import type { Clip } from '../../node/load-clip.ts';
import { type PhotoFileContent, withPhotoFile } from '../../node/pixels/photo-file.ts';
import { withDecodedImage } from '../../node/pixels/picture.ts';
import { photoDecoding, stackPixels } from '../../node/pixels/picture-batch.ts';
import { NOTHING_KNOWN } from '../capture.ts';
import { captureOf } from '../dates/capture-of.ts';
import { isVideoName } from '../kinds.ts';
import type { PhotoRow } from '../photo-store.ts';
import type { PhotoFile } from '../scan.ts';
import type { ReadPhoto } from './read-photo.ts';
import { readVideo } from './read-video.ts';
import { findTwins, ofContent } from './twins.ts';

/**
 * Reads photos and videos for the index, all at once as far as memory goes.
 *
 * @param embedded whether a content, by its hash, has an embedding already: such a photo is not decoded
 * @param how.stills how many pictures of a video
 * @param how.crops whether parts of each photo are read too
 */
export async function readPhotos(
  files: readonly PhotoFile[],
  embedded: (hash: string) => boolean,
  clip: Clip,
  {
    stills,
    crops = false,
  }: { readonly stills?: number | undefined; readonly crops?: boolean | undefined } = {},
): Promise<ReadPhoto[]> {
  return Promise.all(
    files.map(async (file): Promise<ReadPhoto> => {
      const empty = { ...file, ...NOTHING_KNOWN, ...NO_PICTURE };
      try {
        if (isVideoName(file.path)) {
          return await readVideo({ ...empty, reason: null }, embedded, clip, stills);
        }
        return await withPhotoFile(file.path, async (content): Promise<ReadPhoto> => {
          const { bytes: _, ...found } = content;
          const row: PhotoRow = { ...empty, ...found, reason: null };
          return embedded(content.hash) ? { state: 'known', row } : decode(row, content, clip, crops);
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

const NO_PICTURE = { hash: '', width: 0, height: 0, embedding: null, at: null, still: null } as const;

async function decode(
  row: PhotoRow,
  { bytes }: PhotoFileContent,
  clip: Clip,
  crops: boolean,
): Promise<ReadPhoto> {
  const picture = { name: row.path, bytes };
  try {
    const config = clip.preprocessorConfig;
    return await withDecodedImage(picture, photoDecoding(config), async (image) => {
      const whole = { ...row, ...(await captureOf(row.path, bytes)), ...image.original };
      const pixels = [cropToRgb(image, config)];
      if (crops) for (const crop of cropsOf(image)) pixels.push(cropToRgb(crop, config));
      const rows = crops ? pixels.map((_, still) => ({ ...whole, still })) : [whole];
      return { state: 'decoded', rows, pixels };
    });
  } catch (error) {
    if (error instanceof PassingError || !(error instanceof PolarError)) throw error;
    return { state: 'skipped', row: { ...row, reason: reasonOf(error, row.path) } };
  }
}

/** What is wrong, without the path, which stands beside it. */
export const reasonOf = (error: PolarError, path: string): string =>
  error.message.startsWith(`${path}: `) ? error.message.slice(path.length + 2) : error.message;

/** What became of a photo or video that was read, with its rows. */
export type EmbeddedPhoto =
  | { readonly state: 'added' | 'recognised' | 'skipped'; readonly rows: readonly PhotoRow[] }
  | { readonly state: 'unread'; readonly path: string; readonly error: PassingError };

/** Where embeddings come from. */
export interface EmbeddingSources {
  readonly clip: Clip;
  readonly table: Table;
  /** Rows by content that the table does not hold yet. */
  readonly recent: ReadonlyMap<string, readonly PhotoRow[]>;
  /** Photos that this run reads in all. */
  readonly expected: number;
}

/**
 * Photos that were read, with their embeddings. One whose content was embedded earlier, a moment ago, or twice among
 * these takes the embedding from there.
 */
export async function embedPhotos(
  photos: readonly ReadPhoto[],
  { clip, table, recent, expected }: EmbeddingSources,
): Promise<EmbeddedPhoto[]> {
  const fresh = new Map<string, ReadPhoto & { state: 'decoded' }>();
  const known: string[] = [];
  for (const photo of photos) {
    if (photo.state === 'unread' || photo.state === 'skipped') continue;
    const { hash } = photo.state === 'known' ? photo.row : photo.rows[0]!;
    if (recent.has(hash)) continue;
    if (photo.state === 'known') known.push(hash);
    else if (!fresh.has(hash)) fresh.set(hash, photo);
  }
  const twins = await findTwins(table, known);
  const computed = await embed(
    clip,
    [...fresh.values()].flatMap((photo) => photo.pixels),
    expected,
  );
  const embeddings = new Map<string, Float32Array[]>();
  for (const [hash, { rows }] of fresh) embeddings.set(hash, computed.splice(0, rows.length));
  return photos.map((photo): EmbeddedPhoto => {
    if (photo.state === 'unread') return photo;
    if (photo.state === 'skipped') return { state: 'skipped', rows: [photo.row] };
    if (photo.state === 'decoded') {
      const { hash } = photo.rows[0]!;
      const same = embeddings.get(hash) ?? recent.get(hash)!.map(({ embedding }) => embedding);
      return {
        state: fresh.get(hash) === photo ? 'added' : 'recognised',
        rows: photo.rows.slice(0, same.length).map((row, index) => ({ ...row, embedding: same[index]! })),
      };
    }
    const { row } = photo;
    const same = recent.get(row.hash)?.map(ofContent) ?? twins.get(row.hash);
    if (same === undefined) {
      const error = new PassingError(`${row.path}: its copy has gone meanwhile; index again`, 'EAGAIN');
      return { state: 'unread', path: row.path, error };
    }
    return { state: 'recognised', rows: same.map((twin) => ({ ...row, ...twin })) };
  });
}

/** Embeddings of any number of pictures, unit norm. */
async function embed(clip: Clip, pictures: readonly Uint8Array[], expected: number): Promise<Float32Array[]> {
  const embeddings: Float32Array[] = [];
  for (let start = 0; start < pictures.length; start += clip.pictureBatch()) {
    const batch = pictures.slice(start, start + clip.pictureBatch());
    const found = normalizeRows(await clip.encodePixels(stackPixels(batch), batch.length, { expected }));
    for (const index of batch.keys()) embeddings.push(rowOf(found, index));
  }
  return embeddings;
}
