import { createHash } from 'node:crypto';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  FINGERPRINT_DIGITS,
  fingerprintSamples,
  MODEL_FILES,
  SHARD_INDEX,
  SINGLE_WEIGHTS,
} from '../clip/hub/files.ts';
import { PolarError } from '../errors.ts';
import { shardNames } from './weight-file.ts';

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
 * A model in a folder of its own. Its revision is a fingerprint: SHA-256 over config.json, tokenizer.json and
 * the size, first and last mebibyte of every weight file, so that changed weights are noticed without reading
 * gigabytes.
 *
 * @throws PolarError naming the first file that is missing
 */
export async function localModel(directory: string, id: string): Promise<ModelLocation> {
  const present = new Set(await readdir(directory));
  const files = new Map<string, string>();
  const add = async (name: string): Promise<void> => {
    const path = await realpath(join(directory, name));
    if (!(await stat(path)).isFile()) {
      throw new PolarError(`${join(directory, name)}: not a file; put the model's own file there`);
    }
    files.set(name, path);
  };
  for (const name of MODEL_FILES) {
    if (!present.has(name)) {
      throw new PolarError(
        `${directory}: ${name} is missing; a CLIP folder holds ${MODEL_FILES.join(', ')} and ${SINGLE_WEIGHTS}`,
      );
    }
    await add(name);
  }
  if (present.has(SINGLE_WEIGHTS)) await add(SINGLE_WEIGHTS);
  else if (present.has(SHARD_INDEX)) {
    await add(SHARD_INDEX);
    for (const name of await shardNames(files.get(SHARD_INDEX)!)) {
      if (!present.has(name)) {
        throw new PolarError(`${directory}: ${name}, which ${SHARD_INDEX} names, is missing; add it`);
      }
      await add(name);
    }
  } else {
    throw new PolarError(
      `${directory}: ${SINGLE_WEIGHTS} is missing${present.has('pytorch_model.bin') ? ' (pytorch_model.bin cannot be read)' : ''}; use an export with safetensors weights`,
    );
  }
  return { id, revision: await fingerprint(files), files };
}

async function fingerprint(files: ReadonlyMap<string, string>): Promise<string> {
  const hash = createHash('sha256');
  for (const name of ['config.json', 'tokenizer.json']) hash.update(await readFile(files.get(name)!));
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
