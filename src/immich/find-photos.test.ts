import { expect, it } from 'vitest';
import { collapseWhiteSpace } from '../clip/clean-text.ts';
import { findMentions } from '../polar/query/mentions.ts';
import { respell } from './find-photos.ts';

it('a sentence is written in another way that names the same and reads the same', () => {
  const names = ['Rex', 'İpek', 'Straße'];
  const sentence = 'Rex and İpek in the Straße';
  const spellings = new Set<string>();
  for (let turn = 0; turn < 200; turn++) {
    const text = respell(sentence, names);
    spellings.add(text);
    expect(
      findMentions(text, names).map(({ index }) => index),
      text,
    ).toEqual([0, 1, 2]);
    const collapsed = collapseWhiteSpace(text);
    expect(collapsed.toLowerCase()).toBe(sentence.toLowerCase());
    expect(collapsed).toMatch(/ and .* in the /); // only names change their capitals
    expect(text).toBe(text.trim()); // immich cuts spaces at the ends
  }
  expect(spellings.size).toBeGreaterThan(20);
  expect(new Set(Array.from({ length: 200 }, () => respell('Rex', ['Rex']))).size).toBe(8);
});
