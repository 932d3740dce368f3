import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * A folder whose content takes a while to make: made once, and again when a file that it is made from has changed.
 * Processes that want it at the same time don't see each other's half-made ones.
 *
 * @param cache where such folders are kept
 * @param sources files that decide the content
 * @param make fills an empty folder
 * @returns the folder, not to be written to
 */
export async function madeOnce(
  cache: string,
  sources: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) {
    const content = await readFile(source);
    hash.update(`${basename(source)} ${content.length}\n`).update(content);
  }
  const folder = join(cache, hash.digest('hex').slice(0, 16));
  const isThere = async () => (await stat(folder).catch(() => undefined)) !== undefined;
  if (await isThere()) return folder;
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(join(cache, 'unfinished-'));
  try {
    await make(unfinished);
    await rename(unfinished, folder).catch(async (error) => {
      if (!(await isThere())) throw error; // otherwise another process was first: the same content
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}
