import type { ModelIdentity, PhotoStore } from '../photo-store.ts';
import { findTwins } from './twins.ts';

/**
 * Looks up the embeddings `[P]`, unit norm, of photos that are indexed with a model, by the hashes of their files: for
 * learning, which needs no image tower then.
 */
export function knownEmbeddings(store: PhotoStore, model: ModelIdentity) {
  return async (hashes: readonly string[]): Promise<ReadonlyMap<string, Float32Array>> => {
    const table = await store.find(model);
    if (table === undefined) return new Map();
    const twins = await findTwins(table, hashes);
    return new Map([...twins].map(([hash, [first]]) => [hash, first!.embedding!]));
  };
}
