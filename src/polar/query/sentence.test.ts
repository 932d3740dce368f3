import { describe, expect, it } from 'vitest';
import { CONCEPT } from '../concept/concept.fixture.ts';
import { personalSentence, plainSentence } from './sentence.ts';

const concept = (name: string, identifier = `sks ${name.toLowerCase()}`) => ({
  ...CONCEPT,
  name,
  identifier,
});
const known = [
  concept('Rex', 'sks dog'),
  concept('Rex Junior', 'sks puppy'),
  concept('Großmutter', 'sks woman'),
  concept('Mr. B (old)', 'sks man'),
];

describe('names in a sentence', () => {
  it.each([
    ['Rex on the beach', 'sks dog on the beach', ['Rex']],
    ['a photo of REX', 'a photo of sks dog', ['Rex']],
    ["Rex's ball", "sks dog's ball", ['Rex']],
    ['rex and GROSSMUTTER', 'sks dog and GROSSMUTTER', ['Rex']],
    [
      'großmutter with Rex, rex and Rex',
      'sks woman with sks dog, sks dog and sks dog',
      ['Großmutter', 'Rex'],
    ],
    ['Rex junior sleeps', 'sks puppy sleeps', ['Rex Junior']],
    ['Rex  Junior and Rex', 'sks puppy and sks dog', ['Rex Junior', 'Rex']],
    ['T-Rex, rexine, Alrex', 'T-sks dog, rexine, Alrex', ['Rex']],
    ['Mr. B (old)', 'sks man', ['Mr. B (old)']],
    ['Gro\u00dfmutter', 'sks woman', ['Großmutter']],
    ['nobody here', 'nobody here', []],
  ])('every name is replaced by its identifier in "%s"', (sentence, text, names) => {
    const result = personalSentence(sentence, known);
    expect(result.text).toBe(text);
    expect(result.concepts.map(({ name }) => name)).toEqual(names);
  });

  it('every name is found in its own spelling, whatever its alphabet makes of case', () => {
    for (const name of ['İpek', 'Νίκοσ', 'Jess', 'ﬁfi', 'Ǆ', 'Straße', 'ẞ']) {
      const odd = [concept(name, 'sks thing'), concept('Rex', 'sks dog')];
      expect(personalSentence(`${name} and REX`, odd).text, name).toBe('sks thing and sks dog');
    }
    expect(personalSentence('Νίκος', [concept('Νίκοσ', 'sks man')]).text).toBe('sks man');
    expect(personalSentence('je\u017f\u017f', [concept('Jess', 'sks cat')]).text).toBe('sks cat');
  });

  it('two dogs share an identifier and stay two concepts', () => {
    const dogs = [concept('Rex', 'sks dog'), concept('Fido', 'sks dog')];
    expect(personalSentence('Rex and Fido', dogs).concepts).toHaveLength(2);
  });

  it('plain CLIP reads the class in place of a name, and the name where there is no class', () => {
    const things = [
      { ...concept('Rex'), className: 'dog' },
      { ...concept('Mimi'), className: null },
    ];
    expect(plainSentence("rex's ball, REX and mimi", things)).toEqual({
      text: "dog's ball, dog and mimi",
      concepts: [],
    });
  });

  it('without concepts the sentence stays as it is', () => {
    expect(personalSentence('Rex', [])).toEqual({ text: 'Rex', concepts: [] });
  });
});
