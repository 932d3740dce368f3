import { expect, it } from 'vitest';
import type { GraphSession } from '../clip/graphs/graph-session.ts';
import { untilNotFinite } from './half-session.ts';

it('a model that half precision does not hold is run again in full precision, and so is all that follows', async () => {
  const calls: string[] = [];
  // Stand-ins: no GPU here overflows.
  const session = (name: string, values: number[]): GraphSession => ({
    run: async () => {
      calls.push(name);
      return { embedding: Float32Array.of(values.shift()!) };
    },
    release: async () => void calls.push(`${name} released`),
  });
  const both = untilNotFinite(session('half', [1, Number.NaN]), async () => session('full', [2, 3]));
  const found: number[] = [];
  for (let run = 0; run < 3; run++) found.push((await both.run({})).embedding![0]!);
  await both.release();
  expect(found).toEqual([1, 2, 3]);
  expect(calls).toEqual(['half', 'half', 'half released', 'full', 'full', 'full released']);
});
