import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import { cannotWrite } from './files.ts';
import { isAlive, type ProcessIdentity, thisProcess } from './process-identity.ts';

/** A lock that this process holds. */
export interface Lock {
  /** Aborted, with a `PolarError`, when the lock was taken over or its file removed. */
  readonly lost: AbortSignal;
  /** Looks now. @throws PolarError when the lock is lost */
  check(): Promise<void>;
  release(): Promise<void>;
}

export interface LockOptions {
  /**
   * What to do while another process holds the lock: look once (`never` wait); wait until it is sure that the holder
   * lives, at most `deadMs` (`untilSure`); or wait until the lock is free.
   *
   * @default 'untilSure'
   */
  readonly wait?: 'never' | 'untilSure' | 'untilFree';
  /**
   * For how long a holder whose death cannot be proven, as on another machine, has shown nothing when it is dead.
   *
   * @default DEAD_MS
   */
  readonly deadMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How often a holder shows that it lives. */
const BEAT_MS = 2000;
/** Five beats, of which a busy disk or network may lose some. */
const DEAD_MS = 10_000;
const SWEPT_AT_MOST = 5; // where a folder can be made at all
const LOOK_AGAIN_MS = { first: 10, most: 500 };

/**
 * Takes a lock, also one whose holder has died; of several processes that try exactly one gets it.
 *
 * The lock is a folder with one file, named by a token that is never used again, which says who holds it. Every step
 * is atomic: a folder made ready beside is renamed to the lock's name, which fails where a folder with a file is; a
 * dead holder's file is removed by its token, which cannot hit the lock of anybody else, and an empty folder is free.
 * No clock is compared with another: a file's time only has to change.
 *
 * @returns undefined while a living process holds it
 * @throws PolarError when nothing can be written there
 */
export async function takeLock(path: string, options: LockOptions = {}): Promise<Lock | undefined> {
  const { wait = 'untilSure', deadMs = DEAD_MS, signal } = options;
  let swept = 0;
  let seen: { token: string; beat: number; since: number } | undefined;
  for (let pause = LOOK_AGAIN_MS.first; ; pause = Math.min(2 * pause, LOOK_AGAIN_MS.most)) {
    signal?.throwIfAborted();
    const token = await tryTake(path).catch((error: unknown) => {
      // The new holder may have removed the folder that this one was making ready.
      const isSwept = (error as NodeJS.ErrnoException).code === 'ENOENT' && swept++ < SWEPT_AT_MOST;
      if (!isSwept) throw cannotWrite(path, error);
      return undefined;
    });
    if (token !== undefined) return hold(path, token);
    const holder = await readHolder(path);
    if (holder === undefined) continue; // given back just now
    let alive = holder.identity === undefined ? undefined : await isAlive(holder.identity);
    if (alive === undefined && wait !== 'never') {
      if (seen?.token !== holder.token) {
        seen = { token: holder.token, beat: holder.beat, since: performance.now() };
      } else if (seen.beat !== holder.beat) {
        alive = true;
        seen = { ...seen, beat: holder.beat, since: performance.now() };
      } else if (performance.now() - seen.since > deadMs) alive = false;
    }
    if (alive === false) {
      await rm(join(path, holder.token), { recursive: true, force: true });
      continue;
    }
    if (wait === 'never' || (wait === 'untilSure' && alive)) return undefined;
    await sleep(pause, undefined, { signal });
  }
}

/** Takes a lock as soon as no living process holds it. */
export async function waitForLock(path: string, signal?: AbortSignal): Promise<Lock> {
  for (;;) {
    const lock = await takeLock(path, { wait: 'untilFree', signal });
    if (lock !== undefined) return lock;
  }
}

/** @returns the token under which this process holds the lock now */
async function tryTake(path: string): Promise<string | undefined> {
  const token = randomUUID();
  const ready = `${path}.${token}`;
  try {
    await mkdir(ready);
    await writeFile(join(ready, token), JSON.stringify(thisProcess()));
    // Where an empty folder cannot be renamed over (Windows), it is removed first; one with a file stays.
    if (!(await renamed(ready, path))) {
      await rmdir(path).catch(() => {});
      if (!(await renamed(ready, path))) return undefined;
    }
    return token;
  } finally {
    await rm(ready, { recursive: true, force: true }).catch(() => {});
  }
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || (code === 'EPERM' && process.platform === 'win32')) {
      return false;
    }
    throw error;
  }
}

interface Holder {
  readonly token: string;
  /** Undefined where the file does not say it. */
  readonly identity: ProcessIdentity | undefined;
  /** Time of the file; changes as long as the holder lives. */
  readonly beat: number;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const [token] = await readdir(path);
    if (token === undefined) return undefined;
    const file = join(path, token);
    const { mtimeMs: beat } = await stat(file);
    const text = await readFile(file, 'utf8').catch(() => '');
    return { token, identity: parseIdentity(text), beat };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cannotWrite(path, error);
  }
}

function parseIdentity(text: string): ProcessIdentity | undefined {
  try {
    const found = JSON.parse(text) as Partial<ProcessIdentity> | null;
    const isSound =
      typeof found?.machine === 'string' && Number.isInteger(found.pid) && typeof found.started === 'string';
    return isSound ? (found as ProcessIdentity) : undefined;
  } catch {
    return undefined;
  }
}

function hold(path: string, token: string): Lock {
  const file = join(path, token);
  const lost = new AbortController();
  const beat = async (): Promise<void> => {
    const now = new Date();
    await utimes(file, now, now).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return; // a disk that stumbles: the next beat may pass
      clearInterval(timer);
      lost.abort(new PolarError(`${path}: ${tell('file.lock-lost')}`, 'busy'));
    });
  };
  const timer = setInterval(beat, BEAT_MS);
  timer.unref();
  const swept = sweep(path).catch(() => {}); // leftovers are small and harm nothing
  return {
    lost: lost.signal,
    async check() {
      await beat();
      lost.signal.throwIfAborted();
    },
    async release() {
      clearInterval(timer);
      await swept;
      await rm(file, { force: true }).catch(() => {});
      await rmdir(path).catch(() => {}); // somebody else has it already
    },
  };
}

/** Removes what processes left that were killed while they tried to take the lock. */
async function sweep(path: string): Promise<void> {
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const left = join(dirname(path), name);
    const holder = await readHolder(left);
    if (holder === undefined) await rmdir(left).catch(() => {});
    else if (holder.identity !== undefined && (await isAlive(holder.identity)) === false) {
      await rm(left, { recursive: true, force: true });
    }
  }
}
