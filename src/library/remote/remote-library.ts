import type { Clip } from '../../node/load-clip.ts';
import type { PhotoStore } from '../photo-store.ts';
import type { IndexOptions, IndexSummary } from '../update.ts';
import type { RemotePhotos } from './remote-photos.ts';

/** What is read again of another server. */
export interface RemoteSource {
  /** The address that those of its photos begin with, as the index knows the server. */
  readonly server: string;
  /** How photos of it were asked for: `immich:`, or a part such as `immich:album/Rex`. */
  readonly source: string;
}

/** How photos of another server are read again. */
export type RemoteIndexOptions = Pick<IndexOptions, 'signal' | 'onProgress' | 'onNote'>;

/** How photos of another server are kept current. */
export interface RemoteWatchOptions {
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Told after the first run, and after each further one that found something to do. */
  readonly onIndexed: (summary: IndexSummary) => void;
}

/** Another server whose photos are shown, and whose changes are looked for. */
export interface RemoteLibrary extends RemotePhotos {
  /**
   * Brings the index up to date with photos of the server.
   *
   * @throws PolarError when it cannot be reached, another server is connected, or another process is writing
   */
  index(
    what: RemoteSource,
    store: PhotoStore,
    clip: Clip,
    options?: RemoteIndexOptions,
  ): Promise<IndexSummary>;
  /**
   * Keeps the index current until the signal ends it.
   *
   * @param what sources of one server, at least one
   * @throws PolarError as `index`, when the first run of a single source fails
   */
  watch(
    what: readonly RemoteSource[],
    store: PhotoStore,
    clip: Clip,
    options: RemoteWatchOptions,
  ): Promise<void>;
}
