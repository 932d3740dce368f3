import { stat } from 'node:fs/promises';
import { sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Table } from '@lancedb/lancedb';
import { PolarError } from '../errors.ts';
import type { Clip } from '../node/load-clip.ts';
import type { Lock } from '../node/lock.ts';
import { commit } from './commit.ts';
import { lockStore } from './lock.ts';
import {
  deletePhotos,
  ensureVectorIndex,
  type ModelIdentity,
  type PhotoRow,
  type PhotoStore,
  sqlText,
  writePhotos,
} from './photo-store.ts';
import { embedPhotos, readPhotos } from './read.ts';
import { type FolderScan, scanPhotos } from './scan.ts';
import { isInShard, type Shard } from './shard.ts';

/** How a folder of photos is indexed. */
export interface IndexOptions {
  /** Names of folders to pass over, with `*` and `?` as wildcards. */
  readonly skip?: readonly string[] | undefined;
  /** Index this share of the photos only; further processes index the others. */
  readonly shard?: Shard | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called as photos are done; `total` counts those that must be read. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Told what takes long and why. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/** What an index run did. */
export interface IndexSummary {
  /** Photos in the folder (of the own share). */
  readonly found: number;
  /** Embedded in this run. */
  readonly added: number;
  /** Nothing to do: same size and time as before. */
  readonly unchanged: number;
  /** Known by content: moved, renamed, touched or copied. */
  readonly recognised: number;
  /** Rows of files that are gone. */
  readonly removed: number;
  /** Skipped in this run. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Photos below the folder that cannot be read, of this run and earlier ones. */
  readonly failed: number;
}

const BATCH = 16;
// A killed run loses at most as many photos as are embedded between two commits. In a local folder a commit costs
// about as much as some photos. In an object store it is a round trip, and many processes take turns: the first
// commit comes soon, each further one after twice as many photos.
const COMMIT_EVERY = 128;
const COMMIT_EVERY_AT_MOST = { local: 128, remote: 4096 } as const;

/**
 * Brings the index up to date with a folder: only new and changed files are read, files that are gone lose their
 * row, and a photo that cannot be read gets a row with the reason. What is done is kept when the run is stopped.
 *
 * Of a run with a `shard` only the photos of that share and their rows are touched; when all shares are done,
 * `finishIndex` compacts the table.
 *
 * @throws PolarError when the folder cannot be read, vanishes meanwhile or holds no photos, when another process is
 *   writing, or when the index cannot be written
 */
export async function indexPhotos(
  store: PhotoStore,
  clip: Clip,
  folder: string,
  options: IndexOptions = {},
): Promise<IndexSummary> {
  const { shard } = options;
  const scan = await scanPhotos(folder, options.skip, shard && ((path) => isInShard(path, shard)));
  // An empty folder is where a disk is not mounted, more often than not: its rows stay, in every share.
  if (scan.seen === 0) {
    throw new PolarError(
      `${folder}: no photos found; expected JPEG, PNG, WebP, AVIF, TIFF, GIF or HEIC files`,
      'not-found',
    );
  }
  const lock = await lockStore(store, shard);
  try {
    const table = await openTable(store, clip, options);
    const place = store.isRemote ? 'remote' : 'local';
    const summary = await update(table, clip, scan, { place, lock }, options);
    await lock.check();
    if (shard === undefined) {
      const hasChanged = summary.found > summary.unchanged || summary.removed > 0;
      await finish(table, clip, hasChanged, options.onNote);
    }
    return summary;
  } finally {
    await lock.release();
  }
}

// Shares of a job begin within this time of each other, unless the scheduler runs out of machines.
const WAIT_FOR_TABLE_MS = 15 * 60_000;
const ASK_AGAIN_MS = 500;

/**
 * The model's table. Of several processes that begin at once only share 0 makes it: LanceDB lets the later of two
 * that make the same table write over the earlier one.
 */
async function openTable(
  store: PhotoStore,
  model: ModelIdentity,
  { shard, signal, onNote }: IndexOptions,
): Promise<Table> {
  if (shard === undefined || shard.index === 0) return store.open(model);
  const started = performance.now();
  for (let turn = 0; performance.now() - started < WAIT_FOR_TABLE_MS; turn++) {
    const table = await store.find(model);
    if (table !== undefined) return table;
    if (turn === 0) onNote?.(`waiting for share 0/${shard.count} to make the table in ${store.uri}`);
    await sleep(ASK_AGAIN_MS, undefined, { signal });
  }
  throw new PolarError(
    `${store.uri}: share 0/${shard.count} has not made the table within ${WAIT_FOR_TABLE_MS / 60_000} minutes; start it too, then this one again`,
    'busy',
  );
}

/**
 * Compacts the table that several processes filled, and builds the index for approximate search where the library
 * is large.
 *
 * @throws PolarError when nothing was indexed with this model
 */
export async function finishIndex(
  store: PhotoStore,
  model: ModelIdentity,
  onNote?: (line: string) => void,
): Promise<void> {
  const table = await store.find(model);
  if (table === undefined) {
    throw new PolarError(
      `${store.uri}: no photos are indexed with ${model.id}; run "polar index <folder>" first`,
      'nothing-indexed',
    );
  }
  const lock = await lockStore(store);
  try {
    await finish(table, model, true, onNote);
  } finally {
    await lock.release();
  }
}

async function finish(
  table: Table,
  { dimension }: ModelIdentity,
  hasChanged: boolean,
  onNote?: (line: string) => void,
): Promise<void> {
  if (hasChanged) await commit(() => table.optimize());
  await ensureVectorIndex(table, dimension, onNote);
}

interface KnownPhoto {
  readonly hash: string;
  readonly size: number;
  readonly mtime: number;
}

async function update(
  table: Table,
  clip: Clip,
  scan: FolderScan,
  { place, lock }: { readonly place: keyof typeof COMMIT_EVERY_AT_MOST; readonly lock: Lock },
  { shard, signal, onProgress }: IndexOptions,
): Promise<IndexSummary> {
  const known = await readKnown(table, shard);
  const gone = findGone(known, scan);
  const changed = scan.photos.filter((file) => {
    const row = known.get(file.path);
    return row === undefined || row.size !== file.size || row.mtime !== file.mtime;
  });
  const hashes = new Set([...known.values()].map((row) => row.hash));
  const skipped: { path: string; reason: string }[] = [];
  let added = 0;
  let recognised = 0;
  let done = 0;
  let pending: PhotoRow[] = [];
  // By content, what the table does not hold yet, or did not when the photos were read that are embedded next.
  let recent = new Map<string, PhotoRow>();
  let commitEvery = COMMIT_EVERY;
  const write = async (): Promise<void> => {
    await lock.check(); // otherwise another process writes these now
    const rows = pending;
    pending = []; // what cannot be written now is read again by the next run
    recent = new Map(rows.map((row) => [row.hash, row]));
    await writePhotos(table, clip, rows, (path) => known.has(path));
    commitEvery = Math.min(2 * commitEvery, COMMIT_EVERY_AT_MOST[place]);
  };
  onProgress?.(0, changed.length);
  try {
    let next = readPhotos(changed.slice(0, BATCH), table, hashes, clip);
    for (let start = 0; start < changed.length; start += BATCH) {
      signal?.throwIfAborted();
      lock.lost.throwIfAborted();
      const batch = await next;
      // The next photos are decoded while the tower works on these.
      next = readPhotos(changed.slice(start + BATCH, start + 2 * BATCH), table, hashes, clip);
      next.catch(() => {}); // awaited in the next turn, unless this one is stopped
      if (batch.length < Math.min(BATCH, changed.length - start)) await requireFolder(scan.root);
      for (const { row, isNew } of await embedPhotos(clip, batch, recent)) {
        if (row.reason !== null) skipped.push({ path: row.path, reason: row.reason });
        else if (isNew) added++;
        else recognised++;
        hashes.add(row.hash);
        pending.push(row);
        recent.set(row.hash, row);
      }
      done = Math.min(start + BATCH, changed.length);
      if (pending.length >= commitEvery) await write();
      onProgress?.(done, changed.length);
    }
  } finally {
    await write();
  }
  await lock.check();
  await requireFolder(scan.root);
  await deletePhotos(table, gone);
  return {
    found: scan.photos.length,
    added,
    unchanged: scan.photos.length - changed.length,
    recognised,
    removed: gone.length,
    skipped,
    failed: await table.countRows(
      `reason IS NOT NULL AND starts_with(path, ${sqlText(scan.root + sep)})${shard ? ` AND ${ofShard(shard)}` : ''}`,
    ),
  };
}

/** The rows of the own share, by path. */
async function readKnown(table: Table, shard: Shard | undefined): Promise<Map<string, KnownPhoto>> {
  const known = new Map<string, KnownPhoto>();
  const twice = new Set<string>();
  let query = table.query().select(['path', 'hash', 'size', 'mtime']);
  if (shard !== undefined) query = query.where(ofShard(shard));
  for await (const batch of query) {
    for (const row of batch) {
      const { path, hash, size, mtime } = row.toJSON() as KnownPhoto & { path: string };
      if (known.has(path)) twice.add(path);
      known.set(path, { hash, size, mtime });
    }
  }
  // Two processes of one share that ran at the same time have both appended a photo: it is indexed again.
  for (const path of twice) known.delete(path);
  await deletePhotos(table, [...twice]);
  return known;
}

const ofShard = ({ index, count }: Shard): string => `bucket % ${count} = ${index}`;

/** Paths below the folder whose file is not there any more; a folder that cannot be read just now keeps its rows. */
function findGone(
  known: ReadonlyMap<string, KnownPhoto>,
  { root, photos, unreadable }: FolderScan,
): string[] {
  const present = new Set(photos.map((file) => file.path));
  const isBelow = (path: string, folder: string) => path.startsWith(folder + sep);
  return [...known.keys()].filter(
    (path) =>
      isBelow(path, root) && !present.has(path) && !unreadable.some((folder) => isBelow(path, folder)),
  );
}

/** Photos have gone: was it all of them, as when a disk is pulled out? Then their rows stay. */
async function requireFolder(root: string): Promise<void> {
  const isThere = await stat(root).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  throw new PolarError(
    `${root}: the folder has vanished while it was indexed; what was done is kept, run the command again when it is back`,
    'not-found',
  );
}
