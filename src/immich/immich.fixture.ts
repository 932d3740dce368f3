import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { predictForm, textEntries } from './machine-learning.fixture.ts';

/** A photo or video that the stand-in holds. */
export interface StandInAsset {
  readonly id: string;
  readonly name: string;
  readonly type: 'IMAGE' | 'VIDEO';
  /** The preview; undefined where immich has made none. */
  preview: Uint8Array | undefined;
  /** The file as it was uploaded; undefined where its disk is away. */
  original: Uint8Array | undefined;
  /** What immich's machine learning made of it, unit norm. */
  readonly embedding: Float32Array;
  modified: number;
  taken: number;
  readonly people: string[];
  readonly tags: string[];
}

/** An album of the stand-in. */
export interface StandInAlbum {
  readonly id: string;
  albumName: string;
  readonly assets: Set<string>;
}

/** How the stand-in misbehaves. */
export interface ImmichTrouble {
  /** Answers this many requests with 429. */
  limited?: { times: number; retryAfter?: string };
  /** Answers every request for this path with a status. */
  broken?: { path: RegExp; status: number };
  /** Takes requests for this path and never answers. */
  silent?: RegExp;
  /** Ends the connection in the middle of each original. */
  cutOff?: boolean;
  /** Called before each change of an album. */
  onAdd?: () => void;
}

/** A stand-in for an immich server, with one user and one API key. */
export interface StandIn {
  readonly url: string;
  readonly key: string;
  /** What the key may do. */
  readonly permissions: Set<string>;
  readonly assets: Map<string, StandInAsset>;
  readonly albums: Map<string, StandInAlbum>;
  readonly people: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly trouble: ImmichTrouble;
  /** What its administrator has set. */
  readonly settings: { externalDomain: string };
  /** Method and path of each request. */
  readonly requests: string[];
  /** Machine-learning services, asked in this order, as an administrator lists them. */
  readonly machineLearning: { urls: string[]; modelName: string };
  close(): Promise<void>;
}

// As the server's own validation: what it does not know it refuses.
const Search = z.strictObject({
  albumIds: z.array(z.uuid()).optional(),
  personIds: z.array(z.uuid()).optional(),
  tagIds: z.array(z.uuid()).optional(),
  type: z.enum(['IMAGE', 'VIDEO', 'AUDIO', 'OTHER']).optional(),
  size: z.int().min(1).max(1000).optional(),
  page: z.int().min(1).optional(),
  withExif: z.boolean().optional(),
});
const Metadata = Search.extend({
  order: z.enum(['asc', 'desc']).optional(),
  withStacked: z.boolean().optional(),
  updatedAfter: z.iso.datetime().optional(),
});
const Smart = Search.extend({ query: z.string().trim().min(1), language: z.string().optional() });
const NewAlbum = z.strictObject({
  albumName: z.string(),
  assetIds: z.array(z.uuid()).optional(),
  description: z.string().nullish(),
});
const Ids = z.strictObject({ ids: z.array(z.uuid()).min(1) });

class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const KEPT_QUERIES = 100;

/** Starts a stand-in on a free port of this machine. */
export async function startImmich(modelName: string): Promise<StandIn> {
  const state = {
    key: randomUUID().replaceAll('-', ''),
    permissions: new Set(['all']),
    assets: new Map<string, StandInAsset>(),
    albums: new Map<string, StandInAlbum>(),
    people: new Map<string, string>(),
    tags: new Map<string, string>(),
    trouble: {} as ImmichTrouble,
    settings: { externalDomain: '' },
    requests: [] as string[],
    machineLearning: { urls: [] as string[], modelName },
  };
  const embeddings = new Map<string, string>(); // the last 100 queries

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const status = error instanceof Refusal ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      send(response, status, { message, error: 'Error', statusCode: status });
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://immich');
    state.requests.push(`${request.method} ${url.pathname}`);
    const body = await readJson(request);
    const { limited, broken, silent } = state.trouble;
    if (limited !== undefined && limited.times > 0) {
      limited.times--;
      response
        .writeHead(429, limited.retryAfter === undefined ? {} : { 'retry-after': limited.retryAfter })
        .end();
      return;
    }
    if (silent?.test(url.pathname)) return;
    if (broken?.path.test(url.pathname)) throw new Refusal(broken.status, 'Broken');
    if (!url.pathname.startsWith('/api/')) throw new Refusal(404, 'Not found');
    const path = url.pathname.slice('/api'.length);
    const route = `${request.method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, ':id')}`;
    const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(path)?.[0] ?? '';
    if (route === 'GET /server/version')
      return send(response, 200, { major: 3, minor: 2, patch: 2, prerelease: null });
    if (route === 'GET /server/config')
      return send(response, 200, { externalDomain: state.settings.externalDomain, isInitialized: true });
    if (request.headers['x-api-key'] !== state.key) throw new Refusal(401, 'Invalid API key');
    switch (route) {
      case 'GET /api-keys/me':
        return send(response, 200, {
          id: NOBODY,
          name: 'polar',
          permissions: [...state.permissions],
          createdAt: EPOCH,
          updatedAt: EPOCH,
        });
      case 'POST /search/metadata': {
        need('asset.read');
        const query = valid(Metadata, body);
        const after = Date.parse(query.updatedAfter ?? EPOCH);
        const changed = filtered(query).filter(({ modified }) => modified >= after);
        const found = changed.sort((a, b) => (query.order === 'asc' ? 1 : -1) * (a.taken - b.taken));
        return send(response, 200, page(found, query.page ?? 1, query.size ?? 250));
      }
      case 'POST /search/smart': {
        need('asset.read');
        const query = valid(Smart, body);
        const text = await embed(query.query, query.language);
        const score = new Map(filtered(query).map((asset) => [asset, dot(text, asset.embedding)]));
        const found = [...score.keys()].sort((a, b) => score.get(b)! - score.get(a)!);
        return send(response, 200, page(found, query.page ?? 1, query.size ?? 100));
      }
      case 'GET /search/person': {
        need('person.read');
        const name = (url.searchParams.get('name') ?? '').toLowerCase();
        const found = [...state.people].filter(([, person]) => person.toLowerCase().startsWith(name));
        return send(
          response,
          200,
          found.map(([personId, person]) => ({
            id: personId,
            name: person,
            birthDate: null,
            isHidden: false,
            thumbnailPath: '',
          })),
        );
      }
      case 'GET /tags':
        need('tag.read');
        return send(
          response,
          200,
          [...state.tags].map(([tagId, value]) => ({
            id: tagId,
            name: value.split('/').at(-1),
            value,
            createdAt: EPOCH,
            updatedAt: EPOCH,
          })),
        );
      case 'GET /albums':
        need('album.read');
        return send(response, 200, [...state.albums.values()].map(describeAlbum));
      case 'POST /albums': {
        need('album.create');
        const { albumName, assetIds = [] } = valid(NewAlbum, body);
        const album: StandInAlbum = { id: randomUUID(), albumName, assets: new Set(assetIds) };
        state.albums.set(album.id, album);
        return send(response, 201, describeAlbum(album));
      }
      case 'GET /albums/:id':
        need('album.read');
        return send(response, 200, describeAlbum(albumOf(id, 'album.read')));
      case 'PUT /albums/:id/assets': {
        need('albumAsset.create');
        state.trouble.onAdd?.();
        const album = albumOf(id, 'albumAsset.create');
        return send(
          response,
          200,
          valid(Ids, body).ids.map((assetId) => {
            if (!state.assets.has(assetId)) return { id: assetId, success: false, error: 'no_permission' };
            if (album.assets.has(assetId)) return { id: assetId, success: false, error: 'duplicate' };
            album.assets.add(assetId);
            return { id: assetId, success: true };
          }),
        );
      }
      case 'DELETE /albums/:id/assets': {
        need('albumAsset.delete');
        const album = albumOf(id, 'albumAsset.delete');
        return send(
          response,
          200,
          valid(Ids, body).ids.map((assetId) => ({ id: assetId, success: album.assets.delete(assetId) })),
        );
      }
      case 'GET /assets/:id':
        need('asset.read');
        return send(response, 200, describeAsset(assetOf(id, 'asset.read')));
      case 'GET /assets/:id/thumbnail': {
        need('asset.view');
        const { preview } = assetOf(id, 'asset.view');
        if (url.searchParams.get('size') !== 'preview' || preview === undefined)
          throw new Refusal(404, 'Asset media not found');
        response.writeHead(200, { 'content-type': 'image/jpeg' }).end(preview);
        return;
      }
      case 'GET /assets/:id/original': {
        need('asset.download');
        const { original } = assetOf(id, 'asset.download');
        if (original === undefined) throw new Refusal(404, 'Asset media not found');
        response.writeHead(200, {
          'content-type': 'application/octet-stream',
          'content-length': original.length,
        });
        if (state.trouble.cutOff) {
          response.write(original.subarray(0, original.length / 2), () => response.destroy());
          return;
        }
        response.end(original);
        return;
      }
      default:
        throw new Refusal(404, `Cannot ${request.method} ${path}`);
    }
  }

  function need(permission: string): void {
    if (state.permissions.has('all') || state.permissions.has(permission)) return;
    throw new Refusal(403, `Missing required permission: ${permission}`);
  }
  function albumOf(id: string, permission: string): StandInAlbum {
    const album = state.albums.get(id);
    if (album === undefined) throw new Refusal(400, `Not found or no ${permission} access`);
    return album;
  }
  function assetOf(id: string, permission: string): StandInAsset {
    const asset = state.assets.get(id);
    if (asset === undefined) throw new Refusal(400, `Not found or no ${permission} access`);
    return asset;
  }
  function filtered(query: z.infer<typeof Search>): StandInAsset[] {
    return [...state.assets.values()].filter(
      (asset) =>
        (query.type === undefined || asset.type === query.type) &&
        (query.albumIds ?? []).every((id) => state.albums.get(id)?.assets.has(asset.id)) &&
        (query.personIds ?? []).every((id) => asset.people.includes(id)) &&
        (query.tagIds ?? []).every((id) => asset.tags.includes(id)),
    );
  }
  /** As the server does: from the last 100 queries, else by the first machine-learning service that answers. */
  async function embed(query: string, language: string | undefined): Promise<number[]> {
    const key = state.machineLearning.modelName + query + language;
    let embedding = embeddings.get(key);
    for (const url of embedding === undefined ? state.machineLearning.urls : []) {
      const form = predictForm(textEntries(state.machineLearning.modelName, language), { text: query });
      const answer = await fetch(new URL('/predict', url), { method: 'POST', body: form }).catch(
        () => undefined,
      );
      if (!answer?.ok) continue;
      embedding = ((await answer.json()) as { clip: string }).clip;
      break;
    }
    if (embedding === undefined) throw new Refusal(500, 'Machine learning request failed for all URLs');
    embeddings.delete(key);
    embeddings.set(key, embedding);
    for (const [oldest] of embeddings) if (embeddings.size > KEPT_QUERIES) embeddings.delete(oldest);
    return JSON.parse(embedding) as number[];
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...state,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Puts a photo into the stand-in. */
export function addAsset(
  immich: StandIn,
  name: string,
  preview: Uint8Array,
  embedding: Float32Array = Float32Array.of(1),
): StandInAsset {
  const time = Date.UTC(2025, 0, 1) + 1000 * immich.assets.size;
  const asset: StandInAsset = {
    id: randomUUID(),
    name,
    type: 'IMAGE',
    preview,
    original: preview,
    embedding,
    modified: time,
    taken: time,
    people: [],
    tags: [],
  };
  immich.assets.set(asset.id, asset);
  return asset;
}

const NOBODY = '00000000-0000-4000-8000-000000000000';
const EPOCH = new Date(0).toISOString();

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? undefined : JSON.parse(text);
}

function valid<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Refusal(
    400,
    `Invalid: ${parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join(', ')}`,
  );
}

function page(found: readonly StandInAsset[], number: number, size: number) {
  const items = found.slice((number - 1) * size, number * size).map(describeAsset);
  const nextPage = number * size < found.length ? String(number + 1) : null;
  return {
    albums: { total: 0, count: 0, items: [], facets: [] },
    assets: { total: items.length, count: items.length, items, facets: [], nextPage, nextCursor: null },
  };
}

function describeAsset(asset: StandInAsset) {
  return {
    id: asset.id,
    type: asset.type,
    originalFileName: asset.name,
    originalPath: `/data/${asset.name}`,
    ownerId: NOBODY,
    checksum: 'x',
    createdAt: EPOCH,
    fileCreatedAt: new Date(asset.taken).toISOString(),
    fileModifiedAt: new Date(asset.modified).toISOString(),
    localDateTime: new Date(asset.taken).toISOString(),
    updatedAt: new Date(asset.modified).toISOString(),
    duration: null,
    hasMetadata: true,
    height: 100,
    width: 100,
    isArchived: false,
    isEdited: false,
    isFavorite: false,
    isOffline: false,
    isTrashed: false,
    thumbhash: null,
    visibility: 'timeline',
    exifInfo: { fileSizeInByte: asset.preview?.length ?? 0, latitude: null, longitude: null },
  };
}

function describeAlbum({ id, albumName, assets }: StandInAlbum) {
  return {
    id,
    albumName,
    assetCount: assets.size,
    albumThumbnailAssetId: null,
    albumUsers: [],
    createdAt: EPOCH,
    updatedAt: EPOCH,
    description: '',
    hasSharedLink: false,
    isActivityEnabled: true,
    shared: false,
  };
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length)
    throw new Refusal(500, `different vector dimensions ${a.length} and ${b.length}`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
