import { PolarError } from '../errors.ts';
import { allFolders } from '../library/folders.ts';
import type { PhotoStore } from '../library/photo-store.ts';
import type { RemoteLibrary } from '../library/remote/remote-library.ts';
import type { IndexOptions, IndexSummary } from '../library/update.ts';
import { polarHome } from '../node/home.ts';
import type { Clip } from '../node/load-clip.ts';
import { interruption } from './interruption.ts';

/** Whether an argument means photos of an immich server. */
export const isInImmich = (source: string): boolean => source.startsWith('immich:');

/** The API of the server that `polar immich connect` or the environment names. */
export async function openImmich() {
  const { ImmichApi, readConnection } = await import('../immich/index.ts');
  return new ImmichApi(await readConnection(polarHome(), process.env));
}

/**
 * Where the photos of a source begin in the index.
 *
 * @throws PolarError for a source whose photos cannot be told from the others there
 */
export async function addressInImmich(source: string, store: PhotoStore): Promise<string> {
  const { parseSource } = await import('../immich/index.ts');
  const { kind, name } = parseSource(source)!;
  const indexed = (await allFolders(store)).filter(({ folder }) => folder.sources !== undefined);
  const [server, ...others] = new Set(indexed.map(({ folder }) => folder.path));
  // Also where it is not connected any more.
  if (kind === 'all' && server !== undefined && others.length === 0) return server;
  const api = await openImmich();
  if (kind === 'all') return api.linkTo('');
  if (kind === 'asset') return api.linkTo(name);
  throw new PolarError(`${source}: the index does not know what is in it; name photos, or all: immich:`);
}

/** Photos of the immich server that is connected at that moment, to be shown and read again. */
export async function shownFromImmich(): Promise<RemoteLibrary> {
  const { ImmichPhotos, readConnection } = await import('../immich/index.ts');
  return new ImmichPhotos(() => readConnection(polarHome(), process.env));
}

/** How photos of an immich server are indexed. */
interface IndexFromImmich extends IndexOptions {
  /** The server that the index has these photos from, where they were indexed before. */
  readonly server?: string | undefined;
  readonly watch?: boolean | undefined;
  /** Milliseconds between two looks of `watch`. */
  readonly every?: number | undefined;
  readonly onIndexed: (summary: IndexSummary) => void;
}

/**
 * Indexes photos of the connected immich server, or keeps them current.
 *
 * @throws PolarError when it cannot be reached, or is another one than `server`
 */
export async function indexFromImmich(
  source: string,
  store: PhotoStore,
  clip: Clip,
  { server, watch, every, onIndexed, ...options }: IndexFromImmich,
): Promise<void> {
  const { indexImmich, parseSource, requireServer, watchImmich } = await import('../immich/index.ts');
  const parsed = parseSource(source)!;
  const api = await openImmich();
  if (server !== undefined) requireServer(api, server, source);
  const { signal = interruption.signal, onProgress, onNote } = options;
  const indexing = { api, signal, onProgress, onNote };
  if (watch) await watchImmich(store, clip, { ...indexing, sources: [parsed], every, onIndexed });
  else onIndexed(await indexImmich(store, clip, { ...indexing, source: parsed }));
}
