import { TOYBOX } from '../clip/hub/names.ts';
import { PolarError } from '../errors.ts';
import { chosenModel } from '../node/chosen-model.ts';
import { defaultModel, type ModelChoice } from '../node/default-model.ts';
import { hasToybox } from '../node/hub/fetch-model.ts';
import { listCachedModels } from '../node/hub/hub-cache.ts';
import type { PhotoStore } from './photo-store.ts';

/** What a model is chosen for. */
export interface ChooseModelOptions {
  readonly purpose?: 'index' | 'search' | undefined;
  readonly photos?: (() => Promise<number>) | undefined;
}

/**
 * The model to use where several could be meant: the one that was named, else `POLAR_MODEL`, else the one that was
 * chosen in the app and is at hand, else the one that the library was indexed with, else the default. Toybox, the model of those who have no other yet, gives way: to
 * another one that the library was indexed with as well, and for indexing to any other in the cache.
 *
 * @param named what the user asked for
 * @param options.purpose a search, the default, needs a model that the library was indexed with
 * @param options.photos how many photos are to be indexed, asked for only where that decides
 * @throws PolarError when the library was indexed with several models and none of them is the default
 */
export async function chooseModel(
  named: string | undefined,
  store: Pick<PhotoStore, 'models'>,
  { purpose = 'search', photos }: ChooseModelOptions = {},
): Promise<ModelChoice> {
  if (named !== undefined) return { name: named };
  if (process.env.POLAR_MODEL) return { name: process.env.POLAR_MODEL };
  const chosen = await chosenModel();
  if (chosen !== undefined && (await isAtHand(chosen))) return { name: chosen };
  const indexed = (await store.models()).map(({ id, revision }) =>
    id === TOYBOX || !/^[\w.-]+\/[\w.-]+$/.test(id) ? id : `${id}@${revision}`,
  );
  const names = [...new Set(indexed)].filter((name) => name !== TOYBOX);
  if (names.length === 1) return { name: names[0]! };
  if (names.length === 0 && indexed.length > 0 && purpose === 'search') return { name: TOYBOX };
  const fallback = await defaultModel({ photos: await photos?.() });
  if (names.length === 0) return fallback;
  // Which one the library is asked with is no question of time: it was read with each of them.
  if (names.includes(fallback.name)) return { name: fallback.name };
  throw new PolarError(
    `the library was indexed with several models (${names.join(', ')}); choose one with --model`,
  );
}

async function isAtHand(name: string): Promise<boolean> {
  if (name === TOYBOX) return hasToybox();
  const { models } = await listCachedModels();
  return models.some(({ id, revision, complete }) => complete && `${id}@${revision}` === name);
}
