import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { cannotWrite, makeFolder } from '../files.ts';
import { waitForLock } from '../lock.ts';
import { fileSize } from './hub-cache.ts';

/** What the hub says of a file. */
export interface RemoteFile {
  /** Name inside the repository. */
  readonly name: string;
  readonly url: string;
  readonly size: number;
  /** SHA-256 of a large file's content, or the git blob SHA-1 of a small one. */
  readonly hash: string;
  readonly algorithm: 'sha256' | 'git-sha1';
}

export interface DownloadOptions {
  readonly fetch: typeof fetch;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes that are there so far. */
  readonly onProgress?: ((loaded: number) => void) | undefined;
  readonly pause?: Pause | undefined;
}

/** Waits between two tries, milliseconds. */
export type Pause = (ms: number, signal: AbortSignal | undefined) => Promise<void>;

const pauseByTimer: Pause = (ms, signal) => sleep(ms, undefined, { signal });

const ATTEMPTS = 5;

/**
 * Downloads a file to `target`, which appears only once its size and hash are right. A cut download goes on
 * where it stopped, also after the process was killed; of two processes one downloads and the other waits.
 */
export async function downloadFile(
  file: RemoteFile,
  target: string,
  options: DownloadOptions,
): Promise<void> {
  await makeFolder(dirname(target));
  const { signal } = options;
  const lock = await waitForLock(`${target}.lock`, signal);
  try {
    if ((await fileSize(target)) === file.size) return;
    await downloadLocked(file, target, {
      ...options,
      signal: signal === undefined ? lock.lost : AbortSignal.any([signal, lock.lost]),
    });
  } finally {
    await lock.release();
  }
}

async function downloadLocked(file: RemoteFile, target: string, options: DownloadOptions): Promise<void> {
  const partial = `${target}.incomplete`;
  for (let attempt = 1; ; attempt++) {
    let problem: string;
    try {
      const hash = await fetchRest(file, partial, options);
      if (hash === file.hash) {
        await rename(partial, target);
        return;
      }
      problem = `its ${file.algorithm} is ${hash}, expected ${file.hash}`;
      await rm(partial, { force: true });
    } catch (error) {
      if (error instanceof PolarError) throw error;
      options.signal?.throwIfAborted();
      problem = describe(error);
    }
    if (attempt === ATTEMPTS) {
      throw new PolarError(
        `${file.url}: ${tell('hub.failed', { times: ATTEMPTS, why: problem })}`,
        'unreachable',
      );
    }
    await (options.pause ?? pauseByTimer)(backoff(attempt), options.signal);
  }
}

/** Fetches what is missing behind the partial file and gives the hash of the whole. */
async function fetchRest(file: RemoteFile, partial: string, options: DownloadOptions): Promise<string> {
  let present = (await fileSize(partial)) ?? 0;
  if (present > file.size) {
    await rm(partial);
    present = 0;
  }
  if (present < file.size) {
    const response = await options.fetch(file.url, {
      headers: {
        ...(present > 0 ? { Range: `bytes=${present}-` } : {}),
        // Any other coding would make the bytes differ from those that the hash was taken of.
        'Accept-Encoding': 'identity',
      },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    if (!response.ok || response.body === null) throw refusal(file.url, response.status);
    // A server that ignores the range sends everything again.
    if (response.status !== 206) present = 0;
    const handle = await open(partial, present > 0 ? 'r+' : 'w').catch((error: unknown) => {
      throw cannotWrite(partial, error);
    });
    try {
      let at = present;
      for await (const chunk of response.body) {
        if (at + chunk.length > file.size) throw new Error('more bytes than the hub announced');
        await handle.write(chunk, 0, chunk.length, at).catch((error: unknown) => {
          throw cannotWrite(partial, error);
        });
        at += chunk.length;
        options.onProgress?.(at);
      }
      if (at < file.size) throw new Error(`the connection ended after ${at} of ${file.size} bytes`);
      await handle.sync().catch((error: unknown) => {
        throw cannotWrite(partial, error);
      });
    } finally {
      await handle.close();
    }
  }
  return hashFile(partial, file);
}

async function hashFile(path: string, { algorithm, size }: RemoteFile): Promise<string> {
  const hash: Hash = createHash(algorithm === 'sha256' ? 'sha256' : 'sha1');
  if (algorithm === 'git-sha1') hash.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/**
 * `fetch` for the hub: sends the token (which fetch itself drops where an answer redirects to another host), and
 * waits and tries again where the hub asks for it (429), stumbles (5xx) or cannot be reached.
 */
export function hubFetch(
  base: typeof fetch,
  token: string | undefined,
  { signal, pause = pauseByTimer }: Pick<DownloadOptions, 'signal' | 'pause'>,
): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    for (let attempt = 1; ; attempt++) {
      let response: Response | undefined;
      let problem: unknown;
      try {
        response = await base(input, { ...init, headers });
      } catch (error) {
        signal?.throwIfAborted();
        problem = error;
      }
      if (response !== undefined && response.status !== 429 && response.status < 500) return response;
      if (attempt === ATTEMPTS) {
        if (response !== undefined) return response;
        throw problem;
      }
      await response?.body?.cancel();
      const asked = Number(response?.headers.get('Retry-After'));
      await pause(asked > 0 ? Math.min(asked, 60) * 1000 : backoff(attempt), signal);
    }
  };
}

/** One line for an answer of the hub that is not a success. */
export function refusal(url: string, status: number): PolarError {
  if (status === 401 || status === 403) {
    return new PolarError(`${url}: ${tell('hub.refuses', { status })}`, 'unreachable');
  }
  if (status === 404) {
    return new PolarError(`${url}: ${tell('hub.none')}`, 'not-found');
  }
  if (status === 429) {
    return new PolarError(`${url}: ${tell('hub.waits')}`, 'unreachable');
  }
  return new PolarError(`${url}: ${tell('hub.status', { status })}`, 'unreachable');
}

function backoff(attempt: number): number {
  return Math.min(30_000, 250 * 2 ** attempt) * (0.5 + Math.random() / 2);
}

/** The innermost cause, which is what says what went wrong with a connection. */
export function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error
    ? cause.message || String((cause as NodeJS.ErrnoException).code)
    : String(cause);
}
