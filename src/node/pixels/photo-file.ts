import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { PassingError, PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { MAX_PICTURE_BYTES, READING } from './memory-budget.ts';

/** A photo's file as it was read, at one moment. */
export interface PhotoFileContent {
  readonly bytes: Uint8Array;
  /** SHA-256 of these bytes, hexadecimal. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change of the content, milliseconds since 1970. */
  readonly mtime: number;
  /** Time of the last change of the content or of what the folder says of the file, milliseconds since 1970. */
  readonly ctime: number;
}

// A file that is being written is read again, in case it was the end of it.
const READS = 3;
// A network drive may take its time; one that has stopped answering must not hold up everything else.
const READ_TIMEOUT_MS = 300_000;
const PART = 8 * 2 ** 20;

/**
 * Reads a photo's file and works with its bytes, which count towards the process's budget until `use` is done.
 *
 * Only a regular file at exactly this path is read: no link is followed, in the last place or on the way, so that a
 * file that took a photo's place leads nowhere else; nothing that would block is opened. The hash is that of the bytes
 * that `use` gets.
 *
 * @param path absolute, as `scanPhotos` lists it: links resolved
 * @throws PassingError when it cannot be read now, with the file system's code (ENOENT, EACCES, EIO; ELOOP for a link,
 *   EBUSY for a file that is being changed, ETIMEDOUT)
 * @throws PolarError when it is too large
 */
export async function withPhotoFile<T>(
  path: string,
  use: (file: PhotoFileContent) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(READ_TIMEOUT_MS);
  for (let turn = 0; turn < READS; turn++) {
    const { size } = await orPassing(path, lstat(path));
    if (size > MAX_PICTURE_BYTES) {
      throw new PolarError(
        `${path}: ${tell('photo.large', { found: megabytes(size), most: megabytes(MAX_PICTURE_BYTES) })}`,
        'too-large',
      );
    }
    const done = await READING.use(size, async () => {
      const file = await orPassing(path, readWhole(path, size, signal));
      return file === undefined ? undefined : { result: await use(file) };
    });
    if (done !== undefined) return done.result;
  }
  throw beingChanged(path);
}

const beingChanged = (path: string): PassingError =>
  new PassingError(`${path}: ${tell('file.changing')}`, 'EBUSY');

/**
 * As `withPhotoFile`, for a path that a person gave: links are followed.
 *
 * @throws PolarError as `withPhotoFile`
 */
export async function withPictureFile<T>(
  path: string,
  use: (file: PhotoFileContent) => Promise<T>,
): Promise<T> {
  return withPhotoFile(await orPassing(path, realpath(path)), use);
}

/** A file of any size as it was read, without its bytes. */
export type FileFacts = Omit<PhotoFileContent, 'bytes'>;

// A slow drive; a video of 4 GB takes two minutes from a fast one.
const LEAST_BYTES_PER_MS = 5000;

/**
 * Reads a file of any size part by part, as carefully as `withPhotoFile`, and works with it while it is known to be the
 * same.
 *
 * @param path absolute, links resolved
 * @throws PassingError as `withPhotoFile`, also when the file is changed until `use` is done
 */
export async function withLargeFile<T>(path: string, use: (file: FileFacts) => Promise<T>): Promise<T> {
  const { size } = await orPassing(path, lstat(path));
  const signal = AbortSignal.timeout(READ_TIMEOUT_MS + Math.ceil(size / LEAST_BYTES_PER_MS));
  const file = await orPassing(
    path,
    openItself(path, signal, (handle) => hashAll(handle, size, signal)),
  );
  if (file !== undefined) {
    const result = await use(file);
    const { mtimeMs, ctimeMs } = await orPassing(path, lstat(path));
    if (Math.round(mtimeMs) === file.mtime && Math.round(ctimeMs) === file.ctime) return result;
  }
  throw beingChanged(path);
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** The file, or undefined where somebody changed it meanwhile; never more than `size` bytes. */
async function readWhole(
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<PhotoFileContent | undefined> {
  return openItself(path, signal, (handle) => readAll(handle, size, signal));
}

/** What `read` makes of the file at exactly this path, with its times; undefined where somebody changed it meanwhile. */
async function openItself<T extends object>(
  path: string,
  signal: AbortSignal,
  read: (handle: FileHandle) => Promise<T & { readonly size: number }>,
): Promise<(T & { readonly size: number; readonly mtime: number; readonly ctime: number }) | undefined> {
  const found = await lstat(path);
  if (found.isSymbolicLink()) throw linked(path);
  if (!found.isFile()) throw new PassingError(`${path}: ${tell('file.irregular')}`, 'EINVAL');
  // O_NONBLOCK: a named pipe that took the file's place after lstat is not waited for. Windows has neither flag.
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags);
  try {
    const before = await handle.stat();
    await requireItself(path, before);
    const content = await read(handle);
    const after = await handle.stat();
    const isWhole =
      before.mtimeMs === after.mtimeMs && before.ctimeMs === after.ctimeMs && after.size === content.size;
    if (!isWhole) return undefined;
    return { ...content, mtime: Math.round(after.mtimeMs), ctime: Math.round(after.ctimeMs) };
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new PassingError(
      `${path}: ${tell('file.slow', { minutes: READ_TIMEOUT_MS / 60_000 })}`,
      'ETIMEDOUT',
    );
  } finally {
    await handle.close();
  }
}

/** What was opened must be what stands at the path, with no link on the way. */
async function requireItself(path: string, opened: Stats): Promise<void> {
  if ((await realpath(path)) !== path) throw linked(path);
  const { dev, ino } = await lstat(path);
  if (!opened.isFile() || dev !== opened.dev || ino !== opened.ino) throw linked(path);
}

const linked = (path: string): PassingError =>
  new PassingError(`${path}: ${tell('file.through-link')}`, 'ELOOP');

async function readAll(
  handle: FileHandle,
  size: number,
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array; hash: string; size: number }> {
  const bytes = Buffer.allocUnsafeSlow(size);
  const read = await hashAll(handle, size, signal, bytes);
  return { ...read, bytes: bytes.subarray(0, read.size) };
}

/** @param keep where the bytes go; without it they are only hashed */
async function hashAll(
  handle: FileHandle,
  size: number,
  signal: AbortSignal,
  keep?: Buffer,
): Promise<{ hash: string; size: number }> {
  const hash = createHash('sha256');
  const bytes = keep ?? Buffer.allocUnsafeSlow(Math.min(PART, size));
  let filled = 0;
  while (filled < size) {
    signal.throwIfAborted();
    const to = keep === undefined ? 0 : filled;
    const { bytesRead } = await handle.read(bytes, to, Math.min(PART, size - filled), filled);
    if (bytesRead === 0) break; // it has become shorter
    hash.update(bytes.subarray(to, to + bytesRead));
    filled += bytesRead;
  }
  return { hash: hash.digest('hex'), size: filled };
}

/** What the file system refuses now it may grant the next time. */
async function orPassing<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PolarError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new PassingError(`${path}: ${unreadable(code)}`, code);
  }
}

/** Why a file or folder cannot be read, in words, from the file system's code. */
export function unreadable(code: string): string {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return tell('file.missing');
    case 'ELOOP':
      return tell('file.link');
    case 'ENAMETOOLONG':
      return tell('file.long-path');
    case 'EACCES':
    case 'EPERM':
      return tell('file.permission', { code });
    default:
      return tell('file.disk', { code });
  }
}
