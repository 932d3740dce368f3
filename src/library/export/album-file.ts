import { lstat, open, realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { PolarError } from '../../errors.ts';
import { writeBeside } from '../../node/files.ts';
import type { Trouble } from '../left-out.ts';
import { isAddress } from '../remote/address.ts';
import { IN_IMMICH } from '../remote/remote-photos.ts';

/** A list of photos that was written. */
export interface AlbumFile {
  /** Absolute path. */
  readonly file: string;
  readonly photos: readonly string[];
  /** Photos that the format cannot name. */
  readonly skipped: readonly Trouble[];
}

// The second line tells which lists polar may replace.
const HEAD = '#EXTM3U\n#POLAR-ALBUM\n';

/**
 * Writes a list of photos in the form of M3U8, which picture viewers and players read: a path a line, a title above it.
 * A list that polar wrote earlier is replaced, any other file is not.
 *
 * @param title of the whole list, for example the sentence
 * @throws PolarError `exists` when the file is not such a list; `unwritable`
 */
export async function writeAlbumFile(
  paths: readonly string[],
  file: string,
  { title, dryRun = false }: { readonly title: string; readonly dryRun?: boolean | undefined },
): Promise<AlbumFile> {
  const to = await realpath(file).catch(() => resolve(file));
  if (!(await isOurs(to))) {
    throw new PolarError(
      `${file}: exists already and is no list that polar wrote; choose another name`,
      'exists',
    );
  }
  const troubles = paths.map((path) => ({ path, reason: whyNot(path) }));
  const photos = paths.filter((path) => whyNot(path) === undefined);
  const skipped = troubles.filter((trouble): trouble is Trouble => trouble.reason !== undefined);
  const entries = photos.map((path) => `#EXTINF:-1,${basename(path)}\n${path}\n`);
  const head = `${HEAD}#PLAYLIST:${title.replace(/\s+/g, ' ')}\n`;
  if (!dryRun) await writeBeside(to, head + entries.join(''));
  return { file: to, photos, skipped };
}

function whyNot(path: string): string | undefined {
  if (isAddress(path)) return IN_IMMICH; // the address of a page, which no viewer of pictures opens
  return /[\r\n]/.test(path) ? 'its path has a line break, which a list cannot hold; rename it' : undefined;
}

/** Whether a file may be replaced: it is not there, or begins as our lists do. */
async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return true;
  if (!found.isFile()) return false;
  const handle = await open(path).catch(() => undefined);
  try {
    const start = Buffer.alloc(HEAD.length);
    await handle?.read(start, 0, HEAD.length, 0);
    return start.toString() === HEAD;
  } finally {
    await handle?.close();
  }
}
