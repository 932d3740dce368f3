import { lstat, readdir, realpath, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { PassingError, PolarError } from '../../errors.ts';
import { makeFolder } from '../../node/files.ts';
import { takeLock } from '../../node/lock.ts';
import { unreadable } from '../../node/pixels/photo-file.ts';
import type { Trouble } from '../left-out.ts';
import { reasonOf } from '../reading/read.ts';
import { isAddress } from '../remote/address.ts';
import { IN_IMMICH, type RemotePhotos } from '../remote/remote-photos.ts';
import { type KnownPhoto, PARTIAL } from './copy-file.ts';
import { namesLike, TakenNames } from './free-names.ts';
import { fetchOriginal, plainName } from './original.ts';
import { type ExportMode, isThere, place, removeOriginal } from './place.ts';

/** How photos are exported. */
export interface ExportOptions {
  /** @default 'copy' */
  readonly mode?: ExportMode | undefined;
  /**
   * Look only: nothing is made, changed or removed.
   *
   * @default false
   */
  readonly dryRun?: boolean | undefined;
  /**
   * Where the originals of photos of another server are fetched, to be copied.
   *
   * @default none: these photos are left out
   */
  readonly remote?: RemotePhotos | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each photo. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A photo in the folder. */
export interface ExportedPhoto {
  readonly path: string;
  /** Where it is now, or would be. */
  readonly to: string;
  /** `there`: an earlier run brought it, or it has always been there. */
  readonly state: 'new' | 'there';
}

/** What an export did. */
export interface ExportSummary {
  /** Absolute path. */
  readonly folder: string;
  readonly photos: readonly ExportedPhoto[];
  /** Photos that are gone, have changed or cannot be read, with the reasons. */
  readonly skipped: readonly Trouble[];
}

/**
 * Puts photos into a folder, with their dates. Photos of one name are kept apart (`IMG_1 (2).jpg`), on disks that know
 * no case too, and nothing is overwritten. A photo that is there already is left as it is, so that a run that was
 * stopped is continued by the same call. A photo that cannot be read never stops the rest.
 *
 * @param photos as a search found them
 * @param folder made where there is none
 * @throws PolarError when the folder cannot be written, the disk is full, or another export writes there; what was
 *   done is kept
 */
export async function exportPhotos(
  photos: readonly KnownPhoto[],
  folder: string,
  options: ExportOptions = {},
): Promise<ExportSummary> {
  if (options.dryRun) return exportInto(photos, await realpath(folder).catch(() => resolve(folder)), options);
  await makeFolder(resolve(folder));
  const target = await realpath(folder);
  const lock = await takeLock(join(target, '.polar-export.lock'));
  if (lock === undefined) {
    throw new PolarError(`${folder}: another "polar export" is writing here; wait until it is done`, 'busy');
  }
  try {
    return await exportInto(photos, target, options);
  } finally {
    await lock.release();
  }
}

async function exportInto(
  photos: readonly KnownPhoto[],
  folder: string,
  { mode = 'copy', dryRun = false, remote, signal, onProgress }: ExportOptions,
): Promise<ExportSummary> {
  const present = await namesIn(folder);
  if (!dryRun) {
    for (const name of present.filter((name) => PARTIAL.test(name)))
      await rm(join(folder, name), { recursive: true, force: true });
  }
  const onDisk = new TakenNames(present);
  const given = new TakenNames();
  const done: ExportedPhoto[] = [];
  const skipped: Trouble[] = [];
  for (const [index, photo] of photos.entries()) {
    signal?.throwIfAborted();
    onProgress?.(index, photos.length);
    const target = { folder, mode, onDisk, given, dryRun, remote, signal };
    try {
      const { to, state } = await (isAddress(photo.path) ? fetchInto : putInto)(photo, target);
      given.add(basename(to));
      done.push({ path: photo.path, to, state });
    } catch (error) {
      if (!(error instanceof PolarError) || (!(error instanceof PassingError) && error.code === 'unwritable'))
        throw error;
      skipped.push({ path: photo.path, reason: reasonOf(error, photo.path) });
    }
  }
  onProgress?.(photos.length, photos.length);
  return { folder, photos: done, skipped };
}

interface Target extends Pick<ExportOptions, 'remote' | 'signal'> {
  readonly folder: string;
  readonly mode: ExportMode;
  readonly dryRun: boolean;
  /** Names that were there before. */
  readonly onDisk: TakenNames;
  /** Names that photos of this run have. */
  readonly given: TakenNames;
}

type Placed = Pick<ExportedPhoto, 'to' | 'state'>;

async function putInto(photo: KnownPhoto, target: Target): Promise<Placed> {
  const { mode, dryRun, signal } = target;
  const { to, state } = await findPlace(photo, await sizeOf(photo.path), target);
  if (!dryRun && state === 'new') await place(photo, to, mode, signal);
  if (!dryRun && state === 'there' && mode === 'move') await removeOriginal(photo.path, to);
  return { to, state };
}

/** The original of a photo of another server: fetched beside its place, then moved there unless it is there already. */
async function fetchInto({ path }: KnownPhoto, target: Target): Promise<Placed> {
  const { folder, mode, dryRun, remote, signal, onDisk, given } = target;
  if (mode !== 'copy' || remote === undefined) throw new PolarError(`${path}: ${IN_IMMICH}`, 'not-found');
  if (dryRun) {
    const { name } = await remote.describe(path, signal);
    for (const free of namesLike(plainName(name))) {
      if (given.like(free).length + onDisk.like(free).length === 0)
        return { to: join(folder, free), state: 'new' };
    }
  }
  const original = await fetchOriginal(path, { remote, folder, signal });
  return putInto(original, { ...target, mode: 'move' }).finally(original.remove);
}

/** Where a photo is already, or the first free name like its own. */
async function findPlace(
  photo: KnownPhoto,
  size: number,
  { folder, mode, onDisk, given }: Target,
): Promise<Placed> {
  for (const name of namesLike(basename(photo.path))) {
    if (given.like(name).length > 0) continue;
    const inTheWay = onDisk.like(name);
    if (inTheWay.length === 0) return { to: join(folder, name), state: 'new' };
    for (const other of inTheWay) {
      const to = join(folder, other);
      if (await isThere(photo, size, to, mode)) return { to, state: 'there' };
    }
  }
  throw new RangeError('names do not end');
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return []; // a dry run makes no folder
    throw new PolarError(
      code === 'ENOTDIR' ? `${folder}: a file, expected a folder` : `${folder}: ${unreadable(code)}`,
      'unwritable',
    );
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await lstat(path)).size;
  } catch (error) {
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    throw new PassingError(`${path}: ${unreadable(code)}`, code);
  }
}
