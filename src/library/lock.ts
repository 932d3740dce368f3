import { join } from 'node:path';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import { makeFolder } from '../node/files.ts';
import { type Lock, takeLock } from '../node/lock.ts';
import type { PhotoStore } from './photo-store.ts';
import type { Shard } from './shard.ts';

/**
 * Makes this process the one writer of a local store, or of its share of it; readers are never in the way. An object
 * store has no lock: LanceDB's commits are atomic there too, and the shares keep writers apart.
 *
 * @throws PolarError when another process is writing, or nothing can be written there
 */
export async function lockStore(store: PhotoStore, shard?: Shard): Promise<Lock> {
  if (store.isRemote)
    return { lost: new AbortController().signal, check: async () => {}, release: async () => {} };
  await makeFolder(store.uri);
  const name = shard === undefined ? '.writer' : `.writer-${shard.index}-of-${shard.count}`;
  const lock = await takeLock(join(store.uri, `${name}.lock`));
  if (lock === undefined) {
    throw new PolarError(`${store.uri}: ${tell('job.lock')}`, 'busy');
  }
  return lock;
}
