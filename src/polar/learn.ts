import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clip } from '../clip/load-clip.ts';
import { PolarError } from '../errors.ts';
import { type Matrix, normalizeRows } from '../matrix.ts';
import { type Concept, identifierOf } from './concept.ts';
import { DEFAULT_TRAINING, type PersonalizeOptions, personalize } from './personalize.ts';
import { PROMPT_TEMPLATES, samplePrompts } from './prompts.ts';
import { PythonRandom } from './python-random.ts';

export interface LearnOptions extends PersonalizeOptions {
  /** What kind of thing it is, in one or two words (`dog`); helps where the photos alone are ambiguous. */
  readonly className?: string | null | undefined;
  /** Seed of the prompts and of A; 0 as in the released code. */
  readonly seed?: number | undefined;
}

/** A concept just learnt, with what it was learnt from. */
export interface Learnt {
  readonly concept: Concept;
  /** Image features of the photos, `[n, P]`, unit rows. */
  readonly features: Matrix;
  /** Loss before each step. */
  readonly losses: Float32Array;
}

// With one photo the update learns the picture, not the thing; the paper uses about five.
const MIN_PHOTOS = 2;

/**
 * Learns a concept from photos, in about a second.
 *
 * @param photos paths; two at least, about five are right, more are fine
 * @throws PolarError when there are too few, or one cannot be read
 */
export async function learnConcept(
  clip: Clip,
  name: string,
  photos: readonly string[],
  options: LearnOptions = {},
): Promise<Learnt> {
  if (photos.length < MIN_PHOTOS) {
    throw new PolarError(
      `"${name}": ${photos.length} photo${photos.length === 1 ? '' : 's'}, expected at least ${MIN_PHOTOS}; give about five photos that show the thing in different places`,
    );
  }
  const { className = null, seed = 0, ...training } = options;
  // The embeddings come first: they find out which photos cannot be read.
  const features = normalizeRows(await clip.encodeImages(photos, { orientation: 'honour' }));
  const photoHashes = await Promise.all(
    photos.map(async (path) =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ),
  );
  const identifier = identifierOf(className);
  // Each photo is paired with a prompt of its own; beyond 13 photos the drawn prompts come round again.
  const drawn = samplePrompts(
    Math.min(photos.length, PROMPT_TEMPLATES.length),
    identifier,
    new PythonRandom(seed),
  );
  const prompts = photos.map((_, index) => drawn[index % drawn.length]!);
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
    photoHashes,
    created: new Date().toISOString(),
  };
  return { concept, features, losses };
}
