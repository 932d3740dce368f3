import { setTimeout as sleep } from 'node:timers/promises';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';

// LanceDB rebases most commits of other writers by itself and gives up on the others after a while.
const ATTEMPTS = 10;
const FIRST_WAIT_MS = 50;
const MAX_WAIT_MS = 5000;
// What LanceDB calls a commit that may succeed when it is tried again.
const COLLISION = /retryable commit conflict|commit conflict for version|too many concurrent writers/i;
// What operating systems call a disk, or somebody's share of it, without room: ENOSPC, EDQUOT, Windows' 112.
const FULL = /no space left|disk quota exceeded|not enough space|storage ?full|os error (28|112|122)\b/i;

/**
 * Changes or makes a table, trying again when another process committed a change in between. A change that fails has
 * changed nothing: LanceDB makes it visible in one last step.
 *
 * @throws PolarError when the table cannot be written
 */
export async function commit<T>(change: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change();
    } catch (error) {
      const [line] = String(error).split('\n');
      if (FULL.test(String(error))) {
        throw new PolarError(tell('index.full'), 'unwritable');
      }
      if (!COLLISION.test(line!)) {
        throw new PolarError(tell('index.cannot-write', { why: line! }), 'unwritable');
      }
      if (attempt === ATTEMPTS) {
        throw new PolarError(tell('index.contended', { why: line! }), 'unwritable');
      }
      // A random wait, so that processes that met once do not meet again.
      await sleep(Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * Math.random());
    }
  }
}
