import { readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PolarError } from '../errors.ts';
import {
  ADAPTER_CONFIG,
  ADAPTER_WEIGHTS,
  decodeConcept,
  encodeConcept,
  FEATURES,
} from '../polar/concept/adapter.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { isRunning, makeFolder, writeBeside } from './files.ts';

/**
 * Writes a concept as a PEFT adapter directory, which Python's `peft` loads too. An older concept in
 * `directory` stays until the new one is complete.
 *
 * @example
 * ```ts
 * import { learnConcept, loadClip, readConcept, saveConcept } from 'polar-vl';
 *
 * const clip = await loadClip('ViT-B/32');
 * const { concept } = await learnConcept(clip, 'Rex', ['rex1.jpg', 'rex2.jpg'], { iterations: 10 });
 * await saveConcept('concepts/rex', concept);
 * console.log((await readConcept('concepts/rex')).name); //=> Rex
 * await clip.close();
 * ```
 */
export async function saveConcept(directory: string, concept: Concept): Promise<void> {
  const target = resolve(directory);
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}`);
  const partial = `${beside}.partial`;
  try {
    await makeFolder(partial);
    for (const [name, bytes] of encodeConcept(concept)) await writeBeside(join(partial, name), bytes);
    await replaceDirectory(partial, target, `${beside}.old`);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** A directory cannot be renamed over one that holds files, so the older one steps aside first. */
async function replaceDirectory(from: string, to: string, aside: string): Promise<void> {
  const existed = await rename(to, aside).then(
    () => true,
    () => false,
  );
  await rename(from, to);
  if (existed) await rm(aside, { recursive: true, force: true });
}

/**
 * Mends what processes left that were killed while they saved a concept: one that had stepped aside comes back, unless
 * the new one took its place; what is half-written goes.
 *
 * @param folder holds concept directories
 * @param names what is in it
 * @returns whether there was anything to mend
 */
export async function mendKilledSaves(folder: string, names: readonly string[]): Promise<boolean> {
  let mended = false;
  for (const name of names) {
    const [, target = '', pid, state] = /^\.(.+)\.(\d+)\.(old|partial)$/.exec(name) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    mended = true;
    const left = join(folder, name);
    const mend =
      state === 'old' && !names.includes(target)
        ? rename(left, join(folder, target))
        : rm(left, { recursive: true, force: true });
    // Where it fails, another process was faster, or nothing may be changed here: reading goes on all the same.
    await mend.catch(() => {});
  }
  return mended;
}

/**
 * Reads a concept from a PEFT adapter directory: one of this program's, or any rank-one adapter of the last
 * value projection that `peft` wrote (its scale is folded into B; its name is the folder's).
 *
 * @throws PolarError when it is not such an adapter, or damaged
 */
export async function readConcept(directory: string): Promise<Concept> {
  const folder = await stat(directory).catch(() => undefined);
  if (!folder?.isDirectory()) throw new PolarError(`${directory}: no such concept folder; check the path`);
  const files = new Map<string, Uint8Array>();
  for (const name of [ADAPTER_CONFIG, ADAPTER_WEIGHTS, FEATURES]) {
    const bytes = await readIfThere(join(directory, name));
    if (bytes !== undefined) files.set(name, bytes);
  }
  const folderName = basename(resolve(directory));
  return decodeConcept({ folderName, pathOf: (name) => join(directory, name), files });
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new PolarError(`${path}: cannot be opened (${code}); check the path and its permissions`);
  }
}
