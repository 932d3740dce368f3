/** Where a name stands in a sentence. */
export interface Mention {
  /** Of the name, in the list that was looked for. */
  readonly index: number;
  /** From `start` to before `end`, in UTF-16 units of the sentence. */
  readonly start: number;
  readonly end: number;
}

/**
 * Finds names in a sentence, in any case, as whole words (a possessive `'s` or a plural `s` may follow). Where names
 * overlap the longest wins.
 *
 * @param sentence in Unicode's composed form (NFC), so that the places are right
 */
export function findMentions(sentence: string, names: readonly string[]): Mention[] {
  if (names.length === 0) return [];
  const longestFirst = names.map((_, index) => index).sort((i, j) => names[j]!.length - names[i]!.length);
  const word = '[\\p{L}\\p{M}\\p{N}_]';
  // One group a name says which one was met, since Unicode has more ways to fold case than one.
  const groups = longestFirst.map((index) => `(${toPattern(names[index]!)})`).join('|');
  const pattern = new RegExp(`(?<!${word})(?:${groups})(?=s?(?!${word}))`, 'giu');
  return Array.from(sentence.matchAll(pattern), (match) => {
    const group = match.slice(1).findIndex((part) => part !== undefined);
    return { index: longestFirst[group]!, start: match.index, end: match.index + match[0].length };
  });
}

/** Names that differ only in case, in white space or in how accents are coded are the same. */
export const fold = (name: string): string => name.normalize('NFC').toLowerCase().trim().replace(/\s+/g, ' ');

function toPattern(name: string): string {
  const quoted = name
    .normalize('NFC')
    .trim()
    .replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return quoted.replace(/\s+/g, '\\s+');
}
