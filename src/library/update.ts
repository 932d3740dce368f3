import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Table } from '@lancedb/lancedb';
import { type PassingError, PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import type { Clip } from '../node/load-clip.ts';
import type { Lock } from '../node/lock.ts';
import { foldersOnDisk, isWithin } from './folders.ts';
import { countTroubles, type LeftOutCounts, type Trouble } from './left-out.ts';
import {
  deletePhotos,
  type ModelIdentity,
  type PhotoRow,
  type PhotoStore,
  sqlBelow,
  writePhotos,
} from './photo-store.ts';
import { embedPhotos, readPhotos, reasonOf } from './reading/read.ts';
import { byContent } from './reading/twins.ts';
import { AWAY, type FolderScan, isAway } from './scan.ts';
import type { Shard } from './shard.ts';

/** How a folder of photos is indexed. */
export interface IndexOptions {
  /** Names of folders to pass over, with `*` and `?` as wildcards. @default none */
  readonly skip?: readonly string[] | undefined;
  /** Index this share of the photos only; further processes index the others. @default all photos */
  readonly shard?: Shard | undefined;
  /** How many pictures of a video are indexed, evenly over its time. @default 3, at 25, 50 and 75 % */
  readonly stills?: number | undefined;
  /**
   * Whether five parts of each photo are indexed beside it, in which small things are found better; the index is six times
   * as large, and reading takes up to six times as long. Photos that are indexed already stay as they are.
   *
   * @default false
   */
  readonly crops?: boolean | undefined;
  /** Stops the run after a batch; what is done is kept. @default it is not stopped */
  readonly signal?: AbortSignal | undefined;
  /** Called as photos are done; `total` counts those that must be read. @default nothing is called */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Called with a line on a step that takes long. @default nothing is called */
  readonly onNote?: ((line: string) => void) | undefined;
}

/** What an index run did. */
export interface IndexSummary {
  /** Photos in the folder (of the own share). */
  readonly found: number;
  /** Embedded in this run. */
  readonly added: number;
  /** Nothing to do: same size and times as before. */
  readonly unchanged: number;
  /** Known by content: moved, renamed, touched or copied. */
  readonly recognised: number;
  /** Rows of files that are gone. */
  readonly removed: number;
  /** Photos that are not indexed after this run's look at them. */
  readonly skipped: readonly Trouble[];
  /** Photos below the folder that cannot be read, of this run and earlier ones. */
  readonly failed: number;
  /** What else lies in the folder, by the reason why it is not indexed. */
  readonly leftOut: LeftOutCounts;
  /** Files and folders that somebody would expect to be indexed and that could not be read, some of them. */
  readonly troubles: readonly Trouble[];
  /** Whether everything was read that somebody would expect: no troubles. Broken photos are none. */
  readonly complete: boolean;
}

// A killed run loses at most as many photos as are embedded between two commits. In a local folder a commit costs
// about as much as some photos. In an object store it is a round trip, and many processes take turns: the first
// commit comes soon, each further one after twice as many photos.
const COMMIT_EVERY = 128;
const COMMIT_EVERY_AT_MOST = { local: 128, remote: 4096 } as const;

interface KnownPhoto {
  readonly hash: string;
  readonly size: number;
  readonly mtime: number;
  readonly ctime: number;
  /** Whether there is an embedding. */
  readonly isPhoto: boolean;
  /** A video has several, and a photo with crops. */
  readonly rows: number;
}

/**
 * Brings a table up to date with what a folder holds.
 *
 * @throws PolarError when the folder vanishes meanwhile, the lock is lost, or the table cannot be written
 */
export async function updateTable(
  { store, table, lock }: { readonly store: PhotoStore; readonly table: Table; readonly lock: Lock },
  clip: Clip,
  scan: FolderScan,
  { shard, stills, crops, signal, onProgress }: IndexOptions,
): Promise<IndexSummary> {
  const known = await readKnown(table, shard);
  const gone = findGone(known, scan);
  const changed = scan.photos.filter((file) => {
    const row = known.get(file.path);
    return (
      row === undefined || row.size !== file.size || row.mtime !== file.mtime || row.ctime !== file.ctime
    );
  });
  const embedded = new Set([...known.values()].filter((row) => row.isPhoto).map((row) => row.hash));
  const isEmbedded = (hash: string) => embedded.has(hash);
  const { leftOut } = scan;
  const skipped: Trouble[] = [];
  const moved = new Set<string>();
  let unread = 0;
  let added = 0;
  let recognised = 0;
  let done = 0;
  let pending: PhotoRow[] = [];
  // By content, what the table does not hold yet, or did not when the photos were read that are embedded next.
  let recent = new Map<string, readonly PhotoRow[]>();
  let commitEvery = COMMIT_EVERY;
  const write = async (): Promise<void> => {
    await lock.check(); // otherwise another process writes these now
    const rows = pending;
    pending = []; // what cannot be written now is read again by the next run
    recent = byContent(rows.filter((row) => row.reason === null));
    const rowsOf = (path: string) => known.get(path)?.rows ?? 0;
    await writePhotos(table, clip, rows, rowsOf);
    commitEvery = Math.min(2 * commitEvery, COMMIT_EVERY_AT_MOST[store.isRemote ? 'remote' : 'local']);
  };
  onProgress?.(0, changed.length);
  try {
    const read = (from: number) => {
      const files = changed.slice(from, from + clip.pictureBatch());
      return { files, photos: readPhotos(files, isEmbedded, clip, { stills, crops }) };
    };
    let next = read(0);
    while (done < changed.length) {
      signal?.throwIfAborted();
      lock.lost.throwIfAborted();
      const { files } = next;
      const batch = await next.photos;
      // The next photos are decoded while the tower works on these.
      next = read(done + files.length);
      next.photos.catch(() => {}); // awaited in the next turn, unless this one is stopped
      const sources = { clip, table, recent, expected: changed.length };
      for (const photo of await embedPhotos(batch, sources)) {
        if (photo.state === 'unread') {
          const trouble = await troubleOf(photo.path, photo.error, scan);
          if (trouble === undefined) continue; // deleted since the folder was listed
          unread++;
          skipped.push(trouble);
          leftOut.addTrouble(trouble.reason === AWAY ? 'away' : 'unreadable', photo.path, trouble.reason);
          continue;
        }
        const { rows } = photo;
        const [row] = rows as [PhotoRow, ...PhotoRow[]];
        if (photo.state === 'skipped') skipped.push({ path: row.path, reason: row.reason! });
        else {
          if (photo.state === 'added') added++;
          else recognised++;
          embedded.add(row.hash);
          recent.set(row.hash, rows);
          moved.add(row.hash);
        }
        pending.push(...rows);
      }
      done += files.length;
      if (pending.length >= commitEvery) await write();
      onProgress?.(done, changed.length);
    }
  } finally {
    await write();
  }
  await lock.check();
  await requireFolder(scan);
  const elsewhere = await findMoved(store, clip, known, moved, scan.root);
  await deletePhotos(table, [...gone, ...elsewhere]);
  const broken = await table.countRows(
    `reason IS NOT NULL AND ${sqlBelow(scan.root)}${shard ? ` AND ${ofShard(shard)}` : ''}`,
  );
  return {
    found: scan.photos.length,
    added,
    unchanged: scan.photos.length - changed.length,
    recognised,
    removed: gone.length + elsewhere.length,
    skipped,
    failed: broken + unread,
    leftOut: leftOut.counts,
    troubles: leftOut.troubles,
    complete: countTroubles(leftOut.counts) === 0,
  };
}

/**
 * What a person is told of a photo that could not be read; undefined where it was deleted since the folder was listed.
 *
 * @throws PolarError when the whole folder has vanished
 */
async function troubleOf(path: string, error: PassingError, scan: FolderScan): Promise<Trouble | undefined> {
  if (error.systemCode !== 'ENOENT' && error.systemCode !== 'ENOTDIR')
    return { path, reason: reasonOf(error, path) };
  await requireFolder(scan);
  return (await isAway(path, scan.devices.get(dirname(path)) ?? scan.device))
    ? { path, reason: AWAY }
    : undefined;
}

/**
 * Photos that were indexed in another folder and lie in this one now: that folder is there, and the file is not. Where
 * the other folder is away as a whole its rows stay.
 */
async function findMoved(
  store: PhotoStore,
  model: ModelIdentity,
  known: ReadonlyMap<string, KnownPhoto>,
  hashes: ReadonlySet<string>,
  root: string,
): Promise<string[]> {
  const candidates = [...known].filter(([path, row]) => hashes.has(row.hash) && !isWithin(path, root));
  if (candidates.length === 0) return [];
  const folders = await foldersOnDisk(store, model);
  const moved: string[] = [];
  for (const [path] of candidates) if (await folders.hasLost(path)) moved.push(path);
  return moved;
}

/** The rows of the own share, by path. */
async function readKnown(table: Table, shard: Shard | undefined): Promise<Map<string, KnownPhoto>> {
  const known = new Map<string, KnownPhoto>();
  const twice = new Set<string>();
  const stills = new Set<string>(); // a video, or a photo with crops, has several
  let query = table.query().select(['path', 'hash', 'size', 'mtime', 'ctime', 'reason', 'still']);
  if (shard !== undefined) query = query.where(ofShard(shard));
  for await (const batch of query) {
    for (const row of batch) {
      const { path, reason, ...photo } = row.toJSON() as Omit<PhotoRow, 'embedding'>;
      const { hash, size, mtime, ctime, still } = photo;
      const key = `${path}\0${still}`;
      if (still === null ? known.has(path) : stills.has(key)) twice.add(path);
      if (still !== null) stills.add(key);
      const rows = (known.get(path)?.rows ?? 0) + 1;
      known.set(path, { hash, size, mtime, ctime, isPhoto: reason === null, rows });
    }
  }
  // Two processes of one share that ran at the same time have both appended a photo: it is indexed again.
  for (const path of twice) known.delete(path);
  await deletePhotos(table, [...twice]);
  return known;
}

const ofShard = ({ index, count }: Shard): string => `bucket % ${count} = ${index}`;

/** Paths below the folder whose file is not there any more; what cannot be read just now keeps its rows. */
function findGone(
  known: ReadonlyMap<string, KnownPhoto>,
  { root, photos, unreadable }: FolderScan,
): string[] {
  const present = new Set(photos.map((file) => file.path));
  return [...known.keys()].filter(
    (path) => isWithin(path, root) && !present.has(path) && !unreadable.some((kept) => isWithin(path, kept)),
  );
}

/** Photos have gone: was it all of them, as when a disk is pulled out? Then their rows stay. */
async function requireFolder({ root, device }: FolderScan): Promise<void> {
  const found = await stat(root).catch(() => undefined);
  if (found?.dev === device) return;
  throw new PolarError(`${root}: ${tell('folder.vanished')}`, 'not-found');
}
