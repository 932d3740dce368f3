import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FilePlan, type FileSource, planFiles, TOKENIZER } from '../clip/hub/files.ts';
import { readJsonFile } from './files.ts';

/** CLIP's own tokenizer, for repositories in OpenCLIP's layout that come without one. */
export const CLIP_TOKENIZER = fileURLToPath(new URL('../../models/clip/tokenizer.json', import.meta.url));

/**
 * Finds the files of a model in a folder: one that a person keeps, or a snapshot in the cache.
 *
 * @returns what belongs to the model, and name → real path of what is there; entries that are no files, or lead
 * nowhere, are not there
 * @throws PolarError when an index of shards names anything but weight files beside it
 */
export async function readModelFolder(
  folder: string,
): Promise<{ readonly plan: FilePlan; readonly files: Map<string, string> }> {
  const source: FileSource = {
    async present(names) {
      const found = await Promise.all(names.map((name) => realFile(join(folder, name))));
      return new Set(names.filter((_, index) => found[index] !== undefined));
    },
    readJson: (name) => readJsonFile(join(folder, name)),
  };
  const plan = await planFiles(source);
  const files = new Map<string, string>();
  for (const name of plan.files) {
    const path = await realFile(join(folder, name));
    if (path !== undefined) files.set(name, path);
  }
  if (plan.usesClipTokenizer) files.set(TOKENIZER, CLIP_TOKENIZER);
  return { plan, files };
}

async function realFile(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isFile() ? await realpath(path) : undefined;
  } catch {
    return undefined;
  }
}
