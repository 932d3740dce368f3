import { link, lstat, readlink, symlink, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PassingError, PolarError } from '../../errors.ts';
import { cannotWrite } from '../../node/files.ts';
import { copyPhoto, hasContent, type KnownPhoto, readPhoto } from './copy-file.ts';

/** How a photo gets into a folder. */
export const EXPORT_MODES = ['copy', 'link', 'move'] as const;
/** One of `copy`, `link` (a symbolic link) and `move`. */
export type ExportMode = (typeof EXPORT_MODES)[number];

/** Whether what stands at a path is this photo already, by an earlier run or since ever. */
export async function isThere(
  photo: KnownPhoto,
  size: number,
  to: string,
  mode: ExportMode,
): Promise<boolean> {
  const found = await lstat(to).catch(() => undefined);
  if (found?.isSymbolicLink()) return mode === 'link' && (await readlink(to).catch(() => '')) === photo.path;
  return hasContent(to, photo.hash, size);
}

/** Puts a photo at a name that is free. @throws PolarError as `copyPhoto` */
export async function place(
  photo: KnownPhoto,
  to: string,
  mode: ExportMode,
  signal?: AbortSignal,
): Promise<void> {
  if (mode === 'copy') return copyPhoto(photo, to, signal);
  if (mode === 'move') return move(photo, to, signal);
  await readPhoto(photo, async () => {}, signal);
  try {
    await symlink(photo.path, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new PolarError(`${to}: exists already, and nothing is overwritten`, 'exists');
    if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'ENOTSUP') throw cannotWrite(to, error);
    throw new PolarError(`${to}: this disk or user may not make links (${code}); use --copy`, 'unwritable');
  }
}

/** On one disk the file gets a second name and loses the first; onto another it is copied, then removed. */
async function move(photo: KnownPhoto, to: string, signal?: AbortSignal): Promise<void> {
  const before = await readPhoto(photo, async () => {}, signal);
  try {
    await link(photo.path, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new PolarError(`${to}: exists already, and nothing is overwritten`, 'exists');
    }
    await copyPhoto(photo, to, signal);
  }
  const now = await lstat(photo.path).catch(() => undefined);
  if (now === undefined) return;
  if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) {
    throw new PolarError(
      `${photo.path}: was changed while it was moved; the copy is ${to}, and both stay`,
      'busy',
    );
  }
  await removeOriginal(photo.path, to);
}

/**
 * Ends a move whose target is there: the photo loses its old name, unless that is the target itself.
 *
 * @throws PassingError when it may not be removed
 */
export async function removeOriginal(path: string, to: string): Promise<void> {
  const [from, at] = await Promise.all([lstat(path), lstat(to)]);
  const isSame = from.dev === at.dev && from.ino === at.ino;
  // One file with one name, however it is spelt; two names in one folder cannot come from a move either.
  if (isSame && (from.nlink < 2 || dirname(path) === dirname(to))) return;
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    throw new PassingError(
      `${path}: cannot be removed (${error.code}); its copy is ${to}, and both stay`,
      error.code!,
    );
  });
}
