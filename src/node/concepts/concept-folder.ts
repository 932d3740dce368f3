import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PolarError } from '../../errors.ts';
import {
  ADAPTER_CONFIG,
  ADAPTER_WEIGHTS,
  decodeConcept,
  encodeConcept,
  FEATURES,
} from '../../polar/concept/adapter.ts';
import type { Concept } from '../../polar/concept/concept.ts';
import { fold } from '../../polar/query/fold.ts';
import { cannotWrite, exists, makeFolder, writeBeside } from '../files.ts';
import { takeLock, waitForLock } from '../lock.ts';

/**
 * Writes a concept as a PEFT adapter directory, which Python's `peft` loads too. An older concept in
 * `directory` stays until the new one is complete.
 *
 * @example
 * ```ts
 * import { learn, loadClip, readConcept, saveConcept } from 'polar-vl';
 *
 * const clip = await loadClip('ViT-B/32');
 * const { concept } = await learn(clip, 'Rex', ['rex1.jpg', 'rex2.jpg'], { iterations: 10 });
 * await saveConcept('concepts/rex', concept);
 * console.log((await readConcept('concepts/rex')).name); //=> Rex
 * await clip.close();
 * ```
 */
export async function saveConcept(directory: string, concept: Concept): Promise<void> {
  const target = resolve(directory);
  const files = encodeConcept(concept);
  // Nothing is replaced by what could not be read again.
  decodeConcept({ folderName: basename(target), pathOf: (name) => join(target, name), files });
  await changing(target, async ({ partial, old }) => {
    await makeFolder(partial);
    for (const [name, bytes] of files) await writeBeside(join(partial, name), bytes);
    // A directory cannot be renamed over one that holds files, so the older one steps aside first.
    await renameIfThere(target, old);
    await rename(partial, target);
    await rm(old, { recursive: true, force: true });
  });
}

/** Removes a concept's directory, damaged or not: at once, as far as a reader sees. */
export async function removeConcept(directory: string): Promise<void> {
  const target = resolve(directory);
  await changing(target, async ({ gone }) => {
    await renameIfThere(target, gone);
    await rm(gone, { recursive: true, force: true });
  });
}

/**
 * Moves a concept to another directory and gives it another name, over what is there. A process that is killed
 * leaves it under one of the two names.
 *
 * @returns the concept with its new name
 */
export async function renameConcept(from: string, to: string, name: string): Promise<Concept> {
  const [source, target] = [resolve(from), resolve(to)];
  const { partial, old, renamed } = besideOf(target);
  const move = async (): Promise<Concept> => {
    const concept = { ...(await readConcept(source)), name };
    await makeFolder(partial);
    for (const [file, bytes] of encodeConcept(concept)) await writeBeside(join(partial, file), bytes);
    await renameIfThere(target, old);
    // From here on it has the new name: `mend` goes on with what is complete.
    await rename(source, renamed);
    await rename(partial, target);
    for (const left of [old, renamed]) await rm(left, { recursive: true, force: true });
    return concept;
  };
  if (fold(source) === fold(target)) {
    // One directory, on a file system without capitals at least: the name in it is all that changes.
    const concept = { ...(await readConcept(source)), name };
    await saveConcept(source, concept);
    return concept;
  }
  const [first, second] = [source, target].sort(); // in the same order in every process, so that none waits forever
  return changing(first!, () => changing(second!, move));
}

/** Beside a concept's directory while it changes; what a killed process leaves there says how far it came. */
type Beside = Readonly<Record<'partial' | 'old' | 'gone' | 'renamed', string>>;

const besideOf = (target: string): Beside => {
  const path = (state: string) => join(dirname(target), `.${basename(target)}.${state}`);
  return { partial: path('partial'), old: path('old'), gone: path('gone'), renamed: path('renamed') };
};

/** Changes a concept's directory while no other process does. */
async function changing<Result>(
  target: string,
  change: (beside: Beside) => Promise<Result>,
): Promise<Result> {
  await makeFolder(dirname(target));
  const lock = await waitForLock(`${join(dirname(target), `.${basename(target)}`)}.lock`);
  const beside = besideOf(target);
  try {
    await mend(target, beside);
    return await change(beside);
  } catch (error) {
    await mend(target, beside).catch(() => {});
    throw cannotWrite(target, error);
  } finally {
    await lock.release();
  }
}

/**
 * Under the lock what lies beside is a dead process's: a rename that was decided is completed, what had stepped aside
 * comes back, the rest goes.
 */
async function mend(target: string, { partial, old, gone, renamed }: Beside): Promise<void> {
  if ((await exists(renamed)) && !(await exists(target))) await renameIfThere(partial, target);
  if (await exists(target)) await rm(old, { recursive: true, force: true });
  else await renameIfThere(old, target);
  for (const left of [partial, gone, renamed]) await rm(left, { recursive: true, force: true });
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

const LEFT = /^\.(.+)\.(partial|old|gone|renamed|lock)(?:\.[\w-]+)?$/;

/**
 * The concept directories in a folder, after what killed processes left there was mended, as far as it may be
 * written to. One that has stepped aside, while another process replaces or renames it, is found there.
 *
 * @throws the file system's error when the folder cannot be read
 */
export async function findConcepts(folder: string): Promise<{ name: string; directory: string }[]> {
  let entries = await readdir(folder, { withFileTypes: true });
  const left = entries.flatMap(({ name }) => LEFT.exec(name)?.[1] ?? []);
  for (const target of new Set(left)) {
    const path = join(folder, target);
    const lock = await takeLock(join(folder, `.${target}.lock`), { wait: 'never' }).catch(() => undefined);
    if (lock === undefined) continue; // it is being changed, or nothing may be written here
    await mend(path, besideOf(path)).catch(() => {});
    await lock.release();
  }
  if (left.length > 0) entries = await readdir(folder, { withFileTypes: true });
  const names = new Set(entries.map(({ name }) => name));
  const directories: { name: string; directory: string }[] = [];
  for (const entry of entries) {
    const [, target, state] = LEFT.exec(entry.name) ?? [];
    const isRenamed = names.has(`.${target}.renamed`); // then the new one is complete
    const isAside = state === (isRenamed ? 'partial' : 'old') && !names.has(target!);
    if (!entry.isDirectory() || (entry.name.startsWith('.') && !isAside)) continue;
    directories.push({ name: isAside ? target! : entry.name, directory: join(folder, entry.name) });
  }
  return directories;
}

/**
 * Reads a concept from a PEFT adapter directory: one of this program's, or any rank-one adapter of the last
 * value projection that `peft` wrote (its scale is folded into B; its name is the folder's).
 *
 * @throws PolarError when it is not such an adapter, or damaged
 */
export async function readConcept(directory: string): Promise<Concept> {
  const folder = await stat(directory).catch(() => undefined);
  if (!folder?.isDirectory())
    throw new PolarError(`${directory}: no such concept folder; check the path`, 'not-found');
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
    throw new PolarError(
      `${path}: cannot be opened (${code}); check the path and its permissions`,
      'unreadable',
    );
  }
}
