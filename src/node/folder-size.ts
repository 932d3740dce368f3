import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Bytes of a file, or of all files below a folder; links are not followed. Undefined where nothing is, or it may not
 * be read.
 */
export async function folderSize(path: string): Promise<number | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || !found.isDirectory()) return found?.size;
  let bytes = 0;
  const names = await readdir(path).catch(() => undefined);
  if (names === undefined) return undefined;
  // One after the other: a library of millions has few, large files, and nobody waits for a faster sum.
  for (const name of names) bytes += (await folderSize(join(path, name))) ?? 0;
  return bytes;
}
