import type { FrozenClip } from '../clip/index.ts';
import { PolarError } from '../errors.ts';
import { stackRows } from '../matrix.ts';
import { tell } from '../messages.ts';
import { checkExamples, type ExampleCheck } from '../polar/check-photos.ts';
import { type Concept, requireSameModel } from '../polar/concept/concept.ts';
import { checkConceptName, nameTaken } from '../polar/concept/concept-name.ts';
import {
  type LearnOptions,
  type Learnt,
  learnFromFeatures,
  type PhotosToLearn,
  settingsOf,
} from '../polar/learn.ts';
import { fold } from '../polar/query/fold.ts';
import { SAMPLE, type Searchable } from '../polar/query/searchable.ts';
import { measureSeparation, type Separation } from '../polar/query/separation.ts';
import { type HeldOut, measureHeldOut } from './held-out.ts';
import { typicalPhotos } from './review.ts';

/** Photos to learn from, wherever they are. */
export interface Examples extends PhotosToLearn {
  /** How a hint calls the photo at `index`; "photo 3" where it is left out. */
  readonly nameOf?: ((index: number) => string) | undefined;
}

/** Where concepts are kept. Names that differ only in case are one name. */
export interface Shelf {
  list(): Promise<readonly Concept[]>;
  /**
   * Keeps a concept, over one of the same name unless it has to be new.
   *
   * @throws PolarError {@link nameTaken} when it is not
   */
  save(concept: Concept, options?: { readonly isNew?: boolean }): Promise<void>;
}

/** What is done about a concept that has the name already: `new` refuses, `add` learns it further. */
export type TeachMode = 'new' | 'replace' | 'add';

/** How a thing is taught. */
export interface TeachOptions extends Omit<LearnOptions, 'add' | 'onIteration'> {
  /** @default 'new' */
  readonly mode?: TeachMode | undefined;
  /** Where concepts are kept; without one the concept is only returned. */
  readonly shelf?: Shelf | undefined;
  /** Photos that the lesson is judged with. */
  readonly library?: Searchable | undefined;
  /**
   * Whether the lesson is also judged by held-out photos, which takes about a quarter as long again as learning.
   *
   * @default false
   */
  readonly holdOut?: boolean | undefined;
  /** Called after every step of the training; steps count from 1. */
  readonly onStep?: ((step: number, steps: number, loss: number) => void) | undefined;
  /** Called once the concept is kept, before it is judged. */
  readonly onLearnt?: ((learnt: Learnt, seconds: number) => void) | undefined;
}

/** A concept that was taught, and how well it went. */
export interface Lesson extends Learnt {
  /** Of reading the photos and training. */
  readonly seconds: number;
  /** How well it is found in photos that were held out; null where that was not asked for, or cannot be told. */
  readonly heldOut: HeldOut | null;
  readonly check: ExampleCheck;
  /** A sentence for each thing that is odd about the photos. */
  readonly hints: readonly string[];
}

/**
 * Teaches a personal thing: the one way in which the command line, the server and the browser page do. Plans, reads
 * the photos, trains, keeps the concept, judges it.
 *
 * @throws PolarError when the name cannot be used or is taken, there are too few photos, or one cannot be read
 */
export async function teach(
  clip: FrozenClip,
  name: string,
  photos: Examples,
  options: TeachOptions = {},
): Promise<Lesson> {
  const { mode = 'new', shelf, library, holdOut = false, onStep, onLearnt, ...learning } = options;
  const plan = await planLesson(name, { mode, shelf });
  const { iterations } = settingsOf({ ...learning, add: plan.add });
  const started = performance.now();
  const { concept, losses } = await learnFromFeatures(
    clip,
    plan.name,
    besideTypical(photos, plan.add, library),
    {
      ...learning,
      add: plan.add,
      onIteration: onStep && ((iteration, [loss]) => onStep(iteration + 1, iterations, loss!)),
    },
  );
  const seconds = (performance.now() - started) / 1000;
  learning.signal?.throwIfAborted();
  // Asked again: another process may have learnt the name meanwhile.
  await shelf?.save(concept, { isNew: mode === 'new' });
  onLearnt?.({ concept, losses }, seconds);
  const check = checkExamples(concept.features!, (await library?.sample(SAMPLE)) ?? []);
  return {
    concept,
    losses,
    seconds,
    heldOut: holdOut ? await measureHeldOut(clip, concept, library, { signal: learning.signal }) : null,
    check,
    hints: hintsOf(check, plan.add?.features?.rows ?? 0, photos.nameOf),
  };
}

/** Photos to learn from, with typical photos of the library where there are negatives, which are never to be alone. */
const besideTypical = (
  photos: PhotosToLearn,
  add: Concept | undefined,
  library: Searchable | undefined,
): PhotosToLearn => ({
  count: photos.count,
  async read() {
    const own = await photos.read();
    const negatives = (own.lookAlikes?.rows ?? 0) + (add?.lookAlikes?.rows ?? 0);
    if (library === undefined || negatives === 0) return own;
    return { ...own, typical: stackRows(await typicalPhotos(library), own.features.columns) };
  },
});

/** What is to be learnt. */
export interface LessonPlan {
  /** As it is spelt: the earlier spelling stays. */
  readonly name: string;
  /** The concept that is learnt further. */
  readonly add: Concept | undefined;
}

/**
 * Decides what a lesson does, before a model is loaded or a photo is read for it.
 *
 * @throws PolarError when the name cannot be used, is taken, or nothing has it that could be learnt further
 */
export async function planLesson(
  name: string,
  { mode = 'new', shelf }: Pick<TeachOptions, 'mode' | 'shelf'>,
): Promise<LessonPlan> {
  const trimmed = name.trim();
  checkConceptName(trimmed);
  const earlier = (await shelf?.list())?.find((concept) => fold(concept.name) === fold(trimmed));
  if (mode === 'new' && earlier !== undefined) {
    throw nameTaken(trimmed);
  }
  if (mode === 'add' && earlier === undefined) {
    throw new PolarError(tell('concept.none-to-add', { name: trimmed }), 'not-found');
  }
  return { name: earlier?.name ?? trimmed, add: mode === 'add' ? earlier : undefined };
}

/** How well a concept separates its photos from a library; null where that cannot be told. */
export async function judgeConcept(
  clip: FrozenClip,
  concept: Concept,
  library: Searchable | undefined,
): Promise<Separation | null> {
  if (library === undefined || library.count === 0) return null;
  return measureSeparation((query) => library.search(query, library.count), clip, concept);
}

/** Whether a concept can be used with a model: as {@link requireSameModel} has it. */
export function isUsable(concept: Concept, clip: FrozenClip): boolean {
  try {
    requireSameModel(concept, clip);
    return true;
  } catch (error) {
    if (error instanceof PolarError) return false;
    throw error;
  }
}

/**
 * What a check of examples says, in sentences.
 *
 * @param earlier photos that the concept was learnt from before; they come first
 */
export function hintsOf(
  { nearDuplicates, offTopic }: ExampleCheck,
  earlier = 0,
  nameOf: (index: number) => string = (index) => `photo ${index + 1}`,
): string[] {
  const call = (index: number): string =>
    index < earlier ? `its earlier photo ${index + 1}` : nameOf(index - earlier);
  return [
    ...nearDuplicates.map(([a, b]) => tell('hint.near', { a: call(a), b: call(b) })),
    ...offTopic.map((index) => tell('hint.unlike', { photo: call(index) })),
  ];
}
