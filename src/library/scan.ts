import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import { unreadable } from '../node/pixels/photo-file.ts';
import { isRawName } from '../node/pixels/raw-preview.ts';
import { folderFilter, isDeveloped, isVideoName, kindOf, nameOfShot } from './kinds.ts';
import { LeftOut } from './left-out.ts';
import { isLivePhotoVideo } from './reading/live-photo.ts';

/** A picture file as the folder lists it. */
export interface PhotoFile {
  /** Absolute path. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change of the content, milliseconds since 1970. */
  readonly mtime: number;
  /** Time of the last change of the content or of what the folder says of the file, milliseconds since 1970. */
  readonly ctime: number;
}

/** What a folder holds. */
export interface FolderScan {
  /** The folder itself, links resolved. */
  readonly root: string;
  /** Number of its disk, to notice when it goes away. */
  readonly device: number;
  /** It and every folder below that was looked into, each with the number of its disk. */
  readonly devices: ReadonlyMap<string, number>;
  readonly photos: readonly PhotoFile[];
  /** How many photos there are, wanted or not. */
  readonly seen: number;
  /** Files and folders below it that could not be read; what was known of them stays. */
  readonly unreadable: readonly string[];
  /** Everything else that lies there, by the reason why it is not indexed. */
  readonly leftOut: LeftOut;
}

/** Which photos of a folder are wanted. */
export interface ScanOptions {
  /** Names of folders to pass over, with `*` and `?` as wildcards. */
  readonly skip?: readonly string[] | undefined;
  /** Files and folders that were taken out of the library. */
  readonly takenOut?: ReadonlySet<string> | undefined;
  /** Whether a photo counts; the others are not even looked at. */
  readonly isWanted?: ((path: string) => boolean) | undefined;
  /**
   * Whether videos can be read, asked at every video: then they are listed with the photos, else rows that they have
   * stay. Without it they are counted like other files.
   */
  readonly canReadVideos?: (() => Promise<boolean>) | undefined;
}

// What Linux opens; longer paths exist, and can be reached only piece by piece.
const MAX_PATH_BYTES = 4095;

/**
 * The photos below `folder`, in order of their paths, and a count of everything else, by reason. Hidden files and
 * folders (also `._*`) are passed over, and links are not followed, so that nothing outside the folder gets in and no
 * circle is walked.
 *
 * @throws PolarError when the folder itself cannot be read
 */
export async function scanPhotos(folder: string, options: ScanOptions = {}): Promise<FolderScan> {
  const { skip = [], takenOut = new Set(), isWanted = () => true, canReadVideos } = options;
  const isPassedOver = folderFilter(skip);
  const root = await realpath(resolve(folder)).catch((error: NodeJS.ErrnoException) => {
    const isAbsent = error.code === 'ENOENT' || error.code === undefined;
    throw new PolarError(
      `${folder}: ${isAbsent ? tell('folder.missing') : unreadable(error.code!)}`,
      isAbsent ? 'not-found' : 'unreadable',
    );
  });
  const { dev: device } = await stat(root);
  const unreadablePaths: string[] = [];
  const leftOut = new LeftOut();
  const photos: PhotoFile[] = [];
  const devices = new Map<string, number>();
  let seen = 0;

  /** One file or folder that cannot be read never stops the rest. */
  const refuse = async (path: string, from: number, error: unknown): Promise<void> => {
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR';
    if (isAbsent && !(await isAway(path, from))) return; // deleted meanwhile: not on the disk any more
    unreadablePaths.push(path);
    if (isAbsent) leftOut.addTrouble('away', path, AWAY);
    else leftOut.addTrouble(code === 'ENAMETOOLONG' ? 'path' : 'unreadable', path, unreadable(code));
  };

  const look = async (directory: string, from: number, entry: Dirent<Buffer>): Promise<void> => {
    const name = entry.name.toString();
    const path = join(directory, name);
    if (name.startsWith('.')) return leftOut.add('hidden');
    if (takenOut.has(path)) return leftOut.add('takenOut');
    const isFolder = entry.isDirectory();
    if (entry.isSymbolicLink()) return leftOut.add('link');
    if (isFolder && isPassedOver(name, basename(directory))) return leftOut.add('passedOver');
    const kind = isFolder || !entry.isFile() ? 'other' : kindOf(name);
    const isVideo = kind === 'video' && canReadVideos !== undefined && isVideoName(name);
    if (isVideo && !(await canReadVideos())) {
      unreadablePaths.push(path);
      return leftOut.add('videoTools');
    }
    if (!isFolder && !isVideo && kind !== 'photo') return leftOut.add(kind);
    if (!Buffer.from(name).equals(entry.name)) {
      return leftOut.addTrouble('name', path, tell('file.name'));
    }
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
      unreadablePaths.push(path);
      return leftOut.addTrouble('path', path, unreadable('ENAMETOOLONG'));
    }
    if (isFolder) return walk(path, from);
    seen++;
    if (!isWanted(path)) return;
    try {
      const { size, mtimeMs, ctimeMs } = await lstat(path);
      photos.push({ path, size, mtime: Math.round(mtimeMs), ctime: Math.round(ctimeMs) });
    } catch (error) {
      await refuse(path, from, error);
    }
  };

  const walk = async (directory: string, from: number): Promise<void> => {
    let entries: Dirent<Buffer>[];
    let here: number;
    try {
      here = (await stat(directory)).dev;
      entries = await list(directory);
    } catch (error) {
      if (directory !== root) return refuse(directory, from, error);
      const { code = 'EIO' } = error as NodeJS.ErrnoException;
      throw new PolarError(
        code === 'ENOTDIR' ? `${folder}: ${tell('folder.file')}` : `${folder}: ${unreadable(code)}`,
        'unreadable',
      );
    }
    devices.set(directory, here);
    const twins = rawTwins(entries);
    const live = canReadVideos === undefined ? new Set() : await livePhotoVideos(directory, entries);
    for (const entry of entries) {
      if (twins.has(entry)) leftOut.add('rawBeside');
      else if (live.has(entry)) leftOut.add('livePhoto');
      else await look(directory, here, entry);
    }
  };

  await walk(root, device);
  return { root, device, devices, photos, seen, unreadable: unreadablePaths, leftOut };
}

/** Why a file of a disk that is gone cannot be read. */
export const AWAY = tell('file.away');

/** Whether a path is gone because its disk is: what is left of it lies on another one. */
export async function isAway(path: string, device: number): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined);
    if (found !== undefined) return found.dev !== device;
    if (at === dirname(at)) return true;
  }
}

/** The RAW photos whose picture of the same name lies beside them: both are one photo. */
const rawTwins = (entries: readonly Dirent<Buffer>[]): ReadonlySet<Dirent<Buffer>> =>
  new Set(besidePicture(entries, isRawName));

/** The videos that belong to a picture of the same name beside them, by what they say themselves. */
async function livePhotoVideos(
  directory: string,
  entries: readonly Dirent<Buffer>[],
): Promise<ReadonlySet<Dirent<Buffer>>> {
  const live = new Set<Dirent<Buffer>>();
  for (const entry of besidePicture(entries, isVideoName)) {
    if (await isLivePhotoVideo(join(directory, entry.name.toString()))) live.add(entry);
  }
  return live;
}

/** The files of a kind beside which a picture of the same name lies. */
function besidePicture(
  entries: readonly Dirent<Buffer>[],
  isKind: (name: string) => boolean,
): Dirent<Buffer>[] {
  const files = entries
    .map((entry) => ({ entry, name: entry.name.toString() }))
    .filter(({ entry, name }) => entry.isFile() && !name.startsWith('.'));
  const developed = new Set(
    files.filter(({ name }) => isDeveloped(name)).map(({ name }) => nameOfShot(name)),
  );
  return files
    .filter(({ name }) => isKind(name) && developed.has(nameOfShot(name)))
    .map(({ entry }) => entry);
}

async function list(directory: string): Promise<Dirent<Buffer>[]> {
  // Names as the disk has them, which need not be UTF-8.
  const entries = await readdir(directory, { withFileTypes: true, encoding: 'buffer' });
  const texts = new Map(entries.map((entry) => [entry, entry.name.toString()]));
  return entries.sort((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1));
}
