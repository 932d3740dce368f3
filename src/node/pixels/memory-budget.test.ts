import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { MemoryBudget } from './memory-budget.ts';

it('a budget is never exceeded, and everybody gets a turn in the order of asking', async () => {
  const budget = new MemoryBudget(100);
  const begun: number[] = [];
  let held = 0;
  let most = 0;
  const sizes = [60, 60, 10, 100, 40, 1000, 5];
  await Promise.all(
    sizes.map((bytes, index) =>
      budget.use(bytes, async () => {
        begun.push(index);
        held += Math.min(bytes, 100);
        most = Math.max(most, held);
        await sleep(5);
        held -= Math.min(bytes, 100);
      }),
    ),
  );
  expect(most).toBeLessThanOrEqual(100);
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

it('work that fails gives its bytes back', async () => {
  const budget = new MemoryBudget(1);
  await expect(budget.use(1, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await budget.use(1, async () => 'next')).toBe('next');
});
