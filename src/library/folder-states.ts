import { readdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Table } from '@lancedb/lancedb';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import { withPhotoFile } from '../node/pixels/photo-file.ts';
import { sqlOnce } from './columns.ts';
import { allFolders, type IndexedFolder, isMissing, isWithin, takeOut } from './folders.ts';
import { lockStore } from './lock.ts';
import { type PhotoStore, sqlBelow, sqlText } from './photo-store.ts';
import { isAddress } from './remote/address.ts';

/** An indexed folder as it is now. */
export interface FolderState extends IndexedFolder {
  /** Model that its photos were indexed with; null while none was. */
  readonly modelId: string | null;
  /** Photos that are in the index. */
  readonly photos: number;
  /** Photos that cannot be read. */
  readonly broken: number;
  /** Whether the folder is not there now: its photos are not shown. */
  readonly missing: boolean;
  /** Where the same photos lie now, if the folder is missing and that is known. */
  readonly movedTo: string | null;
}

/** Every indexed folder of every model, in order of their paths. */
export async function describeFolders(store: PhotoStore): Promise<FolderState[]> {
  const states: FolderState[] = [];
  for (const { model, folder } of await allFolders(store)) {
    const table = await store.findTable(model);
    const below = sqlBelow(folder.path);
    const [row] = (await table?.query().where(below).select(['modelId']).limit(1).toArray()) ?? [];
    const missing = await isMissing(folder.path);
    states.push({
      ...folder,
      modelId: (row?.modelId as string | undefined) ?? null,
      photos: (await table?.countRows(`reason IS NULL AND ${await sqlOnce(table)} AND ${below}`)) ?? 0,
      broken: (await table?.countRows(`reason IS NOT NULL AND ${below}`)) ?? 0,
      missing,
      movedTo: missing && table !== undefined ? await whereMoved(table, folder.path) : null,
    });
  }
  return states.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Takes a folder or a photo out of the index; the files themselves stay. Inside an indexed folder it stays out when
 * that is read again, until it is indexed by its own name.
 *
 * @returns how many photos went
 * @throws PolarError when nothing is known of it, or another process is writing
 */
export async function forget(store: PhotoStore, path: string): Promise<number> {
  const whole = isAddress(path) ? path.replace(/\/+$/, '') : await realpath(path).catch(() => resolve(path));
  const lock = await lockStore(store);
  try {
    // A folder that is gone may have been reached through links.
    for (const candidate of new Set([whole, isAddress(path) ? whole : resolve(path)])) {
      const { photos, isKnown } = await takeOut(store, candidate);
      if (isKnown) return photos;
    }
  } finally {
    await lock.release();
  }
  throw new PolarError(`${path}: ${tell('folder.unknown')}`, 'not-found');
}

const SAMPLE = 20;
const MAX_BESIDE = 200;
const HASHED = 3;

interface Known {
  readonly path: string;
  readonly hash: string;
}

/** Where the photos of a folder that is missing lie now, by their content: in another indexed folder, or beside it. */
async function whereMoved(table: Table, folder: string): Promise<string | null> {
  const below = sqlBelow(folder);
  const sample = (await table
    .query()
    .where(`reason IS NULL AND ${below}`)
    .select(['path', 'hash'])
    .limit(SAMPLE)
    .toArray()) as Known[];
  if (sample.length === 0) return null;
  const places = new Map(sample.map(({ path, hash }) => [hash, path.slice(folder.length)]));
  const elsewhere = (await table
    .query()
    .where(`hash IN (${[...places.keys()].map(sqlText).join(', ')}) AND NOT ${below}`)
    .select(['path', 'hash'])
    .toArray()) as Known[];
  const votes = new Map<string, number>();
  for (const { path, hash } of elsewhere) {
    const place = places.get(hash)!;
    if (!path.endsWith(place)) continue;
    const to = path.slice(0, -place.length);
    votes.set(to, (votes.get(to) ?? 0) + 1);
  }
  const [best] = [...votes].sort((a, b) => b[1] - a[1]);
  if (best !== undefined && 2 * best[1] >= sample.length && !(await isMissing(best[0]))) return best[0];
  return findBeside(folder, sample);
}

/** A folder that was renamed stands beside where it was. */
async function findBeside(folder: string, sample: readonly Known[]): Promise<string | null> {
  const parent = dirname(folder);
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const beside = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(parent, name));
  for (const candidate of beside.slice(0, MAX_BESIDE)) {
    const same = await Promise.all(
      sample.slice(0, HASHED).map(({ path, hash }) => {
        const place = candidate + sep + path.slice(folder.length + 1);
        return withPhotoFile(place, async (file) => file.hash === hash).catch(() => false);
      }),
    );
    if (same.every(Boolean) && !isWithin(candidate, folder)) return candidate;
  }
  return null;
}
