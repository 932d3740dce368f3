/** Text folded for comparison, with the place of each folded unit in the original. */
export interface Folded {
  readonly text: string;
  /** For each UTF-16 unit of `text`: start of its character in the original, or -1 inside a character's folding. */
  readonly starts: readonly number[];
  /** For each UTF-16 unit of `text`: end of its character in the original, or -1 where more of its folding follows. */
  readonly ends: readonly number[];
}

// White space, or a letter with its marks; those of half-width katakana are letters to Unicode.
const CHARACTER = /\s+|\S[\p{M}\uff9e\uff9f]*/gu;

/**
 * Folds what people write in more than one way: case (Unicode's simple folding), width and composition (NFKC),
 * apostrophes, hyphens and white space.
 */
export function foldText(text: string): Folded {
  const pieces: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const match of text.matchAll(CHARACTER)) {
    const [character] = match;
    const end = match.index + character.length;
    const piece = foldCharacter(character);
    for (let unit = 0; unit < piece.length; unit++) {
      starts.push(unit === 0 ? match.index : -1);
      ends.push(unit === piece.length - 1 ? end : -1);
    }
    pieces.push(piece);
  }
  return { text: pieces.join(''), starts, ends };
}

/** Names that fold to the same text are the same name. */
export const fold = (name: string): string => foldText(name).text.trim();

function foldCharacter(character: string): string {
  if (/^\s/u.test(character)) return ' ';
  const cased = Array.from(character.normalize('NFKC'), (letter) => {
    const upper = letter.toUpperCase();
    return (upper.length === letter.length ? upper : letter).toLowerCase();
  });
  return cased
    .join('')
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u201b\u02bc\u02b9\u00b4\u0060\u2032]/gu, "'")
    .replace(/[\u2010-\u2015\u2212\u00ad]/gu, '-');
}
