import { describe, expect, it } from 'vitest';
import { fold } from './fold.ts';
import { findMentions, findReadings } from './mentions.ts';

/** The names found in a sentence, as they are written there. */
const found = (sentence: string, ...names: string[]): string[] =>
  findMentions(sentence, names).map(({ start, end }) => sentence.slice(start, end));

describe('findMentions', () => {
  it.each([
    ['小白在雪地里', '小白', ['小白']],
    ['我家的小白和Rex在海边', '小白', ['小白']],
    ['我家的小白和Rex在海边', 'Rex', ['Rex']],
    ['ポチが雪の中で走る', 'ポチ', ['ポチ']],
    ['ﾎﾟﾁが走る', 'ポチ', ['ﾎﾟﾁ']],
    ['โบโบ้เล่นหิมะ', 'โบโบ้', ['โบโบ้']],
    ['바둑이가 눈밭에서 뛴다', '바둑이', ['바둑이']],
    ['Ｒｅｘ in the snow', 'Rex', ['Ｒｅｘ']],
  ])('a script without spaces, or another width, holds a name: %s', (sentence, name, names) => {
    expect(found(sentence, name)).toEqual(names);
  });

  it.each([
    ['小白菜的照片', '小白'], // pak choi
    ['ポチャッコの写真', 'ポチ'],
    ['보리차 한 잔', '보리'], // barley tea
  ])('a longer word of the language is not the name in it: %s', (sentence, name) => {
    expect(found(sentence, name)).toEqual([]);
  });

  it.each([
    ['O’Brien at the beach', "O'Brien", ['O’Brien']],
    ["o'brien's boat", 'O’Brien', ["o'brien"]],
    ['Anna‑Lena on the sofa', 'Anna-Lena', ['Anna‑Lena']],
    ["une photo d'Oscar", 'Oscar', ['Oscar']],
    ["la palla dell'Ugo", 'Ugo', ['Ugo']],
    ["Rex' ball and Rex’s bowl", 'Rex', ['Rex', 'Rex']],
  ])('apostrophes and hyphens may be written in any way: %s', (sentence, name, names) => {
    expect(found(sentence, name)).toEqual(names);
  });

  it.each([
    ["I can't find it", 'T'],
    ['a T-shirt', 'T'],
    ["don't", 'Don'],
    ["O'Brien", 'O'],
    ['he’s here', 'S'],
  ])('a part of a word is not a name: %s', (sentence, name) => {
    expect(found(sentence, name)).toEqual([]);
  });

  it('a name that is also a word counts where it is capitalised or begins the sentence', () => {
    expect(found('it may rain', 'May')).toEqual([]);
    expect(found('May in the garden', 'May')).toEqual(['May']);
    expect(found('may in the garden', 'May')).toEqual(['may']);
    expect(found('it may rain on May', 'May')).toEqual(['May']);
    expect(found('a bear in the snow', 'Bear', 'Snow')).toEqual([]);
    expect(found('a photo of may', 'may')).toEqual(['may']); // learnt without a capital
    expect(findReadings('it may rain', ['May'])).toEqual([{ index: 0, start: 3, end: 6, asWord: true }]);
  });

  it('takes time in proportion to the sentence', () => {
    const sentence = 'rex '.repeat(20_000);
    expect(findMentions(sentence, ['Rex'])).toHaveLength(20_000);
  });
});

it('names that differ in case, width, accents, apostrophes, hyphens or spaces are the same', () => {
  expect(fold(' Anna‑Lena  O’Brien ')).toBe(fold("ANNA-LENA O'BRIEN"));
  expect(fold('Zoe\u0301')).toBe(fold('Zo\u00e9'));
  expect(fold('Ｒｅｘ')).toBe('rex');
});
