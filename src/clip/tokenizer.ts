import { Tokenizer } from '@huggingface/tokenizers';
import { decode } from 'html-entities';
import { PolarError } from '../errors.ts';
import { checkTokenizerParts } from './tokenizer-parts.ts';

/** Turns texts into CLIP token ids, start and end tokens included. */
export interface ClipTokenizer {
  /** Token ids of each text, unpadded. Throws a `PolarError` for a text longer than the model's context. */
  tokenize(texts: readonly string[]): number[][];
}

// Characters: far beyond what any context holds, and read in milliseconds.
const MAX_TEXT = 20_000;

/**
 * A tokenizer from the two JSON files of a Hugging Face CLIP repository.
 *
 * HTML entities are unescaped twice first and white space is trimmed, as CLIP's own tokenizer does; the rest
 * is what `tokenizer.json` says.
 *
 * @param tokenizerJson parsed `tokenizer.json`
 * @param file path of that file, for messages
 * @param contextLength most tokens a text may have, start and end tokens included (77 for OpenAI's models)
 */
export function createTokenizer(tokenizerJson: unknown, file: string, contextLength: number): ClipTokenizer {
  if (typeof tokenizerJson !== 'object' || tokenizerJson === null || !('model' in tokenizerJson)) {
    throw new PolarError(
      `${file}: not a tokenizer (expected an object with a "model"); download the model again`,
      'unreadable',
    );
  }
  checkTokenizerParts(tokenizerJson, file);
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(tokenizerJson, {});
  } catch (error) {
    throw new PolarError(
      `${file}: the tokenizer cannot be read (${String(error)}); download the model again`,
      'unreadable',
    );
  }
  return {
    tokenize: (texts) =>
      texts.map((text) => {
        if (text.length > MAX_TEXT) {
          throw new PolarError(`the text is too long: ${text.length} characters; shorten "${shorten(text)}"`);
        }
        const { ids } = tokenizer.encode(decode(decode(text)).trim());
        if (ids.length > contextLength) {
          throw new PolarError(
            `the text is too long: ${ids.length} tokens, this model takes at most ${contextLength}; shorten "${shorten(text)}"`,
            'too-large',
          );
        }
        return ids;
      }),
  };
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
