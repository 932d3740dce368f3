import type { Table } from '@lancedb/lancedb';
import { type ModelIdentity, type PhotoRow, type PhotoStore, sqlText } from './photo-store.ts';

type Twin = Pick<PhotoRow, 'embedding' | 'width' | 'height' | 'taken' | 'latitude' | 'longitude'>;

/** What is known of photos with these contents, by hash. */
export async function findTwins(table: Table, hashes: readonly string[]): Promise<Map<string, Twin>> {
  if (hashes.length === 0) return new Map();
  const rows = await table
    .query()
    .where(`hash IN (${hashes.map(sqlText).join(', ')}) AND reason IS NULL`)
    .select(['hash', 'embedding', 'width', 'height', 'taken', 'latitude', 'longitude'])
    .toArray();
  return new Map(
    rows.map(({ hash, embedding, width, height, taken, latitude, longitude }) => [
      hash as string,
      {
        embedding: Float32Array.from(embedding as Iterable<number>),
        width,
        height,
        taken,
        latitude,
        longitude,
      },
    ]),
  );
}

/**
 * Looks up the embeddings `[P]`, unit norm, of photos that are indexed with a model, by the hashes of their files: for
 * learning, which needs no image tower then.
 */
export function knownEmbeddings(store: PhotoStore, model: ModelIdentity) {
  return async (hashes: readonly string[]): Promise<ReadonlyMap<string, Float32Array>> => {
    const table = await store.find(model);
    if (table === undefined) return new Map();
    const twins = await findTwins(table, hashes);
    return new Map([...twins].map(([hash, { embedding }]) => [hash, embedding!]));
  };
}
