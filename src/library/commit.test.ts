import { expect, it } from 'vitest';
import { commit } from './commit.ts';

const failing = (times: number, message: string) => {
  let calls = 0;
  return async () => {
    calls++;
    if (calls <= times) throw new Error(message);
    return calls;
  };
};

it('a commit that met another one is tried again', async () => {
  const collision = 'lance error: Retryable commit conflict for version 7: preempted\nmore';
  expect(await commit(failing(2, collision))).toBe(3);
});

it('a commit that fails for another reason is not, and the reason is said in one line', async () => {
  await expect(commit(failing(1, 'No space left on device\nsecond line'))).rejects.toThrow(
    /^the index cannot be written \(Error: No space left on device\); is the disk full\? What was done before is kept$/,
  );
});
