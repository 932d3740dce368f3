import { describe, expect, it } from 'vitest';
import { PROMPT_TEMPLATES, samplePrompts } from '../prompts.ts';
import { PythonRandom } from './python.ts';

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

// Expected values: python3 -c "import random; r = random.Random(S); print([r.random() for _ in range(3)])" and
// random.Random(S).sample(range(N), K) with CPython 3.11; S runs over one, one and two 32-bit digits.
describe.each([
  [0, [0.8444218515250481, 0.7579544029403025, 0.420571580830845]],
  [123, [0.052363598850944326, 0.08718667752263232, 0.4072417636703983]],
  [2 ** 40 + 7, [0.6137037779936511, 0.8149162973309487, 0.9450115087592873]],
])('CPython with seed %i', (seed, floats) => {
  it('the generator draws the same floats as CPython', () => {
    const random = new PythonRandom(seed);
    expect(floats.map(() => random.random())).toEqual(floats);
  });
});

describe('random.sample', () => {
  it.each([
    [0, 13, [6, 12, 0, 4, 8]],
    [0, 5, [3, 4, 0, 1, 2]],
    [0, 1000, [864, 394, 776, 911]],
    [0, 100000, [50494, 99346, 55125, 5306, 33936, 67013, 63691, 53075]],
    [123, 13, [0, 4, 1, 6, 11]],
    [123, 5, [0, 2, 4, 1, 3]],
    [123, 1000, [53, 274, 89, 787]],
    [123, 100000, [6863, 35084, 11427, 53377, 34937, 14116, 5000, 49692]],
    [2 ** 40 + 7, 100000, [80439, 97953, 83823, 74762, 92483, 62380, 32878, 80686]],
  ])(
    'a sample is the same as CPython draws with seed %i of %i, with and without a pool',
    (seed, n, expected) => {
      expect(new PythonRandom(seed).sample(range(n), expected.length)).toEqual(expected);
    },
  );

  it('random.sample refuses to draw more than there is, and seeds that are not whole', () => {
    expect(() => new PythonRandom(0).sample([1, 2], 3)).toThrow(/cannot draw 3 of 2/);
    expect(() => new PythonRandom(0.5)).toThrow(/whole number/);
  });
});

describe('training prompts', () => {
  it('training prompts are different templates with the identifier in place, even one with $ signs', () => {
    const prompts = samplePrompts(13, 'sks $& dog', new PythonRandom(4));
    expect(new Set(prompts).size).toBe(13);
    expect(prompts.every((prompt) => prompt.includes('sks $& dog') && !prompt.includes('*'))).toBe(true);
  });

  it('training prompts are at most as many as there are templates', () => {
    expect(() => samplePrompts(PROMPT_TEMPLATES.length + 1, 'sks', new PythonRandom(0))).toThrow(
      /14 training images, but there are 13 prompts/,
    );
  });
});
