import type { FamilyName } from './config.ts';

/**
 * What is done to a text before the tokeniser: `collapse` makes every run of white space one space (CLIP);
 * `canonicalize` also removes ASCII punctuation and lowers the case (SigLIP and SigLIP 2, as OpenCLIP names it).
 */
export type TextCleaning = 'collapse' | 'canonicalize';

// Python's str.split: Unicode's white space and the four separators of ASCII, which JavaScript's \s leaves out.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const WHITE_SPACE = /[\p{White_Space}\u001c-\u001f]+/gu;
// Python's string.punctuation.
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/** Every run of white space as one space, none at the ends. */
export const collapseWhiteSpace = (text: string): string => text.replace(WHITE_SPACE, ' ').trim();

/**
 * A text as the model's training saw texts. Punctuation goes after white space was collapsed, so `a - b` keeps two
 * spaces, as in OpenCLIP.
 */
export function cleanText(text: string, cleaning: TextCleaning): string {
  const collapsed = collapseWhiteSpace(text);
  return cleaning === 'collapse' ? collapsed : collapsed.replace(PUNCTUATION, '').toLowerCase();
}

/** How the programs that a family's models come from (OpenCLIP, immich) clean texts. */
export const cleaningOf = (family: FamilyName): TextCleaning =>
  family === 'siglip' ? 'canonicalize' : 'collapse';
