import { PolarError } from '../errors.ts';
import { type AlbumMemory, recallAlbum, reconcile, rememberAlbum } from './album-memory.ts';
import { type ImmichApi, ImmichError } from './api.ts';
import { addToAlbum, createAlbum, type ImmichAlbum, listAlbums, listPhotos, pickOne } from './assets.ts';

/** What filling an album did, or would do. */
export interface AlbumSummary {
  /** Address where a person sees it; null where it would first be made. */
  readonly url: string | null;
  readonly name: string;
  /** Whether it was made in this run. */
  readonly created: boolean;
  /** Ids of the photos that were put in, best first. */
  readonly added: readonly string[];
  /** Found, and in the album before. */
  readonly present: number;
  /** Found, and left out because a person took them out. */
  readonly respected: number;
  /** Could not be put in: gone, or not the key's to add. */
  readonly refused: number;
}

/** Where an album is and what is remembered of it. */
export interface AlbumTarget {
  /** The user's folder. */
  readonly home: string;
  /** Name or id. */
  readonly name: string;
  /** Say what would be done, and do nothing. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal | undefined;
}

const BATCH = 500;

/**
 * Puts photos into an album, which is made where there is none. Nothing is ever taken out, and what a person took out
 * is not put in again.
 *
 * @param ids best first
 * @throws PolarError when the album is deleted meanwhile, or the server refuses
 */
export async function fillAlbum(
  api: ImmichApi,
  ids: readonly string[],
  { home, name, dryRun, signal }: AlbumTarget,
): Promise<AlbumSummary> {
  const before = await recallAlbum(home, api.url, name);
  const existing = await findAlbum(api, name, before, signal);
  const present = new Set(
    existing === undefined
      ? []
      : (await listPhotos(api, { albumIds: [existing.id] }, signal)).map(({ id }) => id),
  );
  // An album that was deleted as a whole says nothing about its photos.
  const isSame = before !== undefined && before.id === existing?.id;
  const fresh = { server: api.url, name, id: '', added: [], pending: [], removed: before?.removed ?? [] };
  let memory: AlbumMemory = reconcile(isSame ? before : fresh, present);
  const removed = new Set(memory.removed);
  const wanted = ids.filter((id) => !present.has(id) && !removed.has(id));
  const summary = {
    name: existing?.name ?? name,
    created: existing === undefined && !dryRun && wanted.length > 0,
    present: ids.filter((id) => present.has(id)).length,
    respected: ids.filter((id) => removed.has(id)).length,
  };
  const urlOf = (album: ImmichAlbum) => `${api.publicUrl}/albums/${album.id}`;
  if (dryRun || (existing === undefined && wanted.length === 0)) {
    return { ...summary, url: existing === undefined ? null : urlOf(existing), added: wanted, refused: 0 };
  }
  const album = existing ?? (await createAlbum(api, name, signal));
  memory = { ...memory, id: album.id };
  const added: string[] = [];
  for (let start = 0; start < wanted.length; start += BATCH) {
    signal?.throwIfAborted();
    const batch = wanted.slice(start, start + BATCH);
    await rememberAlbum(home, { ...memory, pending: batch });
    const results = await addToAlbum(api, album.id, batch, signal).catch((error: unknown) => {
      // immich answers 400 where an album is gone.
      const isGone = error instanceof ImmichError && (error.status === 400 || error.status === 404);
      throw isGone
        ? new PolarError(
            `the album "${album.name}" was deleted meanwhile; run the command again to make it anew`,
            'not-found',
          )
        : error;
    });
    // In it already: put in by somebody else since the album was listed, or by an attempt whose answer was lost.
    const taken = results
      .filter(({ success, error }) => success || error === 'duplicate')
      .map(({ id }) => id);
    memory = { ...memory, added: [...memory.added, ...taken] };
    added.push(...taken);
  }
  await rememberAlbum(home, memory);
  return { ...summary, url: urlOf(album), added, refused: wanted.length - added.length };
}

async function findAlbum(
  api: ImmichApi,
  name: string,
  before: AlbumMemory | undefined,
  signal: AbortSignal | undefined,
): Promise<ImmichAlbum | undefined> {
  const albums = await listAlbums(api, signal);
  // Renamed in immich since: still the same album.
  const same = albums.find(({ id }) => id === before?.id);
  if (same !== undefined) return same;
  return albums.some((album) => album.id === name || album.name === name)
    ? pickOne('album', name, albums)
    : undefined;
}
