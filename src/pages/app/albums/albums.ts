import { batch, signal } from '@preact/signals';
import { type AlbumSummary, ask, server } from '../api.ts';
import { attempt } from '../store.ts';

/** Saved searches, by their names, with the number of photos that are new in each. */
export const albums = signal<readonly AlbumSummary[]>([]);

/** Ids of the photos that are favourites. */
export const favourites = signal<ReadonlySet<string>>(new Set());

/** Asks the server for saved searches and favourites. */
export async function loadAlbums(): Promise<void> {
  const [all, ids] = await Promise.all([ask(server.albums.$get()), ask(server.favourites.$get())]);
  batch(() => {
    albums.value = all;
    favourites.value = new Set(ids);
  });
}

/** Makes a photo a favourite, or no longer; its copies follow when the server tells of the change. */
export async function toggleFavourite(id: string): Promise<void> {
  const isOne = favourites.value.has(id);
  const request = { param: { id } };
  const { favourite } = server.photos[':id'];
  await attempt(async () => {
    await ask(isOne ? favourite.$delete(request) : favourite.$put(request));
    const next = new Set(favourites.value); // as it is now: another heart may have been pressed meanwhile
    if (isOne) next.delete(id);
    else next.add(id);
    favourites.value = next;
  });
}
