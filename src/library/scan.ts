import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
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
]);

/**
 * The photos below `folder`, in order of their paths. Hidden files and folders are passed over, and links are
 * not followed, so that nothing outside the folder gets in and no circle is walked.
 *
 * @throws PolarError when the folder cannot be read
 */
export async function scanPhotos(folder: string): Promise<PhotoFile[]> {
  const root = await realpath(resolve(folder)).catch(() => undefined);
  if (root === undefined) throw new PolarError(`${folder}: no such folder; check the path`);
  const photos: PhotoFile[] = [];
  const walk = async (directory: string): Promise<void> => {
    let entries: Dirent[];
    try {
      entries = await readdir(directory, { withFileTypes: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (directory !== root) return; // one folder without permission never stops the rest
      throw new PolarError(
        code === 'ENOTDIR'
          ? `${folder}: a file, expected a folder of photos`
          : `${folder}: cannot be read (${code}); check its permissions`,
      );
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile() && PHOTO_ENDINGS.has(extname(entry.name).toLowerCase())) {
        const stats = await stat(path).catch(() => undefined); // gone meanwhile
        if (stats !== undefined) photos.push({ path, size: stats.size, mtime: Math.round(stats.mtimeMs) });
      }
    }
  };
  await walk(root);
  return photos;
}
