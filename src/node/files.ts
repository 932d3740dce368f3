import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PolarError } from '../errors.ts';

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

/** Makes a folder and those above it, where they are not there yet. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    // Node's own recursive mkdir never ends where a file system refuses a folder with ENOENT, as /proc does.
    const isParentMissing = code === 'ENOENT' && !(await stat(parent).catch(() => undefined));
    if (!isParentMissing) throw cannotWrite(path, error);
    await makeFolder(parent);
    await makeFolder(path);
  }
}

/** One line for what the file system refuses, a full disk or a folder without permission. */
export function cannotWrite(path: string, error: unknown): PolarError {
  if (error instanceof PolarError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new PolarError(
    `${path}: cannot be written (${code ?? message}); check that the folder may be written to and the disk is not full`,
    'unwritable',
  );
}
