import { readFile } from 'node:fs/promises';
import { PolarError } from '../../errors.ts';
import {
  decodeReleasedCheckpoint,
  encodeReleasedCheckpoint,
  type ReleasedCheckpoint,
} from '../../polar/concept/released-checkpoint.ts';
import { writeBeside } from '../files.ts';

/**
 * Reads a checkpoint of the released code (`concept{i}.pt`) without executing anything in it.
 *
 * @throws PolarError when the file is something else, damaged, or names anything but tensors
 */
export async function readReleasedCheckpoint(file: string): Promise<ReleasedCheckpoint> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new PolarError(`${file}: cannot be read (${error.code}); check the path`, 'unreadable');
  });
  return decodeReleasedCheckpoint(bytes, file);
}

/** Writes a checkpoint that the released code and `torch.load(..., weights_only=True)` read. */
export async function writeReleasedCheckpoint(
  file: string,
  concept: Omit<ReleasedCheckpoint, 'rank'> & { readonly rank?: number },
): Promise<void> {
  await writeBeside(file, encodeReleasedCheckpoint(concept));
}
