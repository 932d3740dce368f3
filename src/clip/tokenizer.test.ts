import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { golden, TINY_CLIP } from '../../test/data.ts';
import { FAMILIES } from './families/describe.ts';
import { createTokenizer } from './tokenizer.ts';

const RULES = FAMILIES.clip.texts({}, '');

interface GoldenTokens {
  text: string;
  tokens?: number[];
  error?: string;
}

it('refuses a file that is not a tokenizer', () => {
  expect(() => createTokenizer({ vocab: {} }, 'x/tokenizer.json', 77, RULES)).toThrow(
    /x\/tokenizer.json: not a/,
  );
});

describe('the tokenizer and the golden tokens', () => {
  const file = join(TINY_CLIP, 'tokenizer.json');
  const tokenizer = createTokenizer(JSON.parse(readFileSync(file, 'utf8')), file, 77, RULES);
  const lines = JSON.parse(readFileSync(golden('tokens.json'), 'utf8')) as GoldenTokens[];

  it.each(lines.filter((line) => line.tokens !== undefined))(
    'the tokens are equal for $text',
    ({ text, tokens }) => {
      expect(tokenizer.tokenize([text])[0]).toEqual(tokens);
    },
  );

  it.each(lines.filter((line) => line.error !== undefined))(
    'says how long a text over 77 tokens is',
    ({ text }) => {
      expect(() => tokenizer.tokenize([text])).toThrow(/too long: \d+ tokens, this model takes at most 77/);
    },
  );
});
