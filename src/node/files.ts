import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';

/**
 * Writes a file beside its place and renames it there, so that nothing half-written ever carries the name; folders
 * on the way are made.
 *
 * @param mode the file's permissions; the usual ones when absent
 * @throws PolarError when it cannot be written
 */
export async function writeBeside(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const partial = partialName(path);
  try {
    await makeFolder(dirname(path));
    await writeFile(partial, content, mode === undefined ? {} : { mode });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw cannotWrite(path, error);
  }
}

/** Where a file is written before it gets its name: no two writers share it, in whatever process. */
export const partialName = (path: string): string => `${path}.${randomUUID()}.partial`;

/** What a JSON file holds; undefined where there is none or it is damaged, for the caller to refuse. */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether anything is there. */
export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Makes a folder and those above it, where they are not there yet; other processes may be making them too. */
export async function makeFolder(path: string): Promise<void> {
  // Node's own recursive mkdir never ends where a file system refuses a folder with ENOENT, as /proc does.
  if (await isFolderMade(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  if (!(await isFolderMade(path))) throw cannotWrite(path, { code: 'ENOENT' });
}

/** Makes a folder, or finds it. @returns false where the folder above it is missing */
async function isFolderMade(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (code === 'EEXIST' && (await stat(path).catch(() => undefined))?.isDirectory()) return true;
    throw cannotWrite(path, error);
  }
}

/** One line for what the file system refuses, a full disk or a folder without permission. */
export function cannotWrite(path: string, error: unknown): PolarError {
  if (error instanceof PolarError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new PolarError(`${path}: ${tell('file.cannot-write', { why: code ?? message })}`, 'unwritable');
}
