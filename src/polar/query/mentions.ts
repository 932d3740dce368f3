import { foldText } from './fold.ts';
import { isOrdinaryWord } from './ordinary-words.ts';

/** A place in a sentence where a name stands. */
export interface Mention {
  /** Of the name, in the list of names. */
  readonly index: number;
  /** From `start` to before `end`, in UTF-16 units of the sentence. */
  readonly start: number;
  readonly end: number;
}

/**
 * Finds names in a sentence. Case, width, apostrophes, hyphens and white space may differ (as `foldText` has it). A name is
 * a whole word: a possessive (`Rex's`), a plural `s`, or a Korean particle may follow, a French or Italian elision
 * (`d'Oscar`) may stand before it; scripts that write no spaces need none, unless the name is part of a longer
 * dictionary word. A name that is also an ordinary word (`May`) counts where it is capitalised or begins the sentence.
 * Of overlapping names the first counts, of those that start together the longest.
 */
export function findMentions(sentence: string, names: readonly string[]): Mention[] {
  return findReadings(sentence, names).filter(({ asWord }) => !asWord);
}

/** A name in a sentence, and whether it was read as the ordinary word that it also is. */
export interface Reading extends Mention {
  readonly asWord: boolean;
}

/** As {@link findMentions}, with the ordinary words that could have been names. */
export function findReadings(sentence: string, names: readonly string[]): Reading[] {
  if (names.length === 0) return [];
  const folded = foldText(sentence);
  const { text } = folded;
  const wordAt = spaceless.test(text) ? wordsOf(text) : new Map<number, Segment>();
  const found: Reading[] = [];
  for (const [index, name] of names.entries()) {
    const wanted = foldText(name).text.trim();
    for (let at = text.indexOf(wanted); wanted !== '' && at >= 0; at = text.indexOf(wanted, at + 1)) {
      const end = at + wanted.length;
      if (folded.starts[at]! < 0 || folded.ends[end - 1]! < 0 || !isWhole(text, at, end, wordAt)) continue;
      const start = folded.starts[at]!;
      const asWord = isOrdinaryWord(wanted) && !isMeant(sentence, start, name);
      found.push({ index, start, end: folded.ends[end - 1]!, asWord });
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: Reading[] = [];
  for (const reading of found) if (reading.start >= (kept.at(-1)?.end ?? 0)) kept.push(reading);
  return kept;
}

/** Whether an ordinary word stands for the name: capitalised, first, or learnt without a capital. */
function isMeant(sentence: string, start: number, name: string): boolean {
  const isCapital = (text: string) => /^\p{Lu}/u.test(text);
  if (!isCapital(name.trim())) return true;
  if (/^[^\p{L}\p{N}]*$/u.test(sentence.slice(0, start))) return true;
  return isCapital(sentence.slice(start)) && /\p{Ll}/u.test(sentence);
}

const WORD = /[\p{L}\p{M}\p{N}_]/u;
const spaceless =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
// Dictionaries know the words of these scripts character by character; of the others they join what they don't know.
const inDictionary = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}]/u;

const ELISIONS = new Set(
  'l d j m t s n c qu jusqu lorsqu puisqu quoiqu un dell all nell sull dall coll quell quest bell'.split(' '),
);

// Case and topic particles, and the short postpositions written without a space.
const KOREAN_PARTICLE =
  /^(?:은|는|이|가|을|를|의|와|과|도|만|에|에서|에게|께|께서|한테|으로|로|이랑|랑|하고|까지|부터|처럼|보다|이나|나|야|아|이의|이가|이는)$/u;

// Enough to see the word that a name is joined to; looking further back would make long texts quadratic.
const WINDOW = 24;

function isWhole(text: string, at: number, end: number, wordAt: ReadonlyMap<number, Segment>): boolean {
  const name = text.slice(at, end);
  const isSingle = Array.from(name).length === 1;
  const word = wordAt.get(at);
  return (
    isLeftEdge(text.slice(Math.max(0, at - WINDOW), at), name, isSingle) &&
    isRightEdge(text.slice(end, end + WINDOW), name, isSingle) &&
    !(word !== undefined && word.end >= end && word.end - word.start > end - at)
  );
}

function isLeftEdge(before: string, name: string, isSingle: boolean): boolean {
  const last = Array.from(before.slice(-2)).at(-1);
  if (last === undefined) return true;
  const [first] = name;
  if (WORD.test(last)) return spaceless.test(last) || spaceless.test(first!);
  const joined = /([\p{L}\p{M}\p{N}]+)(['-])$/u.exec(before);
  if (joined === null) return true;
  return joined[2] === "'" ? !isSingle && ELISIONS.has(joined[1]!) : !isSingle;
}

function isRightEdge(after: string, name: string, isSingle: boolean): boolean {
  const [next] = after;
  if (next === undefined) return true;
  const rest = /^[\p{L}\p{M}\p{N}_]*/u.exec(after)![0];
  if (rest === '') {
    const joined = /^(['-])([\p{L}\p{M}\p{N}]+)/u.exec(after);
    if (joined === null) return true;
    return joined[1] === "'" ? joined[2] === 's' : !isSingle;
  }
  if (rest === 's') return true;
  const last = Array.from(name).at(-1)!;
  if (/\p{scx=Hangul}/u.test(last)) return KOREAN_PARTICLE.test(rest);
  return spaceless.test(last) || spaceless.test(Array.from(after)[0]!);
}

interface Segment {
  readonly start: number;
  readonly end: number;
}

/** The dictionary words of scripts that write no spaces, by each place that lies in one. */
function wordsOf(text: string): Map<number, Segment> {
  const wordAt = new Map<number, Segment>();
  const words = new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text);
  for (const { segment, index, isWordLike } of words) {
    if (isWordLike !== true || !Array.from(segment).every((letter) => inDictionary.test(letter))) continue;
    const word = { start: index, end: index + segment.length };
    for (let at = word.start; at < word.end; at++) wordAt.set(at, word);
  }
  return wordAt;
}
