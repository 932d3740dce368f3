import type { Table } from '@lancedb/lancedb';
import { PolarError } from '../errors.ts';
import type { ModelIdentity, PhotoStore } from './photo-table.ts';

/** A photo that was found. */
export interface FoundPhoto {
  readonly path: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  /** Cosine of the photo's and the query's embedding. */
  readonly score: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The photos nearest to a query, best first; exact.
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
): Promise<FoundPhoto[]> {
  const { table, photos } = await requirePhotos(store, model);
  const rows = await table
    .query()
    .nearestTo(query)
    .distanceType('cosine')
    .bypassVectorIndex()
    .where('reason IS NULL')
    .select(['path', 'hash', 'width', 'height', '_distance'])
    .limit(Math.min(top, photos))
    .toArray();
  return rows.map((row) => ({
    path: row.path as string,
    hash: row.hash as string,
    score: 1 - (row._distance as number),
    width: row.width as number,
    height: row.height as number,
  }));
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
