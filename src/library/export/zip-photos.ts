import { type FileHandle, lstat, open, realpath, rm } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Zip, ZipPassThrough } from 'fflate';
import { PassingError, PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { cannotWrite, makeFolder } from '../../node/files.ts';
import type { Trouble } from '../left-out.ts';
import { reasonOf } from '../reading/read.ts';
import { isAddress } from '../remote/address.ts';
import { giveName, type KnownPhoto, partialIn, readPhoto, writeAll } from './copy-file.ts';
import type { ExportOptions } from './export-photos.ts';
import { TakenNames } from './free-names.ts';
import { type FetchedOriginal, fetchOriginal, plainName } from './original.ts';

/** What went into an archive. */
export interface ZipSummary {
  /** Absolute path of the archive. */
  readonly file: string;
  /** Each photo's name in it. */
  readonly photos: readonly { readonly path: string; readonly to: string }[];
  readonly skipped: readonly Trouble[];
}

// Of the format without its extension for large archives, which not every program reads.
const MAX_BYTES = 2 ** 32 - 2 ** 24;
const MAX_PHOTOS = 65_535;
const EXTENDED_TIMESTAMP = 0x5455;

/**
 * Writes photos into a zip archive, uncompressed (pictures are compressed already), with their dates and names kept
 * apart. The archive is written atomically and overwrites nothing. A photo that cannot be read is left out, with the
 * reason.
 *
 * @throws PolarError `exists`; `too-large` beyond 4 GB or 65,535 photos; `unwritable`; `busy` when a photo changes
 *   while it is read
 */
export async function zipPhotos(
  photos: readonly KnownPhoto[],
  file: string,
  { dryRun = false, remote, signal, onProgress }: Omit<ExportOptions, 'mode'> = {},
): Promise<ZipSummary> {
  const to = resolve(file);
  if (await lstat(to).catch(() => undefined)) {
    throw new PolarError(
      `${file}: exists already, and nothing is overwritten; choose another name`,
      'exists',
    );
  }
  await requireRoom(photos, file);
  const archive = dryRun ? undefined : await Archive.create(to);
  const names = new TakenNames();
  const done: { path: string; to: string }[] = [];
  const skipped: Trouble[] = [];
  try {
    for (const [index, photo] of photos.entries()) {
      signal?.throwIfAborted();
      onProgress?.(index, photos.length);
      let source: KnownPhoto & Partial<FetchedOriginal> = photo;
      try {
        if (!isAddress(photo.path)) {
          await readPhoto(photo, async () => {}, signal); // what has begun to stand in an archive cannot be taken back
        } else if (dryRun && remote !== undefined) {
          source = { ...photo, path: plainName((await remote.describe(photo.path, signal)).name) };
        } else
          source = await fetchOriginal(photo.path, { remote, folder: await realpath(dirname(to)), signal });
      } catch (error) {
        if (!(error instanceof PolarError) || error.code === 'unwritable') throw error;
        skipped.push({ path: photo.path, reason: reasonOf(error, photo.path) });
        continue;
      }
      const name = names.take(basename(source.path));
      await archive?.add(source, name, signal).finally(source.remove);
      done.push({ path: photo.path, to: name });
    }
    await archive?.finish();
  } finally {
    await archive?.remove();
  }
  onProgress?.(photos.length, photos.length);
  return { file: to, photos: done, skipped };
}

/** @throws PolarError when the archive would be larger than the format knows */
async function requireRoom(photos: readonly KnownPhoto[], file: string): Promise<void> {
  let bytes = 0;
  for (const { path } of photos) bytes += (await lstat(path).catch(() => ({ size: 0 }))).size;
  if (bytes > MAX_BYTES || photos.length > MAX_PHOTOS) throw tooLarge(file, photos.length, bytes);
}

const tooLarge = (file: string, photos: number, bytes: number): PolarError =>
  new PolarError(
    `${file}: ${tell('select.large', { photos, gigabytes: (bytes / 1e9).toFixed(1), most: MAX_PHOTOS })}`,
    'too-large',
  );

/** A zip archive that is being written beside its place. */
class Archive {
  readonly #to: string;
  readonly #partial: string;
  readonly #handle: FileHandle;
  readonly #zip: Zip;
  #pending: Uint8Array[] = [];
  #photos = 0;
  #bytes = 0;

  private constructor(to: string, partial: string, handle: FileHandle) {
    this.#to = to;
    this.#partial = partial;
    this.#handle = handle;
    this.#zip = new Zip((error, chunk) => {
      if (error) throw error;
      this.#pending.push(chunk);
    });
  }

  static async create(to: string): Promise<Archive> {
    await makeFolder(dirname(to));
    const partial = partialIn(dirname(to));
    try {
      return new Archive(to, partial, await open(partial, 'wx'));
    } catch (error) {
      throw cannotWrite(to, error);
    }
  }

  async add(photo: KnownPhoto, name: string, signal?: AbortSignal): Promise<void> {
    const { mtimeMs, size } = await lstat(photo.path);
    this.#photos++;
    this.#bytes += size; // of photos of another server nothing is known before
    if (this.#bytes > MAX_BYTES) throw tooLarge(this.#to, this.#photos, this.#bytes);
    const entry = new ZipPassThrough(name);
    // The format's own time has no zone, steps of two seconds, and years from 1980 to 2099.
    entry.mtime = Math.min(Math.max(mtimeMs, Date.UTC(1980, 0, 2)), Date.UTC(2099, 0, 1));
    entry.extra = { [EXTENDED_TIMESTAMP]: extendedTime(mtimeMs) };
    this.#zip.add(entry);
    try {
      await readPhoto(
        photo,
        async (part) => {
          entry.push(Uint8Array.from(part)); // the reader uses its buffer again
          await this.#write();
        },
        signal,
      );
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      throw new PolarError(tell('select.changed', { reason: error.message }), 'busy');
    }
    entry.push(new Uint8Array(), true);
    await this.#write();
  }

  async finish(): Promise<void> {
    this.#zip.end();
    await this.#write();
    await this.#handle.sync().catch((error) => {
      throw cannotWrite(this.#to, error);
    });
    await giveName(this.#partial, this.#to);
  }

  /** Closes the file, and removes what has no name yet. */
  async remove(): Promise<void> {
    await this.#handle.close();
    await rm(this.#partial, { force: true });
  }

  async #write(): Promise<void> {
    const parts = this.#pending;
    this.#pending = [];
    for (const part of parts) await writeAll(this.#handle, part, this.#to);
  }
}

/** The time of the last change in seconds since 1970, as Info-ZIP keeps it. */
function extendedTime(milliseconds: number): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = 1; // only this time
  new DataView(bytes.buffer).setInt32(1, Math.floor(milliseconds / 1000), true);
  return bytes;
}
