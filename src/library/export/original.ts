import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { PolarError } from '../../errors.ts';
import { cannotWrite } from '../../node/files.ts';
import { IN_IMMICH, type RemoteOriginal, type RemotePhotos } from '../remote/remote-photos.ts';
import { type KnownPhoto, partialIn, writeAll } from './copy-file.ts';

/** Where the original of a photo of another server comes from, and goes. */
export interface OriginalPlace {
  /** Without it none can be had. */
  readonly remote: RemotePhotos | undefined;
  /** A folder on the disk where it is to stay; links resolved. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/** The original of a photo of another server, on the disk for a while. */
export interface FetchedOriginal extends KnownPhoto {
  /** Deletes it, unless it was moved away. */
  remove(): Promise<void>;
}

/**
 * Fetches the original of a photo of another server, under the name that it has there.
 *
 * @throws PolarError when it cannot be had or is cut off; `unwritable`
 */
export async function fetchOriginal(
  address: string,
  { remote, folder, signal }: OriginalPlace,
): Promise<FetchedOriginal> {
  if (remote === undefined) throw new PolarError(`${address}: ${IN_IMMICH}`, 'not-found');
  const original = await remote.original(address, signal);
  const place = partialIn(folder);
  await mkdir(place).catch((error) => {
    throw cannotWrite(folder, error);
  });
  const remove = () => rm(place, { recursive: true, force: true });
  try {
    const path = join(place, plainName(original.name));
    return { path, hash: await write(original, path), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function write({ bytes, modified }: RemoteOriginal, path: string): Promise<string> {
  const sum = createHash('sha256');
  const handle = await open(path, 'wx').catch((error) => {
    throw cannotWrite(path, error);
  });
  try {
    for await (const part of bytes) {
      sum.update(part);
      await writeAll(handle, part, path);
    }
    await handle.utimes(modified / 1000, modified / 1000);
  } finally {
    await handle.close();
  }
  return sum.digest('hex');
}

const MOST_LETTERS = 60; // at most four bytes each, of the 255 of a name

/** A name from a server as one of a file: of one part, visible, of usual length. */
export function plainName(name: string): string {
  const [last = ''] = name.split(/[/\\]/).slice(-1);
  // Control characters, and what Windows allows in no name.
  const { name: stem, ext } = parse(
    last.replace(/[\p{Cc}\p{Cf}<>:"|?*]/gu, '').replace(/^[.\s]+|[.\s]+$/g, ''),
  );
  const cut = Array.from(stem).slice(0, MOST_LETTERS).join('');
  return cut === '' ? 'photo' : cut + Array.from(ext).slice(0, 10).join('');
}
