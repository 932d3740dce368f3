import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeWithShared, shared } from '../../test/shared.ts';
import { createTokenizer } from './tokenizer.ts';

interface GoldenTokens {
  text: string;
  tokens?: number[];
  error?: string;
}

it('refuses a file that is not a tokenizer', () => {
  expect(() => createTokenizer({ vocab: {} }, 'x/tokenizer.json', 77)).toThrow(/x\/tokenizer.json: not a/);
});

describeWithShared('the tokenizer and the golden tokens', () => {
  const file = shared('golden/tiny-clip/tokenizer.json');
  const tokenizer = createTokenizer(JSON.parse(readFileSync(file, 'utf8')), file, 77);
  const golden = JSON.parse(readFileSync(shared('golden/tokens.json'), 'utf8')) as GoldenTokens[];

  it.each(golden.filter((line) => line.tokens !== undefined))('equal for $text', ({ text, tokens }) => {
    expect(tokenizer.tokenize([text])[0]).toEqual(tokens);
  });

  it.each(golden.filter((line) => line.error !== undefined))(
    'says how long a text over 77 tokens is',
    ({ text }) => {
      expect(() => tokenizer.tokenize([text])).toThrow(/too long: \d+ tokens, this model takes at most 77/);
    },
  );
});
