import { z } from 'zod';
import { PolarError } from '../errors.ts';
import type { PhotoStore } from '../library/photo-store.ts';
import type {
  RemoteIndexOptions,
  RemoteLibrary,
  RemoteSource,
  RemoteWatchOptions,
} from '../library/remote/remote-library.ts';
import { IN_IMMICH, type RemoteOriginal, type RemotePhotoFacts } from '../library/remote/remote-photos.ts';
import type { IndexSummary } from '../library/update.ts';
import { tell } from '../messages.ts';
import type { Clip } from '../node/load-clip.ts';
import { ImmichApi, ImmichError, QUICK } from './api.ts';
import { getAsset, parseSource } from './assets.ts';
import type { ImmichConnection } from './connection.ts';
import { indexImmich, serverOf } from './library/index-library.ts';
import { watchImmich } from './library/watch-library.ts';

// A wall asks for forty pictures at once: a server that is away is not asked for each of them.
const ASK_AGAIN_MS = 5_000;

const NO_DOWNLOAD = `${IN_IMMICH}, and with the permission asset.download the key may copy it`;

/**
 * Photos of the connected immich server, to be shown, copied and looked through for changes: read with its key, which
 * goes nowhere else.
 */
export class ImmichPhotos implements RemoteLibrary {
  readonly #connection: () => Promise<ImmichConnection>;
  #away: { readonly error: PolarError; readonly until: number } | undefined;

  /** @param connection read for each photo, so that a new connection counts at once */
  constructor(connection: () => Promise<ImmichConnection>) {
    this.#connection = connection;
  }

  read(address: string, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#ask(address, (api, id) => api.preview(id, signal));
  }

  describe(address: string, signal?: AbortSignal): Promise<RemotePhotoFacts> {
    return this.#ask(address, async (api, id) => {
      const { originalFileName, exifInfo } = await getAsset(api, id, signal);
      return { name: originalFileName, bytes: exifInfo?.fileSizeInByte ?? 0 };
    });
  }

  original(address: string, signal?: AbortSignal): Promise<RemoteOriginal> {
    return this.#ask(address, async (api, id) => {
      const { originalFileName: name, fileModifiedAt } = await getAsset(api, id, signal);
      const bytes = await api.original(id, signal).catch((error: unknown) => {
        if (!(error instanceof ImmichError) || error.status !== 403) throw error;
        throw new PolarError(`${address}: ${NO_DOWNLOAD}`, 'not-found');
      });
      return { name, modified: Date.parse(fileModifiedAt) || 0, bytes };
    });
  }

  async index(
    { server, source }: RemoteSource,
    store: PhotoStore,
    clip: Clip,
    options: RemoteIndexOptions = {},
  ): Promise<IndexSummary> {
    const api = await this.#open(server, source);
    return indexImmich(store, clip, { ...options, api, source: parseSource(source)! });
  }

  async watch(
    what: readonly RemoteSource[],
    store: PhotoStore,
    clip: Clip,
    options: RemoteWatchOptions,
  ): Promise<void> {
    const [{ server, source }] = what as [RemoteSource];
    const api = await this.#open(server, source);
    await watchImmich(store, clip, { ...options, api, sources: what.map((one) => parseSource(one.source)!) });
  }

  async #open(server: string, source: string): Promise<ImmichApi> {
    const api = new ImmichApi(await this.#connection());
    requireServer(api, server, source);
    return api;
  }

  async #ask<T>(address: string, work: (api: ImmichApi, id: string) => Promise<T>): Promise<T> {
    const api = new ImmichApi(await this.#connection(), QUICK);
    const id = address.slice(api.linkTo('').length);
    // An index may come from elsewhere: only photos of the connected server are asked for, by nothing but their ids.
    if (api.linkTo(id) !== address || !z.uuid().safeParse(id).success) {
      throw new PolarError(
        `${address}: ${tell('immich.not-its-photo', { address: api.publicUrl })}`,
        'not-found',
      );
    }
    if (this.#away !== undefined && performance.now() < this.#away.until) throw this.#away.error;
    try {
      return await work(api, id);
    } catch (error) {
      if (!(error instanceof PolarError)) throw error;
      // immich answers 400 for a photo that is gone.
      if (error instanceof ImmichError && error.status === 400)
        throw new PolarError(`${address}: ${tell('immich.no-photo')}`, 'not-found');
      if (error.code === 'unreachable') this.#away = { error, until: performance.now() + ASK_AGAIN_MS };
      throw error;
    }
  }
}

/** @throws PolarError where another server is connected than the one that the index has a source from */
export function requireServer(api: ImmichApi, server: string, source: string): void {
  if (server === serverOf(api)) return;
  throw new PolarError(
    `${source} at ${server}: ${tell('immich.other-server', { address: api.publicUrl, server })}`,
  );
}
