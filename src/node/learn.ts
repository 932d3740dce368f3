import type { Examples } from '../app/teach.ts';
import type { Box } from '../clip/pixels/picture.ts';
import { PolarError } from '../errors.ts';
import { type Matrix, normalizeRows, rowOf, stackRows } from '../matrix.ts';
import { type LearnOptions, type Learnt, learnFromFeatures, type PhotoFeatures } from '../polar/learn.ts';
import { gather } from '../polar/query/gather.ts';
import type { Clip } from './load-clip.ts';
import { withPictureFile } from './pixels/photo-file.ts';

/** A photo to learn from: a path, or a part of the picture there. */
export type TrainingPhoto = string | { readonly path: string; readonly box: Box };

/** How a concept is learnt from photos. */
export interface LearnConceptOptions extends LearnOptions {
  /** Photos of things that look like it and are not it, to tell them apart. */
  readonly not?: readonly TrainingPhoto[] | undefined;
  /** Told of a photo that cannot be read, and why; the others are learnt from. Without it the first one ends the lesson. */
  readonly onSkipped?: ((path: string, reason: string) => void) | undefined;
}

/**
 * Learns a concept from photos, in about a second.
 *
 * @param photos two at least (one, when adding to a concept), about five are right, more are fine
 * @throws PolarError when there are too few, or one cannot be read
 *
 * @example
 * ```ts
 * import { learn, loadClip } from 'polar-vl';
 *
 * const clip = await loadClip('ViT-B/32');
 * const { concept, losses } = await learn(clip, 'Rex', ['rex1.jpg', 'rex2.jpg', 'rex3.jpg'], {
 *   className: 'dog',
 *   onIteration: (iteration, [loss]) => {
 *     if (iteration % 100 === 0) console.error(iteration, loss);
 *   },
 * });
 * console.log(concept.identifier, losses.length); //=> sks dog 500
 * await clip.close();
 * ```
 */
export async function learn(
  clip: Clip,
  name: string,
  photos: readonly TrainingPhoto[],
  { not = [], onSkipped, ...options }: LearnConceptOptions = {},
): Promise<Learnt> {
  const examples = fileExamples(clip, photos, { not, onSkipped, signal: options.signal });
  return learnFromFeatures(clip, name, examples, options);
}

/** How photos to learn from are read. */
export interface ExampleOptions extends Pick<LearnConceptOptions, 'not' | 'signal' | 'onSkipped'> {
  /**
   * Looks up embeddings `[P]`, unit norm, that exist already, by the hash of a photo's file; such a photo is not
   * decoded. Without it, all are.
   */
  readonly known?: ((hashes: readonly string[]) => Promise<ReadonlyMap<string, Float32Array>>) | undefined;
  /** Reads a photo and works with its bytes and their SHA-256. @default files of this machine */
  readonly open?: OpenPhoto | undefined;
}

type OpenPhoto = <T>(
  path: string,
  use: (content: { readonly bytes: Uint8Array; readonly hash: string }) => Promise<T>,
) => Promise<T>;

/**
 * Photos to learn from as files. Each is read once: the bytes that are hashed are those that are embedded.
 *
 * @param options.not photos of things that look like it and are not it
 */
export function fileExamples(
  clip: Clip,
  photos: readonly TrainingPhoto[],
  { not = [], ...options }: ExampleOptions = {},
): Examples {
  let kept = photos;
  return {
    count: photos.length,
    async read() {
      const own = await readPhotos(clip, photos, options);
      kept = own.kept;
      const lookAlikes = (await readPhotos(clip, not, options)).features;
      return { features: own.features, hashes: own.hashes, lookAlikes };
    },
    nameOf: (index) => pathOf(kept[index]!),
  };
}

const pathOf = (photo: TrainingPhoto): string => (typeof photo === 'string' ? photo : photo.path);

// Pictures that are decoded together, and go through the tower together.
const BATCH = 16;

/** A photo as it was read: its embedding, where that is known, or its pixels. */
type ReadPhoto =
  | { readonly photo: TrainingPhoto; readonly hash: string; readonly embedding: Float32Array }
  | { readonly photo: TrainingPhoto; readonly hash: string; readonly pixels: Uint8Array }
  | { readonly photo: TrainingPhoto; readonly error: PolarError };

async function readPhotos(
  clip: Clip,
  photos: readonly TrainingPhoto[],
  { signal, onSkipped, known = async () => new Map(), open = withPictureFile }: ExampleOptions,
): Promise<PhotoFeatures & { readonly kept: readonly TrainingPhoto[] }> {
  const rows: Float32Array[] = [];
  const hashes: string[] = [];
  const kept: TrainingPhoto[] = [];
  // Photos that are read at the same time ask together.
  const lookUp = gather(BATCH, async (asked: readonly string[]) => {
    const found = await known(asked);
    return asked.map((hash) => found.get(hash));
  });
  for (let start = 0; start < photos.length; start += BATCH) {
    signal?.throwIfAborted();
    const batch = photos.slice(start, start + BATCH);
    const read = await Promise.all(batch.map((photo) => readPhoto(clip, photo, open, lookUp)));
    signal?.throwIfAborted();
    const fresh = read.filter((one) => 'pixels' in one);
    const encoded = fresh.length === 0 ? undefined : await encode(clip, fresh, photos.length);
    for (const one of read) {
      if ('error' in one) {
        skip(one.photo, one.error, onSkipped);
        continue;
      }
      rows.push('embedding' in one ? one.embedding : rowOf(encoded!, fresh.indexOf(one)));
      hashes.push(one.hash);
      kept.push(one.photo);
    }
  }
  return { features: stackRows(rows, clip.dimension), hashes, kept };
}

// Decoders are loaded for the first photo that is decoded.
const loadDecoding = () => import('./pixels/picture-batch.ts');

async function encode(
  clip: Clip,
  photos: readonly { readonly pixels: Uint8Array }[],
  expected: number,
): Promise<Matrix> {
  const { stackPixels } = await loadDecoding();
  const pixels = stackPixels(photos.map((photo) => photo.pixels));
  return normalizeRows(await clip.encodePixels(pixels, photos.length, { expected }));
}

async function readPhoto(
  clip: Clip,
  photo: TrainingPhoto,
  open: OpenPhoto,
  lookUp: (hash: string) => Promise<Float32Array | undefined>,
): Promise<ReadPhoto> {
  const path = pathOf(photo);
  const box = typeof photo === 'string' ? undefined : photo.box;
  try {
    return await open(path, async ({ bytes, hash }) => {
      const embedding = box === undefined ? await lookUp(hash) : undefined;
      if (embedding !== undefined) return { photo, hash, embedding };
      const { preprocessorConfig } = clip;
      const { loadPixels, photoDecoding, pixelsOf } = await loadDecoding();
      const options = { ...photoDecoding(preprocessorConfig), box };
      const [loaded] = await loadPixels([{ name: path, bytes }], preprocessorConfig, options);
      return { photo, hash, pixels: pixelsOf(loaded!) };
    });
  } catch (error) {
    if (error instanceof PolarError) return { photo, error };
    throw error;
  }
}

/** A wrong part of a picture is a slip of the pen; a photo that is broken is left out, as an index leaves it out. */
function skip(photo: TrainingPhoto, error: PolarError, onSkipped: LearnConceptOptions['onSkipped']): void {
  if (error.code === 'invalid-input' || onSkipped === undefined) throw error;
  const path = pathOf(photo);
  onSkipped(path, error.message.replace(`${path}: `, ''));
}
