import { describe, expect, it } from 'vitest';
import { type Candidate, chooseCandidate } from './default-model.ts';

const candidate = (id: string, quality: number | null, billions: number): Candidate => ({
  id,
  name: `${id}@x`,
  quality,
  flops: billions * 1e9,
});
const LARGE = candidate('openai/clip-vit-large-patch14-336', 60.3, 382);
const SIGLIP2 = candidate('google/siglip2-base-patch16-224', 75.2, 35);
const SMALL = candidate('openai/clip-vit-base-patch32', 59.4, 9);
const OWN = candidate('me/own', null, 9);
const TWO_CORES = 60e9; // operations a second

describe('the choice between several models', () => {
  it('the choice between several models takes the best one that reads the library in two hours, not the slowest that finds no better', () => {
    const { name, reason } = chooseCandidate([LARGE, SMALL, SIGLIP2], TWO_CORES, 10_000);
    expect(name).toBe('google/siglip2-base-patch16-224@x');
    expect(reason).toBe(
      'Using google/siglip2-base-patch16-224 of 3 models in the cache: about 1.6 h for 10,000 photos on this machine; openai/clip-vit-base-patch32 would take 25 min. Another one: --model, or POLAR_MODEL.',
    );
  });

  it('the choice between several models gives way to a faster one where the library is large', () => {
    const { name, reason } = chooseCandidate([LARGE, SMALL, SIGLIP2], TWO_CORES, 30_000);
    expect(name).toBe('openai/clip-vit-base-patch32@x');
    expect(reason).toMatch(
      /about 75 min for 30,000 photos on this machine; google\/siglip2\S+ would take 4\.9 h\./,
    );
  });

  it('the choice between several models takes the fastest where none is fast enough, and says how long it takes', () => {
    const { name, reason } = chooseCandidate([LARGE, SIGLIP2], TWO_CORES, 300_000);
    expect(name).toBe('google/siglip2-base-patch16-224@x');
    expect(reason).toMatch(/about 2 days for 300,000 photos/);
  });

  it('on a fast machine takes the best whatever it costs', () => {
    expect(chooseCandidate([LARGE, SMALL], 5e12, 30_000).name).toBe(LARGE.name);
  });

  it('the choice between several models takes a model of which nothing is published last', () => {
    expect(chooseCandidate([OWN, SMALL], TWO_CORES, 100).name).toBe(SMALL.name);
  });
});
