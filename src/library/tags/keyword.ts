import { PolarError, quote } from '../../errors.ts';

/** A keyword, with the keywords above it: `Pets/Rex` is `['Pets', 'Rex']`. */
export type Keyword = readonly string[];

const MAX_PARTS = 10;
const MAX_LETTERS = 60;
// What XML 1.0 cannot hold, and the sign that Lightroom puts between the levels.
const FORBIDDEN = /[\p{Cc}\p{Cs}\uFFFE\uFFFF|]/u;

/**
 * Reads a keyword as digiKam writes it, with `/` between the levels.
 *
 * @throws PolarError when it is empty, too long or holds signs that sidecars cannot
 */
export function parseKeyword(text: string): Keyword {
  const parts = text.split('/').map((part) => part.trim().normalize('NFC'));
  const isGood = parts.every((part) => part !== '' && part.length <= MAX_LETTERS && !FORBIDDEN.test(part));
  if (isGood && parts.length <= MAX_PARTS) return parts;
  throw new PolarError(
    `the keyword ${quote(text)} cannot be used; expected 1 to ${MAX_LETTERS} letters without |, or such words with / between them, as Pets/Rex`,
  );
}
