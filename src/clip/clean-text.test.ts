import { expect, it } from 'vitest';
import { cleaningOf, cleanText } from './clean-text.ts';

it.each([
  ['  Rex \t in\nthe\u00a0snow\u3000 ', 'Rex in the snow'],
  ['a\u001cb\u0085c\u2028d', 'a b c d'],
  ["Rex's ball!", "Rex's ball!"],
  ['', ''],
])('CLIP reads %j with its white space collapsed and nothing else changed', (text, expected) => {
  expect(cleanText(text, 'collapse')).toBe(expected);
});

it.each([
  ["Rex's  BALL!", 'rexs ball'],
  ['a - b', 'a  b'],
  ['!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', ''],
  ['Ärger, «zitiert» – 5 €', 'ärger «zitiert» – 5 €'],
])('SigLIP reads %j in lower case and without ASCII punctuation', (text, expected) => {
  expect(cleanText(text, 'canonicalize')).toBe(expected);
});

it('SigLIP texts lose their punctuation, those of every other family keep it', () => {
  expect(cleaningOf('siglip')).toBe('canonicalize');
  for (const family of ['clip', 'metaclip_2', 'open_clip'] as const)
    expect(cleaningOf(family)).toBe('collapse');
});
