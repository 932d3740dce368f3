import { createHash, randomUUID } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, link, lstat, open, realpath, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassingError, PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { cannotWrite } from '../../node/files.ts';
import { unreadable } from '../../node/pixels/photo-file.ts';

const PART = 2 ** 20;

/** What a half-written copy is called; `polar export` removes those that a killed run left. */
export const PARTIAL = /^\.polar-[0-9a-f-]{36}\.partial$/;

/** A new name for a half-written file in a folder. */
export const partialIn = (folder: string): string => join(folder, `.polar-${randomUUID()}.partial`);

/** A photo as the index knows it. */
export interface KnownPhoto {
  /** Absolute path, links resolved. */
  readonly path: string;
  /** SHA-256 of its content, hexadecimal. */
  readonly hash: string;
}

/** Takes a photo's bytes one part after the other. */
export type Sink = (part: Uint8Array) => Promise<void>;

/**
 * Reads a photo in parts and makes sure that it is the one that was indexed: a regular file at exactly this path,
 * with this content.
 *
 * @returns the file's state, for its times
 * @throws PassingError when it cannot be read, or is another one now; what the sink got is then worthless
 */
export async function readPhoto(
  { path, hash }: KnownPhoto,
  sink: Sink,
  signal?: AbortSignal,
): Promise<Stats> {
  const handle = await openPhoto(path);
  try {
    const stats = await handle.stat();
    const buffer = Buffer.allocUnsafeSlow(PART);
    const sum = createHash('sha256');
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, PART, null).catch((error) => refuse(path, error));
      if (bytesRead === 0) break;
      const part = buffer.subarray(0, bytesRead);
      sum.update(part);
      await sink(part);
    }
    if (sum.digest('hex') !== hash) {
      throw new PassingError(`${path}: ${tell('file.changed')}`, 'ESTALE');
    }
    return stats;
  } finally {
    await handle.close();
  }
}

/** Opens a regular file at exactly this path, with no link on the way. @throws PassingError when it cannot be */
export async function openPhoto(path: string): Promise<FileHandle> {
  try {
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const isItself = (await realpath(path)) === path && (await lstat(path)).isFile();
    if (isItself) return await open(path, flags);
  } catch (error) {
    return refuse(path, error);
  }
  throw new PassingError(
    `${path}: a link or no file, expected the photo that was indexed; run polar index`,
    'ELOOP',
  );
}

function refuse(path: string, error: unknown): never {
  const { code = 'EIO' } = error as NodeJS.ErrnoException;
  throw new PassingError(`${path}: ${unreadable(code)}`, code);
}

/** Whether a file has this content; false for what is no regular file or cannot be read. */
export async function hasContent(path: string, hash: string, size: number): Promise<boolean> {
  try {
    const found = await lstat(path);
    if (!found.isFile() || found.size !== size) return false;
    await readPhoto({ path: await realpath(path), hash }, async () => {});
    return true;
  } catch {
    return false;
  }
}

/**
 * Copies a photo to a name that is free, with its times. Nothing half-written ever carries the name, and nothing that
 * carries it is overwritten.
 *
 * @throws PassingError when the photo cannot be read or has changed
 * @throws PolarError `exists` when somebody took the name meanwhile; `unwritable`
 */
export async function copyPhoto(photo: KnownPhoto, to: string, signal?: AbortSignal): Promise<void> {
  const partial = partialIn(dirname(to));
  try {
    const handle = await open(partial, 'wx').catch((error) => {
      throw cannotWrite(to, error);
    });
    try {
      const stats = await readPhoto(photo, (part) => writeAll(handle, part, to), signal);
      await handle.utimes(stats.atime, stats.mtime);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await giveName(partial, to);
  } finally {
    await rm(partial, { force: true }).catch(() => {});
  }
}

/** Writes all of a part. @throws PolarError when that fails */
export async function writeAll(handle: FileHandle, part: Uint8Array, to: string): Promise<void> {
  try {
    for (let done = 0; done < part.length; ) done += (await handle.write(part, done)).bytesWritten;
  } catch (error) {
    throw cannotWrite(to, error);
  }
}

/**
 * Gives a file that is complete its name, which must be free: a second name that replaces nothing, where the disk knows
 * such a thing, and a look before the renaming elsewhere (FAT).
 *
 * @throws PolarError `exists` when it is taken; `unwritable`
 */
export async function giveName(partial: string, to: string): Promise<void> {
  try {
    await link(partial, to);
    await unlink(partial);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw taken(to);
    if (!LINKLESS.has(code ?? '')) throw cannotWrite(to, error);
    if (await lstat(to).catch(() => undefined)) throw taken(to);
    await rename(partial, to).catch((cause: NodeJS.ErrnoException) => {
      if (!NAMELESS.has(cause.code ?? '')) throw cannotWrite(to, cause);
      throw new PolarError(`its name cannot be used in ${dirname(to)} (${cause.code}); rename it first`);
    });
  }
}

/** What disks answer that know no second name of a file. */
const LINKLESS: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EINVAL',
]);

/** What they answer where a name has signs that they do not take, or too many. */
const NAMELESS: ReadonlySet<string> = new Set(['EINVAL', 'EILSEQ', 'ENAMETOOLONG']);

const taken = (to: string): PolarError =>
  new PolarError(`${to}: exists already, and nothing is overwritten; choose another name`, 'exists');
