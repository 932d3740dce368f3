import { expect, it } from 'vitest';
import { describeLeftOut, LEFT_OUT } from '../../../library/left-out.ts';
import { wordsOfLeftOut } from './left-out-words.ts';

it('the page says in English of every reason for leaving files out the same as the commands', () => {
  for (const number of [1, 1234]) {
    const counts = Object.fromEntries(Object.keys(LEFT_OUT).map((reason) => [reason, number]));
    expect(wordsOfLeftOut(counts)).toBe(describeLeftOut(counts));
  }
});
