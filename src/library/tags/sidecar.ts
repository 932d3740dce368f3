import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { PolarError } from '../../errors.ts';
import { unreadable } from '../../node/pixels/photo-file.ts';

/** Of a sidecar. Those of darktable with a long history have some hundred thousand bytes. */
const MAX_BYTES = 8 * 2 ** 20;

/** A sidecar as it was read. */
export interface Sidecar {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/**
 * A sidecar's text; undefined where there is none. Links are not followed, pipes not waited for.
 *
 * @throws PolarError when it cannot be read, is no regular file, too large or not UTF-8
 */
export async function readSidecar(path: string): Promise<Sidecar | undefined> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new PolarError(`${path}: ${unreadable(error.code ?? 'EIO')}`, 'unreadable');
  });
  if (found === undefined) return undefined;
  if (!found.isFile()) {
    const kind = found.isSymbolicLink() ? 'a link, which is not followed' : 'no regular file';
    throw new PolarError(`${path}: ${kind}, expected an XMP sidecar; remove it`, 'unreadable');
  }
  if (found.size > MAX_BYTES) {
    throw new PolarError(
      `${path}: ${(found.size / 1e6).toFixed(0)} MB, more than the ${MAX_BYTES / 2 ** 20} MB of a sidecar; remove it`,
      'too-large',
    );
  }
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    throw new PolarError(`${path}: ${unreadable(error.code ?? 'EIO')}`, 'unreadable');
  });
  try {
    const bytes = Buffer.alloc(found.size);
    const { bytesRead } = await handle.read(bytes, 0, found.size, 0);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytesRead));
    return { path, text, mode: found.mode & 0o777, mtimeMs: found.mtimeMs, ino: found.ino };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new PolarError(`${path}: not UTF-8, in which sidecars are written; save it again`, 'unreadable');
  } finally {
    await handle.close();
  }
}
