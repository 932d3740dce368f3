import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PolarError } from '../errors.ts';

/** A file of the built page. */
export interface PageFile {
  readonly bytes: Uint8Array;
  readonly type: string;
  /** Whether its name changes with its content. */
  readonly isHashed: boolean;
}

const FOLDER = fileURLToPath(new URL('../../dist/pages/app/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
  '.webmanifest': 'application/manifest+json',
};

/**
 * The page as `npm run build` has made it, by path.
 *
 * @throws PolarError when it was not built
 */
export async function readPageFiles(folder = FOLDER): Promise<ReadonlyMap<string, PageFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, PageFile>();
  for (const entry of entries) {
    const type = TYPES[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).replaceAll(sep, '/')}`;
    files.set(path, { bytes: await readFile(file), type, isHashed: path.startsWith('/assets/') });
  }
  if (!files.has('/index.html')) {
    throw new PolarError(
      `${folder}: the page is missing; in a checkout run "npm run build" first`,
      'not-found',
    );
  }
  return files;
}
