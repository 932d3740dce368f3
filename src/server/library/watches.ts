import { setTimeout as sleep } from 'node:timers/promises';
import { PolarError } from '../../errors.ts';
import type { PhotoStore } from '../../library/photo-store.ts';
import { isAddress } from '../../library/remote/address.ts';
import type { RemoteLibrary } from '../../library/remote/remote-library.ts';
import { watchPhotos } from '../../library/watch.ts';
import { readJsonFile, writeBeside } from '../../node/files.ts';
import { inHome } from '../../node/home.ts';
import { reportFault } from '../../node/report-fault.ts';
import type { Changes } from '../changes.ts';
import type { Models } from '../models.ts';

/** What watches work on. */
export interface WatchesOptions {
  readonly home: string;
  readonly store: PhotoStore;
  readonly models: Models;
  readonly changes: Changes;
  /** Where photos of other servers are read; without it they are not. */
  readonly remote?: RemoteLibrary | undefined;
}

// A folder that is away, or an index that another program writes, is tried again.
const TRY_AGAIN_MS = 30_000;

/** Folders, and photos of other servers, that are read again when something changes there, while the server runs. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #watched = new Map<string, { readonly end: AbortController; readonly done: Promise<void> }>();

  private constructor(options: WatchesOptions) {
    this.#options = options;
  }

  /** Takes up the watches of the last start. */
  static async open(options: WatchesOptions): Promise<Watches> {
    const watches = new Watches(options);
    const kept = await readJsonFile(inHome(options.home).watched).catch(() => []);
    const paths = Array.isArray(kept) ? kept.filter((path): path is string => typeof path === 'string') : [];
    for (const path of paths) watches.#begin(path);
    return watches;
  }

  /** Whether a folder is watched. */
  has(path: string): boolean {
    return this.#watched.has(path);
  }

  /** Watches a folder, or no longer. */
  async set(path: string, isWatched: boolean): Promise<void> {
    if (isWatched === this.has(path)) return;
    if (isWatched) this.#begin(path);
    else {
      const { end, done } = this.#watched.get(path)!;
      this.#watched.delete(path);
      end.abort();
      await done;
    }
    await writeBeside(inHome(this.#options.home).watched, JSON.stringify([...this.#watched.keys()]));
  }

  /** Ends all watches; the next start takes them up. */
  async close(): Promise<void> {
    for (const { end } of this.#watched.values()) end.abort();
    await Promise.all([...this.#watched.values()].map(({ done }) => done));
  }

  #begin(path: string): void {
    const end = new AbortController();
    this.#watched.set(path, { end, done: this.#follow(path, end.signal) });
  }

  async #follow(path: string, signal: AbortSignal): Promise<void> {
    const { store, models, changes, remote } = this.#options;
    while (!signal.aborted) {
      const { clip, library } = models.current;
      // Another model ends the watch; the next turn begins it with that one.
      const turn = new AbortController();
      const stop = () => turn.abort();
      signal.addEventListener('abort', stop);
      const end = changes.listen(() => {
        if (models.current.clip !== clip) turn.abort();
      });
      try {
        const onIndexed = () =>
          void library.refresh().then(
            () => changes.tell(),
            () => {},
          );
        const options = { signal: turn.signal, onIndexed };
        if (isAddress(path)) {
          const sources = (await models.servers()).filter(({ server }) => server === path);
          if (remote === undefined || sources.length === 0) return; // nothing can come of it any more
          await remote.watch(sources, store, clip, options);
        } else await watchPhotos(store, clip, path, options);
      } catch (error) {
        if (!turn.signal.aborted) {
          if (!(error instanceof PolarError)) reportFault(error);
          await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => {});
        }
      } finally {
        end();
        signal.removeEventListener('abort', stop);
      }
    }
  }
}
