import { EventEmitter } from 'node:events';
import { type FSWatcher, watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PolarError } from '../errors.ts';
import type { Clip } from '../node/load-clip.ts';
import { indexPhotos } from './index-photos.ts';
import type { PhotoStore } from './photo-store.ts';
import { scanPhotos } from './scan.ts';
import type { IndexOptions, IndexSummary } from './update.ts';

/** How a folder of photos is watched. */
export interface WatchOptions extends IndexOptions {
  /** Ends the watch. */
  readonly signal: AbortSignal;
  /** Told after the first run, and after each further one that found something to do. */
  readonly onIndexed?: ((summary: IndexSummary) => void) | undefined;
}

// A camera's card is copied photo by photo: one run for all of them, when the last has arrived.
const QUIET_TIME_MS = 1000;
const MOST_QUIET_TIMES = 60; // a folder that is written to all the time is looked at all the same
// Network drives report nothing.
const LOOK_ANYWAY_MS = 10 * 60_000;

/**
 * Indexes a folder and keeps the index current until the signal ends it. The operating system reports changes in
 * each folder; what it does not report is found by a look from time to time. What goes wrong later than in the first
 * run (a disk that is pulled out) is a note, and the watch goes on.
 *
 * @throws PolarError when the first run fails
 */
export async function watchPhotos(
  store: PhotoStore,
  clip: Clip,
  folder: string,
  options: WatchOptions,
): Promise<void> {
  const { signal, onIndexed, onNote } = options;
  const changes = new EventEmitter();
  let watchers: FSWatcher[] = [];
  try {
    for (let turn = 0; !signal.aborted; turn++) {
      let changed = false;
      changes.removeAllListeners().on('change', () => {
        changed = true;
      });
      try {
        // The watches come first, so that what changes meanwhile is noticed; folders may have come, gone or moved.
        const earlier = watchers;
        const { devices } = await scanPhotos(folder, { skip: options.skip, isWanted: () => false });
        watchers = watchFolders([...devices.keys()], changes, onNote);
        close(earlier);
        const summary = await indexPhotos(store, clip, folder, options);
        const { added, recognised, removed, skipped, complete } = summary;
        if (turn === 0 || added + recognised + removed + skipped.length > 0 || !complete)
          onIndexed?.(summary);
      } catch (error) {
        if (signal.aborted) return;
        if (turn === 0 || !(error instanceof PolarError)) throw error;
        onNote?.(error.message);
      }
      if (!changed) await untilChange(changes, signal);
      for (let times = 0; changed && times < MOST_QUIET_TIMES && !signal.aborted; times++) {
        changed = false;
        await sleep(QUIET_TIME_MS, undefined, { signal }).catch(() => {});
      }
    }
  } finally {
    close(watchers);
  }
}

/** One watch a folder: watching a tree at once would take a watch for every photo on Linux. */
function watchFolders(
  folders: readonly string[],
  changes: EventEmitter,
  onNote: WatchOptions['onNote'],
): FSWatcher[] {
  const watchers: FSWatcher[] = [];
  const refused = (error: NodeJS.ErrnoException) => {
    onNote?.(
      `changes in ${error.path ?? 'some folders'} are noticed only every ${LOOK_ANYWAY_MS / 60_000} minutes (${error.code}: ${error.message})`,
    );
  };
  for (const folder of folders) {
    try {
      const watcher = watch(folder, (_event, name) => {
        if (!name?.startsWith('.')) changes.emit('change'); // what a scan passes over changes nothing
      });
      watchers.push(watcher.on('error', () => watcher.close())); // the folder has gone
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      refused(error as NodeJS.ErrnoException);
      break; // the system's number of watches is used up
    }
  }
  return watchers;
}

function close(watchers: readonly FSWatcher[]): void {
  for (const watcher of watchers) watcher.close();
}

async function untilChange(changes: EventEmitter, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return; // as a run ended: no event will tell
  const end = new AbortController();
  const stop = () => end.abort();
  changes.once('change', stop);
  signal.addEventListener('abort', stop);
  await sleep(LOOK_ANYWAY_MS, undefined, { signal: end.signal }).catch(() => {});
  changes.off('change', stop);
  signal.removeEventListener('abort', stop);
}
