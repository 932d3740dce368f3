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
  await expect(commit(failing(1, 'Permission denied (os error 13)\nsecond line'))).rejects.toThrow(
    /^the index cannot be written \(Error: Permission denied \(os error 13\)\); check that its folder may be written to; what was done before is kept$/,
  );
});

it('a disk without room is named, wherever in the words of LanceDB it stands', async () => {
  for (const words of [
    'lance error: LanceError(IO): No space left on device (os error 28), lance-file-8.0.0/src/writer.rs:389:9',
    'Failed to execute merge insert: GenericFailure\nCaused by: Unable to copy data to file (os error 28)',
    'LanceError(IO): Disk quota exceeded (os error 122)',
  ]) {
    await expect(commit(failing(1, words)), words).rejects.toThrow(
      /^the index cannot be written: no space left on its disk; make room and run the command again, what was done before is kept$/,
    );
  }
  await expect(commit(failing(1, 'os error 280'))).rejects.toThrow(/os error 280/);
});
