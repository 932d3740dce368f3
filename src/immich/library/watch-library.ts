import { setTimeout as sleep } from 'node:timers/promises';
import { PolarError } from '../../errors.ts';
import type { PhotoStore } from '../../library/photo-store.ts';
import type { IndexSummary } from '../../library/update.ts';
import type { Clip } from '../../node/load-clip.ts';
import type { ImmichAsset, ImmichSource } from '../assets.ts';
import { IMMICH_EVERY } from '../every.ts';
import { type ImmichIndexOptions, indexImmich } from './index-library.ts';

/** How photos of an immich server are watched. */
export interface ImmichWatchOptions extends Omit<ImmichIndexOptions, 'source' | 'changedAfter' | 'onListed'> {
  /** At least one. */
  readonly sources: readonly ImmichSource[];
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. @default five minutes */
  readonly every?: number | undefined;
  /** Told after the first run, and after each further one that found something to do. */
  readonly onIndexed: (summary: IndexSummary) => void;
}

// A list of 100,000 photos is 100 requests, and only the whole list shows what is gone; in between, one request tells
// what has changed.
const WHOLE_LIST_MS = 3_600_000;
// A change is given its time before it can be seen.
const OVERLAP_MS = 60_000;

/**
 * Indexes photos of an immich server and keeps the index current until the signal ends it. What goes wrong later than
 * in the first run (immich is being updated, the network is away) is a note, and the watch goes on; of
 * several sources it may be the first run as well.
 *
 * @throws PolarError when the first run of a single source fails
 */
export async function watchImmich(
  store: PhotoStore,
  clip: Clip,
  { every = IMMICH_EVERY * 60_000, onIndexed, sources, ...options }: ImmichWatchOptions,
): Promise<void> {
  const { signal, onNote } = options;
  const isWhole = sources.length === 1 && sources[0]!.kind === 'all';
  let listed = 0; // when the whole list was last read
  let latest = 0; // the last change that was seen, by immich's clock
  const onListed = (photos: readonly ImmichAsset[]) => {
    for (const { updatedAt } of photos) latest = Math.max(latest, Date.parse(updatedAt) || 0);
  };
  for (let turn = 0; !signal.aborted; turn++) {
    const now = performance.now();
    // Only of all photos: one that is put into an album or gets a tag does not count as changed.
    const isPart = isWhole && latest > 0 && now - listed < WHOLE_LIST_MS;
    const changedAfter = isPart ? new Date(latest - OVERLAP_MS) : undefined;
    for (const source of sources) {
      try {
        const summary = await indexImmich(store, clip, { ...options, source, onListed, changedAfter });
        if (!isPart) listed = now;
        if (turn === 0 || summary.added + summary.removed > 0) onIndexed(summary);
      } catch (error) {
        if (signal.aborted) return;
        if ((turn === 0 && sources.length === 1) || !(error instanceof PolarError)) throw error;
        onNote?.(error.message);
      }
    }
    await sleep(every, undefined, { signal }).catch(() => {});
  }
}
