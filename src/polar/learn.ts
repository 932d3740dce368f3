import type { FrozenClip } from '../clip/index.ts';
import { PolarError } from '../errors.ts';
import { type Matrix, matrixOf } from '../matrix.ts';
import { tell } from '../messages.ts';
import { type Concept, identifierOf, requireSameModel } from './concept/concept.ts';
import { MAX_PHOTOS } from './concept/metadata.ts';
import { openTraining, type PersonalizeOptions, personalize } from './personalize.ts';
import { PROMPT_TEMPLATES, samplePrompts } from './prompts.ts';
import { PythonRandom } from './random/python.ts';
import { DEFAULT_SEED, DEFAULT_TRAINING } from './training-defaults.ts';

/** What is not given is as the concept to add to was learnt, else the released code's. */
export interface LearnOptions extends PersonalizeOptions {
  /** What kind of thing it is, in one or two words (`dog`); helps where the photos alone are ambiguous. @default none */
  readonly className?: string | null | undefined;
  /** A concept to learn further: its photos' features come first, then those of the new photos. @default a new concept */
  readonly add?: Concept | undefined;
  /** Seed of the prompts and of A; 0 as in the released code. @default 0 */
  readonly seed?: number | undefined;
}

/** A concept just learnt. */
export interface Learnt {
  readonly concept: Concept;
  /** Loss before each step. */
  readonly losses: Float32Array;
}

/** What a photo is to learning, wherever it was read. */
export interface PhotoFeatures {
  /** Image features, `[n, P]`, unit rows. */
  readonly features: Matrix;
  /** SHA-256 of each photo's file, hexadecimal. */
  readonly hashes: readonly string[];
  /** Image features of photos that are not the thing, `[k, P]`, unit rows. */
  readonly lookAlikes?: Matrix | undefined;
  /** Image features of photos at large, `[m, P]`, unit rows: negatives beside look-alikes, which are not kept. */
  readonly typical?: Matrix | undefined;
}

/** Photos to learn from, wherever they lie. */
export interface PhotosToLearn {
  /** How many there are; known before any is read. */
  readonly count: number;
  /** Reads them, once it is known that learning can begin. */
  read(): Promise<PhotoFeatures>;
}

// With one photo the update learns the picture, not the thing; the paper uses about five.
const MIN_PHOTOS = 2;

/**
 * Learns a concept from photos, which are read once it is known that learning can begin.
 *
 * @throws PolarError when there are too few, or the concept to add to was learnt elsewhere
 */
export async function learnFromFeatures(
  clip: FrozenClip,
  name: string,
  photos: PhotosToLearn,
  options: LearnOptions = {},
): Promise<Learnt> {
  const { add } = options;
  const { count } = photos;
  const { className, seed, ...settings } = settingsOf(options);
  const identifier = identifierOf(className);
  if (add !== undefined) requireSameModel(add, clip);
  if (add !== undefined && add.features === null) {
    throw new PolarError(tell('concept.no-features', { name }));
  }
  const fewest = add === undefined ? MIN_PHOTOS : 1;
  if (count < fewest) throw new PolarError(tell('learn.few', { name, count, fewest }));
  if (count + (add?.features?.rows ?? 0) > MAX_PHOTOS) {
    throw new PolarError(tell('learn.many', { name, photos: count, most: MAX_PHOTOS }), 'too-large');
  }
  const encoded = await readBesideTraining(clip, photos, {
    forward: settings.forward,
    rank: options.rank,
    prompts: promptsFor(count + (add?.features?.rows ?? 0), identifier, seed),
  });
  const { length: read } = encoded.hashes;
  if (read < fewest)
    throw new PolarError(tell('learn.few-readable', { name, count: read, given: count, fewest }));
  const features = joinRows(add?.features, encoded.features, clip.dimension);
  const lookAlikes = joinRows(add?.lookAlikes, encoded.lookAlikes, clip.dimension);
  const prompts = promptsFor(features.rows, identifier, seed);
  const training = { ...options, ...settings };
  const negatives =
    lookAlikes.rows === 0 ? lookAlikes : joinRows(lookAlikes, encoded.typical, clip.dimension);
  const task = { prompts, features, lookAlikes: negatives, seed };
  const [learnt] = await personalize(clip, [task], training);
  const { A, B, losses } = learnt!;
  const concept: Concept = {
    name,
    identifier,
    className,
    A,
    B,
    modelId: clip.id,
    revision: clip.revision,
    ...familyOf(clip),
    layer: clip.lastLayer,
    ...settings,
    seed,
    photoHashes: [...(add?.photoHashes ?? []), ...encoded.hashes],
    features,
    ...(lookAlikes.rows === 0 ? {} : { lookAlikes }),
    created: new Date().toISOString(),
  };
  return { concept, losses };
}

/** Reads the photos while the prompts that all of them need go through the text tower and the training graph loads. */
async function readBesideTraining(
  clip: FrozenClip,
  photos: PhotosToLearn,
  {
    prompts,
    ...graph
  }: Pick<PersonalizeOptions, 'forward' | 'rank'> & { readonly prompts: readonly string[] },
): Promise<PhotoFeatures> {
  clip.expectTexts?.(prompts);
  const reading = photos.read();
  openTraining(clip, graph).catch(() => {}); // the training is told
  return reading;
}

/** A prompt for each photo, drawn by the seed; beyond 13 photos the drawn prompts come round again. */
export function promptsFor(count: number, identifier: string, seed: number): string[] {
  const drawn = samplePrompts(Math.min(count, PROMPT_TEMPLATES.length), identifier, new PythonRandom(seed));
  return Array.from({ length: count }, (_, index) => drawn[index % drawn.length]!);
}

/** What a concept says of its model's family, where that is not CLIP's. */
export function familyOf({ config: { family } }: Pick<FrozenClip, 'config'>): Pick<Concept, 'family'> {
  return family === 'clip' ? {} : { family };
}

/** How a concept is learnt: as it is said, else as the concept to add to was learnt, else by default. */
export function settingsOf(options: LearnOptions) {
  const { add } = options;
  return {
    className: options.className === undefined ? (add?.className ?? null) : options.className,
    seed: options.seed ?? add?.seed ?? DEFAULT_SEED,
    regWeight: options.regWeight ?? add?.regWeight ?? DEFAULT_TRAINING.regWeight,
    iterations: options.iterations ?? add?.iterations ?? DEFAULT_TRAINING.iterations,
    learningRate: options.learningRate ?? add?.learningRate ?? DEFAULT_TRAINING.learningRate,
    forward: options.forward ?? add?.forward ?? DEFAULT_TRAINING.forward,
  };
}

/** The rows of both. */
function joinRows(first: Matrix | null | undefined, second: Matrix | undefined, columns: number): Matrix {
  const parts = [first?.data, second?.data].filter((part) => part !== undefined);
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    data.set(part, offset);
    offset += part.length;
  }
  return matrixOf(data, columns);
}
