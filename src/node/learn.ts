import type { Box } from '../clip/pixels/picture.ts';
import { type Matrix, matrixOf, normalizeRows } from '../matrix.ts';
import { type LearnOptions, type Learnt, learnFromFeatures } from '../polar/learn.ts';
import type { Clip } from './load-clip.ts';
import { withPictureFile } from './photo-file.ts';

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
 * import { learnConcept, loadClip } from 'polar-vl';
 *
 * const clip = await loadClip('ViT-B/32');
 * const { concept, losses } = await learnConcept(clip, 'Rex', ['rex1.jpg', 'rex2.jpg', 'rex3.jpg'], {
 *   className: 'dog',
 *   onIteration: (iteration, [loss]) => {
 *     if (iteration % 100 === 0) console.error(iteration, loss);
 *   },
 * });
 * console.log(concept.identifier, losses.length); //=> sks dog 500
 * await clip.close();
 * ```
 */
export async function learnConcept(
  clip: Clip,
  name: string,
  photos: readonly TrainingPhoto[],
  { not = [], ...options }: LearnConceptOptions = {},
): Promise<Learnt> {
  const encode = async () => {
    const own = await encodePhotos(clip, photos, options.signal);
    return { ...own, lookAlikes: (await encodePhotos(clip, not, options.signal)).features };
  };
  return learnFromFeatures(clip, name, photos.length, encode, options);
}

/** Features of photos, and the hashes of the bytes that these were computed from. */
async function encodePhotos(
  clip: Clip,
  photos: readonly TrainingPhoto[],
  signal?: AbortSignal,
): Promise<{ features: Matrix; hashes: string[] }> {
  const data = new Float32Array(photos.length * clip.dimension);
  const hashes: string[] = [];
  for (const [index, photo] of photos.entries()) {
    signal?.throwIfAborted();
    const { path, box } = typeof photo === 'string' ? { path: photo, box: undefined } : photo;
    await withPictureFile(path, async ({ bytes, hash }) => {
      const one = await clip.encodeImages([{ name: path, bytes }], { orientation: 'honour', box });
      data.set(one.data, index * clip.dimension);
      hashes.push(hash);
    });
  }
  return { features: normalizeRows(matrixOf(data, clip.dimension)), hashes };
}
