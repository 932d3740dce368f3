import { tell } from '../../messages.ts';
import { fold } from './fold.ts';
import { findReadings } from './mentions.ts';

/**
 * Sentences about names in a question that were not taken for the learnt thing: a name read as an ordinary word, a word
 * one letter away from a name, or a capitalised word where no learnt name was found.
 *
 * @param names of the concepts that the sentence could have named
 */
export function readingNotes(sentence: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const whole = sentence.normalize('NFC');
  const readings = findReadings(whole, names);
  const notes = new Set<string>();
  for (const { start, end, index, asWord } of readings) {
    if (!asWord) continue;
    notes.add(tell('note.word', { word: whole.slice(start, end), name: names[index]! }));
  }
  const rest = whole.split('');
  for (const { start, end } of readings) rest.fill(' ', start, end);
  const words = [...rest.join('').matchAll(/[\p{L}\p{M}][\p{L}\p{M}\p{N}'’-]*/gu)].slice(0, MAX_WORDS);
  for (const [word] of words) {
    const meant = names.find((name) => isOneLetterAway(fold(word), fold(name)));
    if (meant !== undefined) notes.add(tell('note.near', { word: word!, name: meant }));
  }
  if (notes.size === 0 && readings.length === 0) {
    // The first word of a sentence has a capital anyway.
    const capitalised = words.find(([word], place) => place > 0 && /^\p{Lu}\p{Ll}{2,}/u.test(word));
    if (capitalised !== undefined) notes.add(tell('note.unknown', { word: capitalised[0] }));
  }
  return [...notes];
}

// A question has a dozen words; a text pasted by mistake is not worth comparing word by word.
const MAX_WORDS = 40;

// Shorter names are one letter away from too many words ("Rex": red, sex, hex).
const MIN_LETTERS = 4;

/** Whether one letter was added, left out, changed, or swapped with its neighbour. */
function isOneLetterAway(word: string, name: string): boolean {
  if (word === name || Math.min(word.length, name.length) < MIN_LETTERS) return false;
  if (Math.abs(word.length - name.length) > 1) return false;
  let start = 0;
  while (start < word.length && word[start] === name[start]) start++;
  const [a, b] = [word.slice(start), name.slice(start)];
  if (a.length > b.length) return a.slice(1) === b && word !== `${name}s`;
  if (a.length < b.length) return a === b.slice(1);
  return a.slice(1) === b.slice(1) || (a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2));
}
