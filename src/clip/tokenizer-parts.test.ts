import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAMILIES } from './families/describe.ts';
import { createTokenizer } from './tokenizer.ts';
import { checkTokenizerParts } from './tokenizer-parts.ts';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
const own = (name: string) => fileURLToPath(new URL(`../../models/${name}/tokenizer.json`, import.meta.url));
const RULES = FAMILIES.clip.texts({}, '');
const TOYBOX = read(own('toybox'));

const refused = (changes: object, message: RegExp) =>
  expect(() => createTokenizer({ ...TOYBOX, ...changes }, 'x/tokenizer.json', 77, RULES)).toThrow(message);

describe('a tokenizer that comes from somewhere else', () => {
  it.each(['toybox', 'clip'])('%s, which ships with polar, is accepted', (name) => {
    expect(() => checkTokenizerParts(read(own(name)), 'x')).not.toThrow();
  });

  it.each([
    '(a+)+$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(a|aa)+$',
    'a*a*a*a*a*b',
    '.*.*=.*',
    String.raw`(?=(\p{L}+))\1`,
    String.raw`\s*`,
    'a{0,}',
    '',
  ])('a tokenizer with the pattern %j is refused in one line', (Regex) => {
    const pre = {
      type: 'Sequence',
      pretokenizers: [{ type: 'Split', pattern: { Regex }, behavior: 'Removed' }],
    };
    refused(
      { pre_tokenizer: pre },
      /^x\/tokenizer\.json: the pattern "[^\n]*, which polar does not run; choose another/,
    );
    refused({ normalizer: { type: 'Replace', pattern: { Regex }, content: ' ' } }, /the pattern/);
  });

  it.each([
    String.raw`\s+`,
    ' {2,}',
    String.raw`[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_{|}~]`,
    String.raw`\p{P}`,
    String.raw`[\p{L}\p{N}]+`,
  ])('a foreign tokenizer with the pattern %j, one class at a time, is accepted', (Regex) => {
    const normalizer = { type: 'Replace', pattern: { Regex }, content: ' ' };
    expect(() => checkTokenizerParts({ ...TOYBOX, normalizer }, 'x')).not.toThrow();
  });

  it('a foreign tokenizer that lengthens a text without end is refused', () => {
    const grow = { type: 'Replace', pattern: { String: 'a' }, content: 'aa' };
    refused({ normalizer: grow }, /a Replace with the content "aa"/);
    refused({ normalizer: { type: 'Replace', pattern: { String: '' }, content: 'a' } }, /the pattern ""/);
    const many = { type: 'Sequence', normalizers: Array(1000).fill({ type: 'Prepend', prepend: '▁' }) };
    refused({ normalizer: many }, /more than 64 steps/);
  });

  it('a foreign tokenizer with steps, tokens or pieces that would loop for ever is refused', () => {
    refused({ pre_tokenizer: { type: 'FixedLength', length: 0 } }, /a step of the type "FixedLength"/);
    refused({ added_tokens: [{ id: 1, content: '' }] }, /the added token/);
    refused({ model: { type: 'Unigram', unk_id: 0, vocab: [['', 0]] } }, /the piece \["",0\]/);
    refused({ model: { type: 'BPE', vocab: { a: -1 }, merges: [] } }, /the token \["a",-1\]/);
    refused({ model: { type: 'WordPiece', vocab: {} } }, /a model of the type "WordPiece"/);
  });

  it('nested ten thousand deep is refused, not followed', () => {
    let normalizer: object = { type: 'NFC' };
    for (let depth = 0; depth < 10_000; depth++) normalizer = { type: 'Sequence', normalizers: [normalizer] };
    refused({ normalizer }, /more than 64 steps/);
  });

  it('a foreign tokenizer gives no time to a text of a million characters', () => {
    const tokenizer = createTokenizer(TOYBOX, 'x', 77, RULES);
    expect(() => tokenizer.tokenize(['a'.repeat(1e6)])).toThrow(/too long: 1000000 characters; shorten "aaa/);
  });
});
