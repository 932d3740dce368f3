import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Box } from '../clip/image.ts';
import type { Clip } from '../clip/load-clip.ts';
import { PolarError } from '../errors.ts';
import { type Matrix, matrixOf, normalizeRows } from '../matrix.ts';
import { type Concept, identifierOf, requireSameModel } from './concept.ts';
import { DEFAULT_TRAINING, type PersonalizeOptions, personalize } from './personalize.ts';
import { PROMPT_TEMPLATES, samplePrompts } from './prompts.ts';
import { PythonRandom } from './python-random.ts';

export interface LearnOptions extends PersonalizeOptions {
  /** What kind of thing it is, in one or two words (`dog`); helps where the photos alone are ambiguous. */
  readonly className?: string | null | undefined;
  /** A concept to learn further: its photos' features come first, then those of the new photos. */
  readonly add?: Concept | undefined;
  /** Seed of the prompts and of A; 0 as in the released code. */
  readonly seed?: number | undefined;
}

/** A photo to learn from: a path, or a part of the picture there. */
export type TrainingPhoto = string | { readonly path: string; readonly box: Box };

/** A concept just learnt. */
export interface Learnt {
  readonly concept: Concept;
  /** Loss before each step. */
  readonly losses: Float32Array;
}

// With one photo the update learns the picture, not the thing; the paper uses about five.
const MIN_PHOTOS = 2;

/**
 * Learns a concept from photos, in about a second.
 *
 * @param photos two at least (one, when adding to a concept), about five are right, more are fine
 * @throws PolarError when there are too few, or one cannot be read
 */
export async function learnConcept(
  clip: Clip,
  name: string,
  photos: readonly TrainingPhoto[],
  options: LearnOptions = {},
): Promise<Learnt> {
  const { className = null, add, seed = 0, ...training } = options;
  if (add !== undefined) requireSameModel(add, clip);
  if (add !== undefined && add.features === null) {
    throw new PolarError(`"${name}" came without its photos' features; learn it again from all its photos`);
  }
  if (photos.length < (add === undefined ? MIN_PHOTOS : 1)) {
    throw new PolarError(
      `"${name}": ${photos.length} photo${photos.length === 1 ? '' : 's'}, expected at least ${MIN_PHOTOS}; give about five photos that show the thing in different places`,
    );
  }
  // The embeddings come first: they find out which photos cannot be read.
  const added = await encodePhotos(clip, photos);
  const hashes = await Promise.all(photos.map((photo) => hashFile(pathOf(photo))));
  const earlier = add?.features?.data ?? new Float32Array(0);
  const joined = new Float32Array(earlier.length + added.data.length);
  joined.set(earlier);
  joined.set(added.data, earlier.length);
  const features = matrixOf(joined, clip.dimension);
  const identifier = identifierOf(className);
  // Each photo is paired with a prompt of its own; beyond 13 photos the drawn prompts come round again.
  const drawn = samplePrompts(
    Math.min(features.rows, PROMPT_TEMPLATES.length),
    identifier,
    new PythonRandom(seed),
  );
  const prompts = Array.from({ length: features.rows }, (_, index) => drawn[index % drawn.length]!);
  const [learnt] = await personalize(clip, [{ prompts, features, seed }], training);
  const { A, B, losses } = learnt!;
  const concept: Concept = {
    name,
    identifier,
    className,
    A,
    B,
    modelId: clip.id,
    revision: clip.revision,
    layer: clip.lastLayer,
    regWeight: training.regWeight ?? DEFAULT_TRAINING.regWeight,
    iterations: training.iterations ?? DEFAULT_TRAINING.iterations,
    learningRate: training.learningRate ?? DEFAULT_TRAINING.learningRate,
    forward: training.forward ?? DEFAULT_TRAINING.forward,
    seed,
    photoHashes: [...(add?.photoHashes ?? []), ...hashes],
    features,
    created: new Date().toISOString(),
  };
  return { concept, losses };
}

const pathOf = (photo: TrainingPhoto): string => (typeof photo === 'string' ? photo : photo.path);

async function encodePhotos(clip: Clip, photos: readonly TrainingPhoto[]): Promise<Matrix> {
  const data = new Float32Array(photos.length * clip.dimension);
  for (const [index, photo] of photos.entries()) {
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
