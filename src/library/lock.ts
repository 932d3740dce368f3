import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { PolarError } from '../errors.ts';
import { isRunning, makeFolder } from '../node/files.ts';
import type { PhotoStore } from './photo-store.ts';
import type { Shard } from './shard.ts';

// A writer on another machine that was killed loses its lock after this time; one on this machine at once.
const STALE_MS = 15_000;

/**
 * Makes this process the one writer of a local store, or of its share of it; readers are never in the way. An object
 * store has no lock: LanceDB's commits are atomic there too, and the shares keep writers apart.
 *
 * @returns gives the lock back
 * @throws PolarError when another process is writing
 */
export async function lockStore(store: PhotoStore, shard?: Shard): Promise<() => Promise<void>> {
  if (store.isRemote) return async () => {};
  await makeFolder(store.uri);
  const name = shard === undefined ? '.writer' : `.writer-${shard.index}-of-${shard.count}`;
  const lockfilePath = join(store.uri, `${name}.lock`);
  const ownerFile = join(store.uri, `${name}.json`);
  const acquire = () => lock(store.uri, { lockfilePath, stale: STALE_MS });
  let release: () => Promise<void>;
  try {
    release = await acquire();
  } catch {
    if (!(await ownerIsDead(ownerFile))) throw busy(store.uri);
    await rm(lockfilePath, { recursive: true, force: true });
    release = await acquire().catch(() => {
      throw busy(store.uri);
    });
  }
  await writeFile(ownerFile, JSON.stringify({ pid: process.pid, host: hostname() }));
  return async () => {
    await rm(ownerFile, { force: true });
    await release().catch(() => {});
  };
}

function busy(uri: string): PolarError {
  return new PolarError(
    `${uri}: another "polar index" is writing here; wait until it is done (after a crash on another machine: ${STALE_MS / 1000} seconds)`,
  );
}

async function ownerIsDead(ownerFile: string): Promise<boolean> {
  try {
    const owner = JSON.parse(await readFile(ownerFile, 'utf8')) as { pid: number; host: string };
    return owner.host === hostname() && !isRunning(owner.pid);
  } catch {
    return false;
  }
}
