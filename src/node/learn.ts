import type { Examples } from '../app/teach.ts';
import type { Box } from '../clip/pixels/picture.ts';
import { matrixOf, normalizeRows } from '../matrix.ts';
import { type LearnOptions, type Learnt, learnFromFeatures, type PhotoFeatures } from '../polar/learn.ts';
import type { Clip } from './load-clip.ts';
import { withPictureFile } from './pixels/photo-file.ts';

/** A photo to learn from: a path, or a part of the picture there. */
export type TrainingPhoto = string | { readonly path: string; readonly box: Box };

/** How a concept is learnt from photos. */
export interface LearnConceptOptions extends LearnOptions {
  /** Photos of things that look like it and are not it, to tell them apart. */
  readonly not?: readonly TrainingPhoto[] | undefined;
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
  { not = [], ...options }: LearnConceptOptions = {},
): Promise<Learnt> {
  const { count, read } = fileExamples(clip, photos, { not, signal: options.signal });
  return learnFromFeatures(clip, name, count, read, options);
}

/**
 * Photos to learn from as files. Each is read once: the bytes that are hashed are those that are embedded.
 *
 * @param options.not photos of things that look like it and are not it
 */
export function fileExamples(
  clip: Clip,
  photos: readonly TrainingPhoto[],
  { not = [], signal }: Pick<LearnConceptOptions, 'not' | 'signal'> = {},
): Examples {
  return {
    count: photos.length,
    async read() {
      const { features, hashes } = await readPhotos(clip, photos, signal);
      return { features, hashes, lookAlikes: (await readPhotos(clip, not, signal)).features };
    },
    nameOf: (index) => pathOf(photos[index]!),
  };
}

const pathOf = (photo: TrainingPhoto): string => (typeof photo === 'string' ? photo : photo.path);

async function readPhotos(
  clip: Clip,
  photos: readonly TrainingPhoto[],
  signal: AbortSignal | undefined,
): Promise<PhotoFeatures> {
  const data = new Float32Array(photos.length * clip.dimension);
  const hashes: string[] = [];
  for (const [index, photo] of photos.entries()) {
    signal?.throwIfAborted();
    const path = pathOf(photo);
    const box = typeof photo === 'string' ? undefined : photo.box;
    await withPictureFile(path, async ({ bytes, hash }) => {
      const one = await clip.encodeImages([{ name: path, bytes }], { orientation: 'honour', box });
      data.set(one.data, index * clip.dimension);
      hashes.push(hash);
    });
  }
  return { features: normalizeRows(matrixOf(data, clip.dimension)), hashes };
}
