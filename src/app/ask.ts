import type { FrozenClip } from '../clip/index.ts';
import { PolarError } from '../errors.ts';
import { rowsOf } from '../matrix.ts';
import { tell } from '../messages.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { languageNote } from '../polar/query/language.ts';
import { mixQuery } from '../polar/query/mix.ts';
import { readingNotes } from '../polar/query/reading-notes.ts';
import {
  ABSENT_BELOW,
  type Background,
  measureBackground,
  type Relevance,
  relevanceJudge,
  relevanceLimits,
} from '../polar/query/relevance.ts';
import { SAMPLE, type Scored, type Searchable } from '../polar/query/searchable.ts';
import {
  encodeSentence,
  type PersonalSentence,
  personalSentence,
  plainSentence,
} from '../polar/query/sentence.ts';

/** A question to a collection of photos: a sentence, photos that the answer should look like, or both. */
export interface Question {
  /** Names of concepts are recognised in it; a blank one is none. */
  readonly sentence?: string | undefined;
  /** Embeddings `[P]` of photos that the results should look like. */
  readonly like?: readonly Float32Array[] | undefined;
  /** Sentences, or embeddings `[P]` of photos, that the results should not be like. */
  readonly not?: readonly (string | Float32Array)[] | undefined;
}

/** How a question is answered. */
export interface AskOptions<Filter = never> {
  /**
   * All that may be named.
   *
   * @default none
   */
  readonly concepts?: readonly Concept[] | undefined;
  /**
   * How many photos at most.
   *
   * @default 20
   */
  readonly top?: number | undefined;
  /**
   * To compare: plain CLIP is asked with the class of each concept (`dog`) instead of its name (`Rex`), the name
   * where it has no class.
   *
   * @default false
   */
  readonly plain?: boolean | undefined;
  /** Which photos may be found. */
  readonly filter?: Filter | undefined;
  /**
   * Embedding `[P]` of a sentence; a server gathers those that wait.
   *
   * @default encodeSentence with `clip`
   */
  readonly encode?: ((sentence: PersonalSentence) => Promise<Float32Array>) | undefined;
  /** Looked at between the parts of the work. */
  readonly signal?: AbortSignal | undefined;
  /** Called as each part of the work is done. */
  readonly onStage?: ((stage: 'read' | 'searched' | 'judged') => void) | undefined;
}

/** What was found. */
export interface Answer<Hit extends Scored = Scored> {
  /** What the model read; empty without a sentence. */
  readonly text: string;
  /** The concepts that the sentence names, whether or not `plain` left them out. */
  readonly concepts: readonly Concept[];
  /** Sentences about what was not understood: names that are no learnt thing, a language that the model does not read, an end that was cut off. */
  readonly notes: readonly string[];
  /**
   * Whether what the sentence asks for is taken for absent: a learnt thing is named, and no photo stands out as those do
   * that it was learnt from. Without a learnt thing this is never told (docs/toybox.md).
   */
  readonly absent: boolean;
  /** Photos that there are. */
  readonly count: number;
  /** Best first. */
  readonly hits: readonly (Hit & { readonly relevance: Relevance })[];
}

const DEFAULT_TOP = 20;

/**
 * Asks a collection of photos a question: the one way in which the command line, the server, the browser page and the
 * library search.
 *
 * @throws PolarError when there is nothing to search for, or the sentence names a concept of another model: its
 *   update would be noise there, and the bare word something else than what was meant
 */
export async function ask<Hit extends Scored, Filter = never>(
  clip: FrozenClip,
  photos: Searchable<Hit, Filter>,
  question: Question,
  options: AskOptions<Filter> = {},
): Promise<Answer<Hit>> {
  const { concepts = [], top = DEFAULT_TOP, plain = false, filter, signal, onStage } = options;
  checkQuestion(question);
  const read = plain ? plainSentence : personalSentence;
  const { encode: encodeOne = (sentence) => encodeSentence(clip, sentence) } = options;
  const encode = (text: string) => encodeOne(read(text, concepts));
  const sentence = question.sentence?.trim() ?? '';
  const { like, not = [] } = question;
  const query = mixQuery({
    text: sentence === '' ? undefined : await encode(sentence),
    like,
    not: await Promise.all(not.map((part) => (typeof part === 'string' ? encode(part) : part))),
  });
  onStage?.('read');
  signal?.throwIfAborted();
  const found = await photos.search(query, top, filter);
  onStage?.('searched');
  signal?.throwIfAborted();
  const asked = read(sentence, concepts);
  const background = measureBackground(query, await photos.sample(SAMPLE));
  const own = asked.concepts.flatMap(ownPhotos);
  const judge = relevanceJudge(query, background, photos.count, own);
  const isLike = like !== undefined && like.length > 0; // asks for a picture, not for the thing
  // Measured for one thing in a sentence alone.
  const isOne = asked.concepts.length === 1 && !isLike && not.length === 0;
  const absent = isOne && isAbsent(found[0], query, background, photos.count, own);
  onStage?.('judged');
  const about = [languageNote(clip.config, asked.text), cutNote(clip, asked.text)];
  return {
    text: asked.text,
    concepts: personalSentence(sentence, concepts).concepts,
    notes: [
      ...readingNotes(
        sentence,
        concepts.map(({ name }) => name),
      ),
      ...about.filter((note) => note !== undefined),
      ...(absent ? [absentNote(asked.concepts[0]!)] : []),
    ],
    absent,
    count: photos.count,
    hits: found.map((photo) => ({ ...photo, relevance: judge(photo.score) })),
  };
}

function isAbsent(
  best: Scored | undefined,
  query: Float32Array,
  background: Background,
  count: number,
  own: readonly Float32Array[],
): boolean {
  if (best === undefined || own.length === 0) return false;
  const norm = Math.hypot(...query) || 1;
  const { strong } = relevanceLimits(query, background, count, own);
  return best.score * norm - background.mean < ABSENT_BELOW * (strong - background.mean);
}

const absentNote = ({ name }: Concept): string => tell('note.absent', { name });

/** A line for a sentence whose end the model does not read; models that refuse such a sentence have none. */
function cutNote(clip: FrozenClip, text: string): string | undefined {
  if (!clip.isCut(text)) return undefined;
  return tell('note.cut', { tokens: clip.config.text.contextLength });
}

/**
 * Refuses a question that asks nothing, before a model is loaded for it.
 *
 * @throws PolarError when there is neither a sentence nor a photo
 */
export function checkQuestion({
  sentence = '',
  like = [],
}: {
  readonly sentence?: string | undefined;
  readonly like?: readonly unknown[] | undefined;
}): void {
  if (sentence.trim() !== '' || like.length > 0) return;
  throw new PolarError(tell('search.nothing'));
}

/** Embeddings `[P]` of the photos that a concept was learnt from. */
function ownPhotos({ features }: Concept): Float32Array[] {
  return features === null ? [] : rowsOf(features);
}
