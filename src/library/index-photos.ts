import { setTimeout as sleep } from 'node:timers/promises';
import type { Table } from '@lancedb/lancedb';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import type { Clip } from '../node/load-clip.ts';
import { hasVideoTools } from '../node/video/run-tool.ts';
import { isCurrent } from './columns.ts';
import { commit } from './commit.ts';
import { beginFolder, endFolder, isWithin, listFolders } from './folders.ts';
import { describeLeftOut } from './left-out.ts';
import { lockStore } from './lock.ts';
import { ensureVectorIndex, type ModelIdentity, type PhotoStore } from './photo-store.ts';
import { type FolderScan, scanPhotos } from './scan.ts';
import { isInShard } from './shard.ts';
import { type IndexOptions, type IndexSummary, updateTable } from './update.ts';

/**
 * Brings the index up to date with a folder: only new and changed files are read, files that are gone lose their
 * row, and a photo that is no picture gets a row with the reason. What cannot be read this time (a permission, a disk
 * that is away) is counted and tried again by the next run; what was known of it stays. What is done is kept when the
 * run is stopped.
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
  const { shard, skip = [] } = options;
  const isWanted = shard && ((path: string) => isInShard(path, shard));
  let tools: Promise<boolean> | undefined;
  const canReadVideos = () => {
    tools ??= hasVideoTools(); // starts two programs: only for a folder with videos, and once
    return tools;
  };
  const wanted = { skip, isWanted, canReadVideos };
  const first = await scanPhotos(folder, wanted);
  // An empty folder is where a disk is not mounted, more often than not: its rows stay, in every share.
  if (first.seen === 0) throw noPhotos(folder, first);
  const lock = await lockStore(store, shard);
  try {
    const table = await openTable(store, clip, options);
    const isFirst = shard === undefined || shard.index === 0; // one of the shares keeps what is known of the folder
    const entry = isFirst ? await beginFolder(store, clip, first.root, skip) : undefined;
    const takenOut = entry?.takenOut ?? (await takenOutOf(store, clip, first.root));
    const scan =
      takenOut.length === 0 ? first : await scanPhotos(folder, { ...wanted, takenOut: new Set(takenOut) });
    const summary = await updateTable({ store, table, lock }, clip, scan, options);
    await lock.check();
    if (entry !== undefined) {
      const { troubles, leftOut } = summary;
      await endFolder(store, clip, { folder: entry, root: scan.root, leftOut, troubles });
    }
    if (shard === undefined) {
      const hasChanged = summary.found > summary.unchanged || summary.removed > 0;
      await finish(table, hasChanged, options.onNote);
    }
    return summary;
  } finally {
    await lock.release();
  }
}

function noPhotos(folder: string, { leftOut }: FolderScan): PolarError {
  const others = describeLeftOut(leftOut.counts);
  const [trouble] = leftOut.troubles;
  const formats = `JPEG, PNG, WebP, AVIF, TIFF, GIF, HEIC or RAW files${trouble === undefined ? '' : `; ${trouble.path}: ${trouble.reason}`}`;
  return new PolarError(
    `${folder}: ${others === '' ? tell('folder.empty', { formats }) : tell('folder.others', { others, formats })}`,
    'not-found',
  );
}

/** What was taken out of a folder, as the share knows that reads it with others. */
async function takenOutOf(store: PhotoStore, model: ModelIdentity, root: string): Promise<readonly string[]> {
  const folders = await listFolders(store, model);
  return folders.filter(({ path }) => isWithin(root, path)).flatMap(({ takenOut }) => takenOut);
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
    if (table !== undefined && (await isCurrent(table))) return table;
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
    await finish(table, true, onNote);
  } finally {
    await lock.release();
  }
}

async function finish(table: Table, hasChanged: boolean, onNote?: (line: string) => void): Promise<void> {
  if (hasChanged) await commit(() => table.optimize());
  await ensureVectorIndex(table, onNote);
}
