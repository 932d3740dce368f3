import { z } from 'zod';
import { PolarError } from '../errors.ts';
import { fold } from '../polar/query/fold.ts';
import { type ImmichApi, ImmichError } from './api.ts';

const Asset = z.object({
  id: z.uuid(),
  type: z.string(),
  originalFileName: z.string().max(1000),
  fileModifiedAt: z.string(),
  updatedAt: z.string(),
  localDateTime: z.string(),
  isEdited: z.boolean().optional(),
  width: z.number().nullish(),
  height: z.number().nullish(),
  exifInfo: z
    .object({
      fileSizeInByte: z.number().nullish(),
      latitude: z.number().nullish(),
      longitude: z.number().nullish(),
    })
    .nullish(),
});

/** A photo or video in immich. */
export type ImmichAsset = z.infer<typeof Asset>;

/** Which assets are wanted; all of a user's where nothing is given. */
export interface AssetFilter {
  readonly albumIds?: readonly string[];
  readonly personIds?: readonly string[];
  readonly tagIds?: readonly string[];
  /** Changed in any way since this moment. */
  readonly updatedAfter?: string;
}

const Page = z.object({
  assets: z.object({
    items: z.array(Asset).max(10_000),
    nextPage: z.string().nullish(),
    nextCursor: z.string().nullish(),
  }),
});

type AssetPage = z.infer<typeof Page>;
type PageStart = { readonly page: number } | { readonly cursor: string };

// The API's own maximum.
export const PAGE_SIZE = 1000;
const MAX_PAGES = 10_000;

/**
 * The photos that fit a filter, oldest first, so that photos that arrive meanwhile come after the last page. Videos,
 * the trash and the locked folder are left out.
 */
export async function listPhotos(
  api: ImmichApi,
  filter: AssetFilter = {},
  signal?: AbortSignal,
): Promise<ImmichAsset[]> {
  const found = new Map<string, ImmichAsset>();
  let next: PageStart | undefined = { page: 1 };
  for (let pages = 0; next !== undefined && pages < MAX_PAGES; pages++) {
    const body: object = {
      ...filter,
      type: 'IMAGE',
      order: 'asc',
      withStacked: true,
      withExif: true,
      size: PAGE_SIZE,
      ...next,
    };
    const { assets }: AssetPage = await api.json('/search/metadata', Page, {
      method: 'POST',
      body,
      isSafe: true,
      signal,
    });
    const before = found.size;
    for (const asset of assets.items) if (asset.type === 'IMAGE') found.set(asset.id, asset);
    const page: number = Number(assets.nextPage ?? Number.NaN);
    if (Number.isInteger(page)) next = { page };
    else next = assets.nextCursor ? { cursor: assets.nextCursor } : undefined;
    if (found.size === before && assets.items.length === 0) next = undefined; // a server that pages for ever
  }
  return [...found.values()];
}

/** The photos best first that immich's own smart search finds for a text. */
export async function smartSearch(
  api: ImmichApi,
  query: string,
  top: number,
  signal?: AbortSignal,
): Promise<ImmichAsset[]> {
  const found = new Map<string, ImmichAsset>();
  for (let page = 1; found.size < top; page++) {
    const body = { query, type: 'IMAGE', page, size: Math.min(PAGE_SIZE, top) };
    const { assets } = await api.json('/search/smart', Page, { method: 'POST', body, isSafe: true, signal });
    for (const asset of assets.items) if (found.size < top) found.set(asset.id, asset);
    if (assets.items.length === 0 || !assets.nextPage) break;
  }
  return [...found.values()];
}

/** A source of photos in immich: `immich:`, or `immich:album/…`, `asset/…`, `person/…`, `tag/…`. */
export interface ImmichSource {
  readonly kind: 'all' | 'album' | 'asset' | 'person' | 'tag';
  /** Name or id. */
  readonly name: string;
}

/** The source that stands for all photos. */
export const WHOLE = 'immich:';

/** A source as people write it. */
export const writeSource = ({ kind, name }: ImmichSource): string =>
  kind === 'all' ? WHOLE : `${WHOLE}${kind}/${name}`;

/** @returns undefined where `text` does not start with `immich:` */
export function parseSource(text: string): ImmichSource | undefined {
  if (!text.startsWith(WHOLE)) return undefined;
  const rest = text.slice(WHOLE.length);
  if (rest === '') return { kind: 'all', name: '' };
  const [, kind, name] = /^(album|asset|person|tag)\/(.+)$/.exec(rest) ?? [];
  if (kind === undefined) {
    throw new PolarError(
      `${text}: expected immich: for all photos, or immich:album/<name>, immich:asset/<id>, immich:person/<name> or immich:tag/<name>`,
    );
  }
  return { kind: kind as ImmichSource['kind'], name: name! };
}

/** @throws PolarError when there is nothing of this name, naming what there is */
export async function photosOf(
  api: ImmichApi,
  { kind, name }: ImmichSource,
  signal?: AbortSignal,
): Promise<ImmichAsset[]> {
  if (kind === 'all') return listPhotos(api, {}, signal);
  if (kind === 'asset') return [await getAsset(api, name, signal)];
  if (kind === 'album') {
    const album = pickOne('album', name, await listAlbums(api, signal));
    return listPhotos(api, { albumIds: [album.id] }, signal);
  }
  if (kind === 'tag') {
    const tag = pickOne('tag', name, await api.json('/tags', z.array(Tag).max(100_000), { signal }));
    return listPhotos(api, { tagIds: [tag.id] }, signal);
  }
  const path = `/search/person?name=${encodeURIComponent(name)}`;
  const people = await api.json(path, z.array(Named).max(10_000), { signal });
  return listPhotos(api, { personIds: [pickOne('person', name, people).id] }, signal);
}

/** @throws PolarError when there is no such photo, or it is not the key's to see */
export async function getAsset(api: ImmichApi, id: string, signal?: AbortSignal): Promise<ImmichAsset> {
  if (!z.uuid().safeParse(id).success) {
    throw new PolarError(`immich:asset/${id}: expected the id from the address of a photo in immich`);
  }
  const asset = await api.json(`/assets/${id}`, Asset, { signal }).catch((error) => {
    // immich answers 400 for an asset that is not there, or is somebody else's.
    const isUnknown = error instanceof ImmichError && (error.status === 400 || error.status === 404);
    throw isUnknown
      ? new PolarError(
          `immich:asset/${id}: no such photo at ${api.url}, or not the key's to see`,
          'not-found',
        )
      : error;
  });
  if (asset.type !== 'IMAGE') throw new PolarError(`immich:asset/${id}: not a photo (${asset.type})`);
  return asset;
}

const Named = z.object({ id: z.uuid(), name: z.string().max(1000) });
const Tag = z
  .object({ id: z.uuid(), name: z.string().max(1000), value: z.string().max(1000) })
  .transform(({ id, name, value }) => ({ id, name, alias: value }));
const Album = z
  .object({ id: z.uuid(), albumName: z.string().max(1000), assetCount: z.number() })
  .transform(({ id, albumName, assetCount }) => ({ id, name: albumName, assetCount }));

/** An album of a user. */
export type ImmichAlbum = z.infer<typeof Album>;

/** The albums that the key may see. */
export const listAlbums = (api: ImmichApi, signal?: AbortSignal): Promise<ImmichAlbum[]> =>
  api.json('/albums', z.array(Album).max(100_000), { signal });

/** Makes an empty album. */
export const createAlbum = (api: ImmichApi, name: string, signal?: AbortSignal): Promise<ImmichAlbum> =>
  api.json('/albums', Album, { method: 'POST', body: { albumName: name }, signal });

const Added = z.array(z.object({ id: z.string(), success: z.boolean(), error: z.string().optional() }));

/** Adds photos to an album: what became of each. */
export const addToAlbum = (
  api: ImmichApi,
  albumId: string,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<z.infer<typeof Added>> =>
  api.json(`/albums/${albumId}/assets`, Added, { method: 'PUT', body: { ids }, isSafe: true, signal });

interface Choice {
  readonly id: string;
  readonly name: string;
  readonly alias?: string;
}

/** The one that is meant: by id, by its exact name, or by its name in any case. */
export function pickOne<T extends Choice>(kind: string, name: string, all: readonly T[]): T {
  const exact = all.filter((item) => item.id === name || item.name === name || item.alias === name);
  const found = exact.length > 0 ? exact : all.filter((item) => fold(item.name) === fold(name));
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const ids = found.map((item) => item.id).join(', ');
    throw new PolarError(`immich has ${found.length} of ${kind} "${name}"; give the id instead: ${ids}`);
  }
  const names = all.map((item) => item.alias ?? item.name).filter((other) => other !== '');
  const some = names.slice(0, 10).join(', ') + (names.length > 10 ? ', ...' : '');
  throw new PolarError(
    `immich has no ${kind} "${name}"${names.length === 0 ? '' : `; there are: ${some}`}`,
    'not-found',
  );
}
