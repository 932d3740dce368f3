import { expect, it } from 'vitest';
import { languageNote } from './language.ts';

const english = { text: { vocabulary: 49_408 } } as Parameters<typeof languageNote>[0];
const many = { text: { vocabulary: 256_000 } } as Parameters<typeof languageNote>[0];

it.each(['сабака ў снезе', 'ein Hund und 小白', '雪の中の犬', 'σκύλος'])(
  '%s: an English-only model says that it reads English, one of many languages says nothing',
  (sentence) => {
    expect(languageNote(english, sentence)).toMatch(/^this model reads English; .* ViT-B-16-SigLIP2__webli/);
    expect(languageNote(many, sentence)).toBeUndefined();
  },
);

it.each(['a dog in the snow', 'un chien à la crème brûlée', 'sks dog, 3 of them!', '☃ 🐕', ''])(
  '%j, in Latin letters or none, is read as it is',
  (sentence) => {
    expect(languageNote(english, sentence)).toBeUndefined();
  },
);
