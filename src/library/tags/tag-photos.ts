import { constants } from 'node:fs';
import { lstat, open, rm } from 'node:fs/promises';
import { PolarError } from '../../errors.ts';
import { cannotWrite, writeBeside } from '../../node/files.ts';
import { unreadable } from '../../node/pixels/photo-file.ts';
import type { Trouble } from '../left-out.ts';
import { reasonOf } from '../read.ts';
import { isAddress } from '../remote-photos.ts';
import type { Keyword } from './keyword.ts';
import { addKeyword, removeKeyword } from './keywords-in-xmp.ts';
import { XmpDocument } from './xmp-document.ts';

/** How photos are tagged. */
export interface TagOptions {
  /**
   * Take the keyword out again, exactly where an earlier call wrote it.
   *
   * @default false
   */
  readonly remove?: boolean | undefined;
  /**
   * Look only: nothing is written.
   *
   * @default false
   */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A photo that has the keyword, or no longer has it. */
export interface TaggedPhoto {
  readonly path: string;
  readonly sidecar: string;
  /** `there`: it had the keyword already. */
  readonly state: 'written' | 'there' | 'removed';
}

/** What tagging did. */
export interface TagSummary {
  readonly photos: readonly TaggedPhoto[];
  /** Photos whose sidecar cannot be read or written, with the reasons. */
  readonly skipped: readonly Trouble[];
}

/** Of a sidecar. Those of darktable with a long history have some hundred thousand bytes. */
const MAX_BYTES = 8 * 2 ** 20;

/**
 * Writes a keyword into the XMP sidecars of photos (`IMG_1.jpg.xmp`), which are made where there are none and merged
 * with what they hold otherwise. The photos are never touched. A sidecar is written atomically; one that cannot be
 * read or written never stops the rest.
 *
 * @param paths absolute paths of photos
 * @throws PolarError when the signal ends it; what was done is kept, and done again changes nothing
 */
export async function tagPhotos(
  paths: readonly string[],
  keyword: Keyword,
  options: TagOptions = {},
): Promise<TagSummary> {
  const { signal, onProgress } = options;
  const photos: TaggedPhoto[] = [];
  const skipped: Trouble[] = [];
  for (const [index, path] of paths.entries()) {
    signal?.throwIfAborted();
    onProgress?.(index, paths.length);
    try {
      const tagged = await tag(path, keyword, options);
      if (tagged !== undefined) photos.push(tagged);
    } catch (error) {
      if (!(error instanceof PolarError)) throw error;
      skipped.push({ path, reason: reasonOf(error, path) });
    }
  }
  onProgress?.(paths.length, paths.length);
  return { photos, skipped };
}

async function tag(
  path: string,
  keyword: Keyword,
  { remove = false, dryRun = false }: TagOptions,
): Promise<TaggedPhoto | undefined> {
  const found = (await readSidecar(`${path}.xmp`)) ?? (await readSidecar(`${path}.XMP`));
  if (found === undefined && remove) return undefined;
  if (found === undefined) await requirePhoto(path);
  const sidecar = found?.path ?? `${path}.xmp`;
  try {
    const xmp = found === undefined ? XmpDocument.empty() : XmpDocument.parse(found.text);
    if (remove) {
      const outcome = removeKeyword(xmp, keyword);
      if (outcome === 'unchanged') return undefined;
      if (!dryRun) await replace(sidecar, found, outcome === 'empty' ? undefined : xmp.toString());
      return { path, sidecar, state: 'removed' };
    }
    if (!addKeyword(xmp, keyword, found === undefined)) return { path, sidecar, state: 'there' };
    if (!dryRun) await replace(sidecar, found, xmp.toString());
    return { path, sidecar, state: 'written' };
  } catch (error) {
    if (!(error instanceof PolarError) || error.message.startsWith(sidecar)) throw error;
    throw new PolarError(`${sidecar}: ${error.message}; mend or remove it`, error.code);
  }
}

interface Sidecar {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/** A sidecar's text; undefined where there is none. Links are not followed, pipes not waited for. */
async function readSidecar(path: string): Promise<Sidecar | undefined> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new PolarError(`${path}: ${unreadable(error.code ?? 'EIO')}`, 'unreadable');
  });
  if (found === undefined) return undefined;
  if (!found.isFile()) {
    const kind = found.isSymbolicLink() ? 'a link, which is not followed' : 'no regular file';
    throw new PolarError(`${path}: ${kind}, expected an XMP sidecar; remove it`, 'unreadable');
  }
  if (found.size > MAX_BYTES) {
    throw new PolarError(
      `${path}: ${(found.size / 1e6).toFixed(0)} MB, more than the ${MAX_BYTES / 2 ** 20} MB of a sidecar; remove it`,
      'too-large',
    );
  }
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  const handle = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    throw new PolarError(`${path}: ${unreadable(error.code ?? 'EIO')}`, 'unreadable');
  });
  try {
    const bytes = Buffer.alloc(found.size);
    const { bytesRead } = await handle.read(bytes, 0, found.size, 0);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytesRead));
    return { path, text, mode: found.mode & 0o777, mtimeMs: found.mtimeMs, ino: found.ino };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new PolarError(`${path}: not UTF-8, in which sidecars are written; save it again`, 'unreadable');
  } finally {
    await handle.close();
  }
}

/** Writes or removes a sidecar, unless another program has changed it since it was read. */
async function replace(path: string, before: Sidecar | undefined, text: string | undefined): Promise<void> {
  const now = await lstat(path).catch(() => undefined);
  if (now?.mtimeMs !== before?.mtimeMs || now?.ino !== before?.ino) {
    throw new PolarError(`${path}: was changed by another program meanwhile; run this again`, 'busy');
  }
  if (text !== undefined) return writeBeside(path, text, before?.mode);
  await rm(path).catch((error) => {
    throw cannotWrite(path, error);
  });
}

async function requirePhoto(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => error.code ?? 'EIO');
  if (typeof found !== 'string') return;
  throw new PolarError(
    `${path}: ${isAddress(path) ? 'on an immich server, no file of this machine' : unreadable(found)}`,
    'not-found',
  );
}
