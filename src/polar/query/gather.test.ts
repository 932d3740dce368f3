import { expect, it } from 'vitest';
import { gather } from './gather.ts';

it('items that arrive while a run is under way share the next one, in order of arrival', async () => {
  const runs: number[][] = [];
  const double = gather(3, async (items: readonly number[]) => {
    runs.push([...items]);
    await new Promise((resolve) => setTimeout(resolve, 1));
    return items.map((item) => 2 * item);
  });
  expect(await Promise.all([1, 2, 3, 4, 5].map(double))).toEqual([2, 4, 6, 8, 10]);
  expect(runs).toEqual([[1], [2, 3, 4], [5]]);
});

it('a run that fails rejects its own items only', async () => {
  const work = gather(2, async (items: readonly number[]) => {
    if (items.includes(3)) throw new Error('three');
    return items;
  });
  const settled = await Promise.allSettled([1, 2, 3, 4].map(work));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
});
