import { lstat, rm } from 'node:fs/promises';
import { PolarError } from '../../errors.ts';
import { cannotWrite, writeBeside } from '../../node/files.ts';
import { unreadable } from '../../node/pixels/photo-file.ts';
import type { Trouble } from '../left-out.ts';
import { reasonOf } from '../reading/read.ts';
import { isAddress } from '../remote/address.ts';
import { IN_IMMICH } from '../remote/remote-photos.ts';
import type { Keyword } from './keyword.ts';
import { addKeyword, removeKeyword } from './keywords-in-xmp.ts';
import { readSidecar, type Sidecar } from './sidecar.ts';
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
  /** Called after each photo. */
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
  throw new PolarError(`${path}: ${isAddress(path) ? IN_IMMICH : unreadable(found)}`, 'not-found');
}
