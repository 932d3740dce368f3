import { Tokenizer } from '@huggingface/tokenizers';
import { decode } from 'html-entities';
import { PolarError } from '../errors.ts';
import type { TextRules } from './config.ts';
import { checkTokenizerParts } from './tokenizer-parts.ts';

/** Turns texts into token ids, start and end tokens included. */
export interface ClipTokenizer {
  /** Token ids of each text, unpadded. Throws a `PolarError` for a text that is too long, unless it is to be cut. */
  tokenize(texts: readonly string[]): number[][];
  /** Whether a text has more tokens than the context, in a family that cuts it there. */
  isCut(text: string): boolean;
}

// Characters: far beyond what any context holds, and read in milliseconds.
const MAX_TEXT = 20_000;

/**
 * A tokenizer from a model's `tokenizer.json`, with what its family does to a text before and after.
 *
 * @param tokenizerJson parsed `tokenizer.json`
 * @param file path of that file, for messages
 * @param contextLength most tokens a text may have, start and end tokens included (77 for OpenAI's models)
 * @param rules how the model's family prepares texts
 */
export function createTokenizer(
  tokenizerJson: unknown,
  file: string,
  contextLength: number,
  rules: TextRules,
): ClipTokenizer {
  if (typeof tokenizerJson !== 'object' || tokenizerJson === null || !('model' in tokenizerJson)) {
    throw new PolarError(
      `${file}: not a tokenizer (expected an object with a "model"); download the model again`,
      'unreadable',
    );
  }
  checkTokenizerParts(tokenizerJson, file);
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(withReadableSplits(tokenizerJson), {});
  } catch (error) {
    throw new PolarError(
      `${file}: the tokenizer cannot be read (${String(error)}); download the model again`,
      'unreadable',
    );
  }
  const encode = (text: string): number[] => {
    if (text.length > MAX_TEXT) {
      throw new PolarError(
        `the text is too long: ${text.length} characters; shorten "${shorten(text)}"`,
        'too-large',
      );
    }
    return tokenizer.encode(CLEAN[rules.cleaning](text)).ids;
  };
  return {
    isCut: (text) => rules.cutWith !== null && encode(text).length > contextLength,
    tokenize: (texts) =>
      texts.map((text) => {
        const ids = encode(text);
        if (ids.length > contextLength) {
          if (rules.cutWith !== null) return [...ids.slice(0, contextLength - 1), rules.cutWith];
          throw new PolarError(
            `the text is too long: ${ids.length} tokens, this model takes at most ${contextLength}; shorten "${shorten(text)}"`,
            'too-large',
          );
        }
        return ids;
      }),
  };
}

/** Regular expressions for an empty place before or after a string. */
const SIDES: Readonly<Record<string, (literal: string) => string>> = {
  MergedWithNext: (literal) => `(?=${literal})`,
  MergedWithPrevious: (literal) => `(?<=${literal})`,
};

interface Step {
  readonly type?: unknown;
  readonly pattern?: { readonly String?: unknown };
  readonly behavior?: unknown;
  readonly invert?: unknown;
  readonly pretokenizers?: unknown;
}

/**
 * The tokenizer with splits that keep what they split at, as Gemma's, written as splits at an empty place: the library
 * takes such a separator for a token of its own.
 */
function withReadableSplits(tokenizer: object): object {
  const mend = (step: Step | null | undefined): unknown => {
    if (Array.isArray(step?.pretokenizers)) {
      return { ...step, pretokenizers: (step.pretokenizers as Step[]).map(mend) };
    }
    const literal = step?.pattern?.String;
    const side = SIDES[String(step?.behavior)];
    if (step?.type !== 'Split' || typeof literal !== 'string' || side === undefined || step.invert === true) {
      return step;
    }
    const Regex = side(literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
    return { ...step, pattern: { Regex }, behavior: 'Removed' };
  };
  const { pre_tokenizer: step } = tokenizer as { pre_tokenizer?: Step | null };
  return { ...tokenizer, pre_tokenizer: mend(step) };
}

/** What is done to a text before `tokenizer.json`. */
const CLEAN: Readonly<Record<TextRules['cleaning'], (text: string) => string>> = {
  // As CLIP's own tokenizer: HTML entities are unescaped twice and white space is trimmed.
  clip: (text) => decode(decode(text)).trim(),
  'lower case': (text) => text.toLowerCase(),
  none: (text) => text,
};

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
