import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Box } from '../clip/pixels/picture.ts';
import { type Matrix, matrixOf, normalizeRows } from '../matrix.ts';
import { type LearnOptions, type Learnt, learnFromFeatures } from '../polar/learn.ts';
import type { Clip } from './load-clip.ts';

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
  const encode = async () => ({
    // The embeddings come first: they find out which photos cannot be read.
    features: await encodePhotos(clip, photos, options.signal),
    hashes: await Promise.all(photos.map((photo) => hashFile(pathOf(photo)))),
    lookAlikes: await encodePhotos(clip, not, options.signal),
  });
  return learnFromFeatures(clip, name, photos.length, encode, options);
}

const pathOf = (photo: TrainingPhoto): string => (typeof photo === 'string' ? photo : photo.path);

async function encodePhotos(
  clip: Clip,
  photos: readonly TrainingPhoto[],
  signal?: AbortSignal,
): Promise<Matrix> {
  const data = new Float32Array(photos.length * clip.dimension);
  for (const [index, photo] of photos.entries()) {
    signal?.throwIfAborted();
    const box = typeof photo === 'string' ? undefined : photo.box;
    const one = await clip.encodeImages([pathOf(photo)], { orientation: 'honour', box });
    data.set(one.data, index * clip.dimension);
  }
  return normalizeRows(matrixOf(data, clip.dimension));
}

async function hashFile(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
