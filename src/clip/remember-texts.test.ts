import { afterAll, beforeAll, expect, it } from 'vitest';
import { TINY_CLIP } from '../../test/data.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { rememberTexts } from './remember-texts.ts';

let clip: Clip;
beforeAll(async () => {
  clip = await loadClip(TINY_CLIP);
});
afterAll(() => clip.close());

/** A clip that remembers, and the texts that it sent through the tower. */
function remembering() {
  const sent: string[][] = [];
  const counted: Clip = {
    ...clip,
    freezeTexts(texts, options) {
      sent.push([...texts]);
      return clip.freezeTexts(texts, options);
    },
  };
  return { sent, remembers: rememberTexts(counted) };
}

it('gives for the first texts exactly the numbers of the model', async () => {
  const texts = ['a photo of sks dog', 'sks dog', 'a photo of sks dog'];
  expect(await remembering().remembers.freezeTexts(texts)).toEqual(await clip.freezeTexts(texts));
});

it('sends a text through the tower once, also where two ask at the same time', async () => {
  const { sent, remembers } = remembering();
  const [both, one] = await Promise.all([
    remembers.freezeTexts(['a dog', 'a red cat']),
    remembers.freezeTexts(['a red cat']),
  ]);
  const again = await remembers.freezeTexts(['a vase', 'a red cat', 'a vase']);
  expect(sent).toEqual([['a dog', 'a red cat'], ['a vase']]);
  const { width } = both;
  expect(one.residual).toEqual(both.residual.subarray(width));
  expect(again.count).toBe(3);
  expect(again.exact.contexts.slice(0, 8)).toEqual(
    again.exact.contexts.slice(-again.exact.contexts.length / 3).slice(0, 8),
  );
  expect(again.released.value.subarray(width, 2 * width)).toEqual(both.released.value.subarray(width));
});

it('goes on after a text that is refused', async () => {
  const { remembers } = remembering();
  await expect(remembers.freezeTexts(['word '.repeat(100)])).rejects.toThrow('the text is too long');
  expect((await remembers.freezeTexts(['a dog'])).count).toBe(1);
});

it('sends texts that are expected through the tower at once, and answers with that run', async () => {
  const { sent, remembers } = remembering();
  remembers.expectTexts!(['a dog', 'a red cat', 'a dog']);
  expect(sent).toEqual([['a dog', 'a red cat']]);
  const texts = ['a dog', 'a red cat'];
  expect(await remembers.freezeTexts(texts)).toEqual(await clip.freezeTexts(texts));
  expect(sent).toEqual([texts]);
});

it('gives exactly the numbers of the model where other texts come than were expected', async () => {
  const { sent, remembers } = remembering();
  remembers.expectTexts!(['a dog', 'a red cat']);
  expect(await remembers.freezeTexts(['a dog'])).toEqual(await clip.freezeTexts(['a dog']));
  await remembers.freezeTexts(['a red cat']);
  expect(sent).toEqual([['a dog', 'a red cat'], ['a dog'], ['a red cat']]);
});

it('tells of an expected text that is refused when it is asked for, and goes on', async () => {
  const { remembers } = remembering();
  const long = ['word '.repeat(100)];
  remembers.expectTexts!(long);
  await expect(remembers.freezeTexts(long)).rejects.toThrow('the text is too long');
  expect((await remembers.freezeTexts(['a dog'])).count).toBe(1);
});
