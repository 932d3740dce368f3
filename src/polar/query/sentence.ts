import { type FrozenClip, selectTexts } from '../../clip/index.ts';
import { composeUpdates } from '../../clip/update.ts';
import { rowOf } from '../../matrix.ts';
import { type Concept, requireSameModel } from '../concept/concept.ts';
import { gather } from './gather.ts';
import { findMentions } from './mentions.ts';

/** A sentence with the concepts' names replaced by their identifiers. */
export interface PersonalSentence {
  /** What the model reads. */
  readonly text: string;
  /** The concepts that were named, each once, in the order of their first mention. */
  readonly concepts: readonly Concept[];
}

/**
 * Finds the names of concepts in a sentence, in any case, as whole words (a possessive `'s` or a plural `s` may
 * follow), and writes their identifiers instead. Where names overlap the longest wins.
 *
 * @example
 * ```ts
 * import { learn, loadClip } from 'polar-vl';
 * import { personalSentence } from 'polar-vl/polar';
 *
 * const clip = await loadClip('ViT-B/32');
 * const { concept } = await learn(clip, 'Rex', ['rex1.jpg', 'rex2.jpg'], { className: 'dog', iterations: 10 });
 * const { text, concepts } = personalSentence("rex's ball", [concept]);
 * console.log(text, concepts.length); //=> sks dog's ball 1
 * await clip.close();
 * ```
 */
export function personalSentence(sentence: string, known: readonly Concept[]): PersonalSentence {
  return replaceNames(sentence, known, ({ identifier }) => identifier);
}

/**
 * The same question without what was learnt, to compare with: each concept's class stands for its name ("a dog in the
 * snow" for "a Rex in the snow"), as in the plain half of {@link measureSeparation}; a name without a class stays.
 * No concepts come with it, so that plain CLIP reads it.
 */
export function plainSentence(sentence: string, known: readonly Concept[]): PersonalSentence {
  const { text } = replaceNames(sentence, known, ({ className }, written) => className ?? written);
  return { text, concepts: [] };
}

/** Writes `wordFor(concept, name as it is written)` for each name in a sentence. */
function replaceNames(
  sentence: string,
  known: readonly Concept[],
  wordFor: (concept: Concept, written: string) => string,
): PersonalSentence {
  const whole = sentence.normalize('NFC');
  const concepts: Concept[] = [];
  let text = '';
  let end = 0;
  for (const mention of findMentions(
    whole,
    known.map(({ name }) => name),
  )) {
    const concept = known[mention.index]!;
    if (!concepts.includes(concept)) concepts.push(concept);
    text += whole.slice(end, mention.start) + wordFor(concept, whole.slice(mention.start, mention.end));
    end = mention.end;
  }
  text += whole.slice(end);
  return { text, concepts };
}

/**
 * The embedding `[P]` of a sentence in which concepts may be named, not normalised.
 *
 * @throws PolarError when a concept was learnt with another model
 *
 * @example
 * ```ts
 * import { learn, loadClip } from 'polar-vl';
 * import { encodeSentence, personalSentence } from 'polar-vl/polar';
 *
 * const clip = await loadClip('ViT-B/32');
 * const options = { className: 'dog', iterations: 10 };
 * const { concept: rex } = await learn(clip, 'Rex', ['rex1.jpg', 'rex2.jpg'], options);
 * const { concept: luna } = await learn(clip, 'Luna', ['luna1.jpg', 'luna2.jpg'], options);
 * const both = personalSentence('Rex and Luna on the sofa', [rex, luna]);
 * const query = await encodeSentence(clip, both); // [P], of both updates together
 * console.log(both.text, query.length === clip.dimension); //=> sks dog and sks dog on the sofa true
 * await clip.close();
 * ```
 */
export async function encodeSentence(clip: FrozenClip, sentence: PersonalSentence): Promise<Float32Array> {
  const [embedding] = await encodeSentences(clip, [sentence]);
  return embedding!;
}

/**
 * The embeddings `[P]` of sentences, not normalised: one pass of the text tower for all, and of the head for each set of
 * concepts.
 *
 * @throws PolarError when a concept was learnt with another model
 */
export async function encodeSentences(
  clip: FrozenClip,
  sentences: readonly PersonalSentence[],
): Promise<Float32Array[]> {
  for (const { concepts } of sentences) for (const concept of concepts) requireSameModel(concept, clip);
  const frozen = await clip.freezeTexts(sentences.map(({ text }) => text));
  const groups = new Map<string, number[]>();
  for (const [index, { concepts }] of sentences.entries()) {
    const key = JSON.stringify(concepts.map(({ name, created }) => [name, created]));
    groups.set(key, [...(groups.get(key) ?? []), index]);
  }
  const embeddings: Float32Array[] = [];
  for (const indices of groups.values()) {
    const update = composeUpdates(sentences[indices[0]!]!.concepts);
    const rows = indices.length === sentences.length ? frozen : selectTexts(frozen, indices);
    const encoded = await clip.encodeFrozen(rows, update);
    for (const [row, index] of indices.entries()) embeddings[index] = rowOf(encoded, row);
  }
  return embeddings;
}

/**
 * {@link encodeSentence} for a server: sentences that arrive while others are encoded share the next pass of the text
 * tower. One that cannot be encoded is refused alone.
 *
 * @param most sentences of one pass
 */
export function sentenceEncoder(
  clip: FrozenClip,
  most: number,
): (sentence: PersonalSentence) => Promise<Float32Array> {
  const encode = gather(most, (sentences: readonly PersonalSentence[]) => encodeSentences(clip, sentences));
  return async (sentence) => {
    for (const concept of sentence.concepts) requireSameModel(concept, clip);
    clip.tokenize([sentence.text]);
    return encode(sentence);
  };
}
