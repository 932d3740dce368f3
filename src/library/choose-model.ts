import { TOYBOX } from '../clip/hub/names.ts';
import { PolarError } from '../errors.ts';
import { defaultModel } from '../node/fetch-model.ts';
import type { PhotoStore } from './photo-store.ts';

/**
 * The model to use where several could be meant: the one that was named, else `POLAR_MODEL`, else the one that
 * the library was indexed with, else the default. Toybox, the model of those who have no other yet, gives way: to
 * another one that the library was indexed with as well, and for indexing to any other in the cache.
 *
 * @param named what the user asked for
 * @param purpose a search needs a model that the library was indexed with
 * @throws PolarError when the library was indexed with several models and none of them is the default
 */
export async function chooseModel(
  named: string | undefined,
  store: Pick<PhotoStore, 'models'>,
  purpose: 'index' | 'search' = 'search',
): Promise<string> {
  if (named !== undefined) return named;
  if (process.env.POLAR_MODEL) return process.env.POLAR_MODEL;
  const indexed = (await store.models()).map(({ id, revision }) =>
    id === TOYBOX || !/^[\w.-]+\/[\w.-]+$/.test(id) ? id : `${id}@${revision}`,
  );
  const fallback = await defaultModel();
  const names = [...new Set(indexed)].filter((name) => name !== TOYBOX);
  if (names.length === 0 && indexed.length > 0 && purpose === 'search') return TOYBOX;
  if (names.length === 0 || names.includes(fallback)) return fallback;
  if (names.length === 1) return names[0]!;
  throw new PolarError(
    `the library was indexed with several models (${names.join(', ')}); choose one with --model`,
  );
}
