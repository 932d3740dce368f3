import { expect, it } from 'vitest';
import { readingNotes } from './reading-notes.ts';

it.each([
  ['it may rain', ['May'], ['"may" is read as a word; write May for the learnt thing']],
  ['Belal on the beach', ['Bella'], ['"Belal" is not a learnt thing; did you mean Bella?']],
  [
    'bela and bellla',
    ['Bella'],
    [
      '"bela" is not a learnt thing; did you mean Bella?',
      '"bellla" is not a learnt thing; did you mean Bella?',
    ],
  ],
  ['a photo of Fido', ['Bella'], ['no learnt thing is called "Fido"']],
  ['Bella and Fido', ['Bella'], []],
  ['Bellas ball', ['Bella'], []],
  ['A red ball in the snow', ['Bella', 'Rex'], []],
  ['a photo of Fido', [], []],
])('"%s" is explained where a name in it was not recognised', (sentence, names, notes) => {
  expect(readingNotes(sentence, names)).toEqual(notes);
});
