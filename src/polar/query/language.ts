import type { ClipConfig } from '../../clip/index.ts';
import { tell } from '../../messages.ts';

// CLIP's vocabulary has 49,408 tokens and SigLIP's English one 32,000, those of many languages (SigLIP 2, MetaCLIP 2,
// SigLIP i18n) at least 250,000.
const MANY_LANGUAGES = 100_000;

/** Whether a model was trained on texts in many languages, told by the size of its vocabulary. */
export const readsManyLanguages = ({ text }: Pick<ClipConfig, 'text'>): boolean =>
  text.vocabulary >= MANY_LANGUAGES;

/**
 * A line for a sentence in another script than Latin that an English-only model is asked with. Languages that are
 * written in Latin letters are not told from English: a guess would be wrong for names and short sentences.
 *
 * @param text what the model reads, with the names of learnt things replaced
 * @returns undefined where there is nothing to say
 */
export function languageNote(config: Pick<ClipConfig, 'text'>, text: string): string | undefined {
  if (readsManyLanguages(config)) return undefined;
  const letters = [...text.matchAll(/\p{L}/gu)];
  const other = letters.filter(([letter]) => !/\p{Script=Latin}/u.test(letter));
  if (other.length === 0) return undefined;
  return tell('note.english', { model: 'ViT-B-16-SigLIP2__webli' });
}
