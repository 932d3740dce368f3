import { createHash } from 'node:crypto';
import { PolarError } from '../errors.ts';

/** One of `count` processes that fill a table together, each with the photos of its own share of the paths. */
export interface Shard {
  /** From 0 to `count` - 1, as the job arrays of schedulers count. */
  readonly index: number;
  readonly count: number;
}

// Tables store a bucket of 31 bits a row, so that a process finds its own rows whatever the number of processes.
const MAX_SHARDS = 100_000;

/**
 * Reads `i/n`.
 *
 * @throws PolarError when it is not a share
 */
export function parseShard(text: string): Shard {
  const [, index, count] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (index === undefined || count === undefined || index >= count || count > MAX_SHARDS) {
    throw new PolarError(
      `--shard ${text}: expected i/n with i from 0 to n-1, for example 0/4, 1/4, 2/4, 3/4`,
    );
  }
  return { index, count };
}

/** A number from 0 to 2^31 - 1 that depends on the path alone and spreads paths evenly. */
export function bucketOf(path: string): number {
  return createHash('sha256').update(path).digest().readUInt32BE() >>> 1;
}

/** Whether a photo is this process's business. */
export const isInShard = (path: string, { index, count }: Shard): boolean => bucketOf(path) % count === index;
