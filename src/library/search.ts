import { join, sep } from 'node:path';
import type { Table } from '@lancedb/lancedb';
import { PolarError } from '../errors.ts';
import {
  INDEX_PROBES,
  INDEX_REFINE,
  MAX_EXACT_PHOTOS,
  type ModelIdentity,
  type PhotoStore,
  sqlText,
} from './photo-store.ts';

/** A photo that was found. */
export interface FoundPhoto {
  readonly path: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  /** Cosine of the photo's and the query's embedding. */
  readonly score: number;
  readonly width: number;
  readonly height: number;
  /** When it was taken, by the camera's clock, milliseconds since 1970; null if unknown. */
  readonly taken: number | null;
}

/** Which photos a search may find. */
export interface PhotoFilter {
  /** Taken at this time or later, milliseconds since 1970; a photo that does not say counts from its file's time. */
  readonly after?: number | undefined;
  /** Taken before this time. */
  readonly before?: number | undefined;
  /** Below this folder, an absolute path. */
  readonly folder?: string | undefined;
}

/**
 * The photos nearest to a query, best first; exact up to `MAX_EXACT_PHOTOS` photos, by the index beyond.
 *
 * @param query embedding `[P]`, of any norm
 * @param top how many at most
 * @throws PolarError when nothing was indexed with this model
 */
export async function searchPhotos(
  store: PhotoStore,
  model: ModelIdentity,
  query: Float32Array,
  top: number,
  filter: PhotoFilter = {},
): Promise<FoundPhoto[]> {
  const { table, photos } = await requirePhotos(store, model);
  const nearest = table.query().nearestTo(query).distanceType('cosine');
  const search =
    photos <= MAX_EXACT_PHOTOS
      ? nearest.bypassVectorIndex()
      : nearest.nprobes(INDEX_PROBES).refineFactor(INDEX_REFINE);
  // A filter is applied before the search, or too few would be left; that reads a column of every photo. Skipped
  // photos have no embedding and are never among the nearest, so that alone is not worth it (50 of 70 ms in a million).
  if (Object.values(filter).every((value) => value === undefined)) search.postfilter();
  const rows = await search
    .where(toSql(filter))
    .select(['path', 'hash', 'width', 'height', 'taken', '_distance'])
    .limit(Math.min(top, photos))
    .toArray();
  return rows.map((row) => ({
    path: row.path as string,
    hash: row.hash as string,
    score: 1 - (row._distance as number),
    width: row.width as number,
    height: row.height as number,
    taken: row.taken as number | null,
  }));
}

function toSql({ after, before, folder }: PhotoFilter): string {
  const conditions = ['reason IS NULL'];
  const time = 'coalesce(taken, mtime)';
  if (after !== undefined) conditions.push(`${time} >= ${Number(after)}`);
  if (before !== undefined) conditions.push(`${time} < ${Number(before)}`);
  if (folder !== undefined) conditions.push(`starts_with(path, ${sqlText(join(folder, sep))})`);
  return conditions.join(' AND ');
}

/** How many photos can be found with this model. */
export async function countPhotos(store: PhotoStore, model: ModelIdentity): Promise<number> {
  return (await store.find(model))?.countRows('reason IS NULL') ?? 0;
}

async function requirePhotos(
  store: PhotoStore,
  model: ModelIdentity,
): Promise<{ table: Table; photos: number }> {
  const table = await store.find(model);
  const photos = (await table?.countRows('reason IS NULL')) ?? 0;
  if (table !== undefined && photos > 0) return { table, photos };
  const others = (await store.models()).filter((other) => other.photos > 0);
  throw new PolarError(
    others.length === 0
      ? 'no photos are indexed yet; run "polar index <folder>" first'
      : `no photos are indexed with ${model.id}@${model.revision.slice(0, 12)} (there are with ${others.map(({ id }) => id).join(', ')}); run "polar index <folder> --model ${model.id}", or search with --model`,
  );
}

/** Evenly spread photos of the library, for what is typical of it. */
export async function samplePhotos(
  store: PhotoStore,
  model: ModelIdentity,
  count: number,
): Promise<Float32Array[]> {
  const { table } = await requirePhotos(store, model);
  const rows = await table.countRows();
  const step = Math.max(1, Math.floor(rows / count));
  const offsets = Array.from({ length: Math.min(rows, count) }, (_, i) => i * step);
  const found = await table.takeOffsets(offsets).select(['embedding']).toArray();
  return found.filter((row) => row.embedding !== null).map((row) => Float32Array.from(row.embedding));
}
