import { lstat, readdir } from 'node:fs/promises';
import type { Table } from '@lancedb/lancedb';
import type { Schema } from 'apache-arrow/schema';
import { sqlOnce } from './columns.ts';
import { commit } from './commit.ts';
import { countsOf, type LeftOutCounts, MAX_LISTED, type Trouble } from './left-out.ts';
import {
  folderPrefix,
  type ModelIdentity,
  type PhotoStore,
  sqlBelow,
  sqlText,
  tableName,
} from './photo-store.ts';
import { isAddress } from './remote/address.ts';

/** A folder, or another server, whose photos are in the index. */
export interface IndexedFolder {
  /** Absolute path, links resolved; of another server the address that those of its photos begin with. */
  readonly path: string;
  /** How photos of another server were asked for: `immich:`, or parts such as `immich:album/Rex`. */
  readonly sources?: readonly string[] | undefined;
  /** When it was last read to its end, milliseconds since 1970; null while it never was. */
  readonly read: number | null;
  /** Names of folders that were passed over. */
  readonly skip: readonly string[];
  /** Files and folders below it that were taken out, and stay out. */
  readonly takenOut: readonly string[];
  /** What lies there and is not indexed, of the last run. */
  readonly leftOut: LeftOutCounts;
  /** Files and folders that could not be read in the last run. */
  readonly troubles: readonly Trouble[];
}

const NAME = 'folders';

async function folderSchema(): Promise<Schema> {
  const { Field, Schema } = await import('apache-arrow/schema');
  const { Float64, Utf8 } = await import('apache-arrow/type');
  return new Schema([
    new Field('model', new Utf8(), false), // name of its table of photos
    new Field('path', new Utf8(), false),
    new Field('read', new Float64(), true),
    new Field('details', new Utf8(), false), // JSON: what is never searched by
  ]);
}

/** The folders that were indexed with a model, in order of their paths. */
export async function listFolders(store: PhotoStore, model: ModelIdentity): Promise<IndexedFolder[]> {
  return readFolders(await store.findTable(NAME), `model = ${sqlText(tableName(model))}`);
}

async function readFolders(table: Table | undefined, where: string): Promise<IndexedFolder[]> {
  const rows = (await table?.query().where(where).toArray()) ?? [];
  const folders = rows.map(({ path, read, details }): IndexedFolder => {
    const known = JSON.parse(details as string) as Omit<IndexedFolder, 'path' | 'read'>;
    return { ...known, path: path as string, read: read as number | null };
  });
  return folders.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every indexed folder, with the name of its model's table. */
export async function allFolders(store: PhotoStore): Promise<{ model: string; folder: IndexedFolder }[]> {
  const table = await store.findTable(NAME);
  const models = (await table?.query().select(['model']).toArray()) ?? [];
  const all: { model: string; folder: IndexedFolder }[] = [];
  for (const model of new Set(models.map((row) => row.model as string))) {
    const folders = await readFolders(table, `model = ${sqlText(model)}`);
    all.push(...folders.map((folder) => ({ model, folder })));
  }
  return all;
}

/** Whether a path is a folder or lies below it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folderPrefix(folder));

/**
 * The entry of a folder that is about to be read, kept at once, so that a folder whose first reading was stopped is
 * known. A folder inside a known one has no entry of its own; one around known ones takes theirs over. What was taken
 * out and is now asked for by name comes back.
 */
export async function beginFolder(
  store: PhotoStore,
  model: ModelIdentity,
  root: string,
  skip: readonly string[],
): Promise<IndexedFolder> {
  const folders = await listFolders(store, model);
  const around = folders.find(({ path }) => isWithin(root, path));
  const inside = folders.filter(({ path }) => isWithin(path, root));
  const takenOut = [...(around?.takenOut ?? []), ...inside.flatMap((folder) => folder.takenOut)].filter(
    (path) => !isWithin(root, path),
  );
  const nothing = { read: null, leftOut: {}, troubles: [] };
  const folder: IndexedFolder =
    around !== undefined && around.path !== root
      ? { ...around, takenOut: [...new Set(takenOut)] }
      : { ...nothing, ...around, path: root, skip, takenOut: [...new Set(takenOut)] };
  await writeFolder(store, model, folder);
  await removeFolders(
    store,
    `model = ${sqlText(tableName(model))}`,
    inside.map(({ path }) => path).filter((path) => path !== folder.path),
  );
  return folder;
}

/** Found by a run in `root`, which is the folder itself or lies inside it. */
export interface FoundInFolder extends Pick<IndexedFolder, 'leftOut' | 'troubles'> {
  readonly folder: IndexedFolder;
  readonly root: string;
}

/** Keeps what a run has found. */
export async function endFolder(
  store: PhotoStore,
  model: ModelIdentity,
  { folder, root, leftOut, troubles }: FoundInFolder,
): Promise<void> {
  const isWhole = root === folder.path;
  const others = folder.troubles.filter(({ path }) => !isWithin(path, root));
  await writeFolder(store, model, {
    ...folder,
    ...(isWhole ? { leftOut, read: Date.now() } : {}),
    troubles: isWhole ? troubles : [...others, ...troubles],
  });
}

/** Photos of another server, as they are asked for. */
export interface ServerSource {
  /** What the addresses of its photos begin with. */
  readonly server: string;
  /** `immich:`, or a part such as `immich:album/Rex`. */
  readonly source: string;
  /** The source that stands for all photos, which makes its parts superfluous. */
  readonly whole: string;
  /** Address of the one photo that is asked for by name, which comes back where it was taken out. */
  readonly named?: string | undefined;
}

/** The entry of another server whose photos are about to be read, kept at once. */
export async function beginServer(
  store: PhotoStore,
  model: ModelIdentity,
  { server, source, whole, named }: ServerSource,
): Promise<IndexedFolder> {
  const known = (await listFolders(store, model)).find(({ path }) => path === server);
  const before = (known?.sources ?? []).filter((other) => source !== whole && other !== source);
  const folder: IndexedFolder = {
    ...{ read: null, skip: [], leftOut: {}, troubles: [] },
    ...known,
    path: server,
    sources: before.includes(whole) ? [whole] : [...before, source],
    takenOut: (known?.takenOut ?? []).filter((path) => path !== named),
  };
  await writeFolder(store, model, folder);
  return folder;
}

/** What a run has found on another server. */
export interface ServerRun {
  /** Whether all its photos were listed. */
  readonly isWhole: boolean;
  /** Addresses of the photos that were listed. */
  readonly listed: ReadonlySet<string>;
  /** Photos that have no preview. */
  readonly troubles: readonly Trouble[];
}

/** Keeps what a run has found on another server; what is known of its other photos stays. */
export async function endServer(
  store: PhotoStore,
  model: ModelIdentity,
  folder: IndexedFolder,
  { isWhole, listed, troubles: found }: ServerRun,
): Promise<void> {
  const others = isWhole ? [] : folder.troubles.filter(({ path }) => !listed.has(path));
  const troubles = [...others, ...found];
  await writeFolder(store, model, {
    ...folder,
    read: Date.now(),
    leftOut: countsOf({ preview: troubles.length, takenOut: folder.takenOut.length }),
    troubles: troubles.slice(0, MAX_LISTED),
  });
}

async function writeFolder(store: PhotoStore, model: ModelIdentity, folder: IndexedFolder): Promise<void> {
  const table = await store.openTable(NAME, await folderSchema());
  await writeRow(table, tableName(model), folder);
}

async function writeRow(
  table: Table,
  model: string,
  { path, read, ...details }: IndexedFolder,
): Promise<void> {
  const where = `model = ${sqlText(model)} AND path = ${sqlText(path)}`;
  const row = { model, path, read, details: JSON.stringify(details) };
  const [known] = await table.query().where(where).toArray();
  if (known?.details === row.details && known?.read === read) return;
  if (known === undefined) await commit(() => table.add([row]));
  else await commit(() => table.mergeInsert(['model', 'path']).whenMatchedUpdateAll().execute([row]));
  await commit(() => table.optimize()); // a few rows, written again and again
}

async function removeFolders(store: PhotoStore, which: string, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  const table = await store.openTable(NAME, await folderSchema());
  await commit(() => table.delete(`${which} AND path IN (${paths.map(sqlText).join(', ')})`));
}

/**
 * Takes a file or folder out of the index of every model: its rows go, and what lies inside an indexed folder is left
 * out when that is read again. The store must be locked.
 *
 * @param path absolute, links resolved
 * @returns the photos that went, with the model that knew most of them; 0 where nothing was known of the path
 */
export async function takeOut(
  store: PhotoStore,
  path: string,
): Promise<{ photos: number; isKnown: boolean }> {
  let photos = 0;
  let isKnown = false;
  for (const table of await store.photoTables()) {
    const rows = await table.countRows(sqlBelow(path));
    if (rows === 0) continue;
    isKnown = true;
    const here = `reason IS NULL AND ${await sqlOnce(table)} AND ${sqlBelow(path)}`;
    photos = Math.max(photos, await table.countRows(here));
    await commit(() => table.delete(sqlBelow(path)));
  }
  const table = await store.findTable(NAME);
  if (table === undefined) return { photos, isKnown };
  if ((await table.countRows(sqlBelow(path))) > 0) {
    isKnown = true;
    await commit(() => table.delete(sqlBelow(path)));
  }
  for (const { model, folder } of await allFolders(store)) {
    if (!isKnown || !isWithin(path, folder.path) || folder.takenOut.includes(path)) continue;
    const troubles = folder.troubles.filter((trouble) => !isWithin(trouble.path, path));
    const takenOut = [...folder.takenOut.filter((other) => !isWithin(other, path)), path];
    await writeRow(table, model, { ...folder, takenOut, troubles });
  }
  return { photos, isKnown };
}

/**
 * Whether a folder is not there: gone, moved, or on a disk that is away, which leaves an empty folder behind. Another
 * server is not asked: its photos can be found while it is away.
 */
export async function isMissing(path: string): Promise<boolean> {
  if (isAddress(path)) return false;
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => error.code);
  if (found === 'ENOENT' || found === 'ENOTDIR') return true;
  if (found === undefined || typeof found === 'string') return false; // without permission it is still there
  if (!found.isDirectory()) return true;
  const entries = await readdir(path).catch(() => undefined);
  return entries?.length === 0;
}

/** The indexed folders as the disk has them. */
export interface IndexedFolders {
  /** Those that are not there now. Their photos are not shown, and their rows stay. */
  readonly missing: readonly string[];
  /** Whether the file of a photo is gone from a folder that is there. */
  hasLost(path: string): Promise<boolean>;
}

/** Looks for the indexed folders. Those of an object store may lie on another machine: none of them is missing. */
export async function foldersOnDisk(store: PhotoStore, model: ModelIdentity): Promise<IndexedFolders> {
  const paths = store.isRemote ? [] : (await listFolders(store, model)).map(({ path }) => path);
  const areMissing = await Promise.all(paths.map(isMissing));
  const missing = paths.filter((_, index) => areMissing[index]);
  const present = paths.filter((_, index) => !areMissing[index]);
  return {
    missing,
    async hasLost(path) {
      if (isAddress(path) || !present.some((folder) => isWithin(path, folder))) return false;
      const found = await lstat(path).catch((error: NodeJS.ErrnoException) => error.code);
      return found === 'ENOENT' || found === 'ENOTDIR';
    },
  };
}

/** The photos and folders that could not be read with this model, with the reasons, by path. */
export async function listFailed(store: PhotoStore, model: ModelIdentity): Promise<Trouble[]> {
  const table = await store.find(model);
  if (table === undefined) return [];
  const rows = await table.query().where('reason IS NOT NULL').select(['path', 'reason']).toArray();
  const failed = rows.map((row): Trouble => ({ path: row.path, reason: row.reason }));
  const troubles = (await listFolders(store, model)).flatMap((folder) => folder.troubles);
  return [...failed, ...troubles].sort((a, b) => (a.path < b.path ? -1 : 1));
}
