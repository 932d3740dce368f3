import type { Examples } from '../app/teach.ts';
import type { Box } from '../clip/pixels/picture.ts';
import { PolarError } from '../errors.ts';
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
  const { count, read } = fileExamples(clip, photos, { not, onSkipped, signal: options.signal });
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
  { not = [], signal, onSkipped }: Pick<LearnConceptOptions, 'not' | 'signal' | 'onSkipped'> = {},
): Examples {
  let kept = photos;
  return {
    count: photos.length,
    async read() {
      const own = await readPhotos(clip, photos, { signal, onSkipped });
      kept = own.kept;
      const lookAlikes = (await readPhotos(clip, not, { signal, onSkipped })).features;
      return { features: own.features, hashes: own.hashes, lookAlikes };
    },
    nameOf: (index) => pathOf(kept[index]!),
  };
}

const pathOf = (photo: TrainingPhoto): string => (typeof photo === 'string' ? photo : photo.path);

async function readPhotos(
  clip: Clip,
  photos: readonly TrainingPhoto[],
  { signal, onSkipped }: Pick<LearnConceptOptions, 'signal' | 'onSkipped'>,
): Promise<PhotoFeatures & { readonly kept: readonly TrainingPhoto[] }> {
  const data = new Float32Array(photos.length * clip.dimension);
  const hashes: string[] = [];
  const kept: TrainingPhoto[] = [];
  for (const photo of photos) {
    signal?.throwIfAborted();
    const path = pathOf(photo);
    const box = typeof photo === 'string' ? undefined : photo.box;
    try {
      await withPictureFile(path, async ({ bytes, hash }) => {
        const one = await clip.encodeImages([{ name: path, bytes }], { orientation: 'honour', box });
        data.set(one.data, kept.length * clip.dimension);
        hashes.push(hash);
        kept.push(photo);
      });
    } catch (error) {
      // A wrong part of a picture is a slip of the pen; a photo that is broken is left out, as an index leaves it out.
      const isBroken = error instanceof PolarError && error.code !== 'invalid-input';
      if (!isBroken || onSkipped === undefined) throw error;
      onSkipped(path, error.message.replace(`${path}: `, ''));
    }
  }
  const used = data.subarray(0, kept.length * clip.dimension);
  return { features: normalizeRows(matrixOf(used, clip.dimension)), hashes, kept };
}
