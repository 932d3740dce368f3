import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FINGERPRINT_DIGITS, fingerprintSamples, TOKENIZER } from '../clip/hub/files.ts';
import { PolarError } from '../errors.ts';
import { exists } from './files.ts';
import { readModelFolder } from './model-folder.ts';

/** A model whose files are all at hand. */
export interface ModelLocation {
  /** Repository (`org/name`), `toybox`, or the absolute path of a folder. */
  readonly id: string;
  /** Commit, or a fingerprint of a folder's content. */
  readonly revision: string;
  /** Repository file name → real path, links resolved. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * A model in a folder of its own. Its revision is a fingerprint: SHA-256 over the config, tokenizer.json and
 * the size, first and last mebibyte of every weight file, so that changed weights are noticed without reading
 * gigabytes.
 *
 * @throws PolarError naming the first file that is missing
 */
export async function localModel(directory: string, id: string): Promise<ModelLocation> {
  const { plan, files } = await readModelFolder(directory);
  const [missing] = plan.missing;
  if (missing !== undefined) {
    const path = join(directory, missing);
    if (await exists(path))
      throw new PolarError(`${path}: not a file; put the model's own file there`, 'unreadable');
    const pickle = missing.endsWith('.safetensors') && (await findPickle(directory));
    throw new PolarError(
      pickle
        ? `${directory}: ${missing} is missing (${pickle} cannot be read); use an export with safetensors weights`
        : `${directory}: ${missing} is missing; a model's folder holds config.json, preprocessor_config.json, tokenizer.json and model.safetensors, or the files of an OpenCLIP repository`,
      'not-found',
    );
  }
  return { id, revision: await fingerprint(plan.config, files), files };
}

async function findPickle(directory: string): Promise<string | undefined> {
  for (const name of ['pytorch_model.bin', 'open_clip_pytorch_model.bin']) {
    if (await exists(join(directory, name))) return name;
  }
  return undefined;
}

async function fingerprint(config: string, files: ReadonlyMap<string, string>): Promise<string> {
  const hash = createHash('sha256');
  for (const name of [config, TOKENIZER]) hash.update(await readFile(files.get(name)!));
  for (const [name, path] of files) {
    if (!name.endsWith('.safetensors')) continue;
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      hash.update(`${name} ${size}\n`);
      const { length, positions } = fingerprintSamples(size);
      for (const position of positions) {
        const buffer = Buffer.alloc(length);
        await handle.read(buffer, 0, buffer.length, position);
        hash.update(buffer);
      }
    } finally {
      await handle.close();
    }
  }
  return hash.digest('hex').slice(0, FINGERPRINT_DIGITS);
}
