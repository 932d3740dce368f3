import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { PolarError } from '../errors.ts';

/** A picture file as the folder lists it. */
export interface PhotoFile {
  /** Absolute path. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change, milliseconds since 1970. */
  readonly mtime: number;
}

/** Endings of the formats that are indexed. */
export const PHOTO_ENDINGS: ReadonlySet<string> = new Set([
  '.jpg',
  '.jpeg',
  '.png',
  '.webp',
  '.avif',
  '.tif',
  '.tiff',
  '.gif',
  '.heic',
  '.heif',
]);

/** What a folder holds. */
export interface FolderScan {
  /** The folder itself, links resolved. */
  readonly root: string;
  /** It and every folder below that was looked into. */
  readonly folders: readonly string[];
  readonly photos: readonly PhotoFile[];
  /** How many photos there are, wanted or not. */
  readonly seen: number;
  /** Folders below it that could not be read; what was known of them stays. */
  readonly unreadable: readonly string[];
}

/** Folders that never hold somebody's photos: thumbnails of storage devices, bins, packages. */
export const SKIPPED_FOLDERS = [
  '@eaDir',
  '$RECYCLE.BIN',
  'System Volume Information',
  'node_modules',
] as const;

/**
 * The photos below `folder`, in order of their paths. Hidden files and folders (also `._*`) are passed over, and
 * links are not followed, so that nothing outside the folder gets in and no circle is walked.
 *
 * @param skip names of folders to pass over, with `*` and `?` as wildcards
 * @param isWanted whether a photo counts; the others are not even looked at
 * @throws PolarError when the folder cannot be read
 */
export async function scanPhotos(
  folder: string,
  skip: readonly string[] = [],
  isWanted: (path: string) => boolean = () => true,
): Promise<FolderScan> {
  const isSkipped = picomatch([...SKIPPED_FOLDERS.map((name) => name.replaceAll('$', '\\$')), ...skip], {
    nocase: true,
  });
  const unreadable: string[] = [];
  const root = await realpath(resolve(folder)).catch(() => undefined);
  if (root === undefined) throw new PolarError(`${folder}: no such folder; check the path`, 'not-found');
  const photos: PhotoFile[] = [];
  const folders: string[] = [];
  let seen = 0;
  const walk = async (directory: string): Promise<void> => {
    let entries: Dirent[];
    try {
      entries = await readdir(directory, { withFileTypes: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (directory !== root) {
        unreadable.push(directory); // one folder without permission never stops the rest
        return;
      }
      throw new PolarError(
        code === 'ENOTDIR'
          ? `${folder}: a file, expected a folder of photos`
          : `${folder}: cannot be read (${code}); check its permissions`,
        'unreadable',
      );
    }
    folders.push(directory);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (!isSkipped(entry.name)) await walk(path);
      } else if (entry.isFile() && PHOTO_ENDINGS.has(extname(entry.name).toLowerCase())) {
        seen++;
        if (!isWanted(path)) continue;
        const stats = await stat(path).catch(() => undefined); // gone meanwhile
        if (stats !== undefined) photos.push({ path, size: stats.size, mtime: Math.round(stats.mtimeMs) });
      }
    }
  };
  await walk(root);
  return { root, folders, photos, seen, unreadable };
}
