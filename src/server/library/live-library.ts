import { createHash } from 'node:crypto';
import { timeOf } from '../../library/filter.ts';
import { foldersOnDisk } from '../../library/folders.ts';
import {
  type InMemoryFilter,
  isOnce,
  type LibraryPhoto,
  openInMemory,
  type PhotosInMemory,
} from '../../library/in-memory.ts';
import type { PhotoStore } from '../../library/photo-store.ts';
import type { FoundPhoto } from '../../library/search.ts';
import type { Clip } from '../../node/load-clip.ts';
import type { Scored, Searchable } from '../../polar/query/searchable.ts';

/** A photo as the page knows it: by an id that says nothing of its place on the disk. */
export interface ServedPhoto extends LibraryPhoto {
  readonly id: string;
  /** Of its embedding. */
  readonly row: number;
}

/** The library at one moment. */
export interface Snapshot
  extends Searchable<ServedPhoto & Scored & Pick<FoundPhoto, 'copies'>, InMemoryFilter> {
  /** Changes with the library. */
  readonly version: number;
  /** Newest first. */
  readonly photos: readonly ServedPhoto[];
  readonly byId: ReadonlyMap<string, ServedPhoto>;
  /** A photo with this content. */
  readonly byHash: ReadonlyMap<string, ServedPhoto>;
  /** Times of a video's pictures that are indexed, seconds; none for a photo. */
  stillsOf(photo: Pick<ServedPhoto, 'path'>): readonly number[];
  embeddingOf(photo: ServedPhoto): Float32Array;
}

// How soon a change that another process made is noticed; opening a large library again and again would leave no time
// for searches, so at most a tenth goes into it.
const LOOK_AGAIN_MS = 2000;
const SHARE_OF_TIME = 10;

/** The library in memory, opened anew when an index run, here or in another process, has changed it. */
export class LiveLibrary {
  readonly #store: PhotoStore;
  readonly #clip: Clip;
  #current: {
    snapshot: Snapshot;
    gone: ReadonlySet<string>;
    opened: PhotosInMemory | undefined;
    users: number;
    retired: boolean;
  };
  #opening: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #lookAgain = 0;
  // What the snapshot was made of, besides the photos below.
  #key = '';
  // Paths of photos whose file was missed when it was to be shown.
  #gone: ReadonlySet<string> = new Set();

  private constructor(store: PhotoStore, clip: Clip) {
    this.#store = store;
    this.#clip = clip;
    const snapshot = snapshotOf(undefined, 0, this.#gone);
    this.#current = { snapshot, gone: this.#gone, opened: undefined, users: 0, retired: false };
  }

  static async open(store: PhotoStore, clip: Clip): Promise<LiveLibrary> {
    const library = new LiveLibrary(store, clip);
    await library.refresh();
    return library;
  }

  /** Looks at the library as it is now; what it gives stays open until `work` is done. */
  async use<T>(work: (snapshot: Snapshot) => T | Promise<T>): Promise<T> {
    const current = this.#current;
    current.users++;
    try {
      return await work(current.snapshot);
    } finally {
      current.users--;
      if (current.retired && current.users === 0) await current.opened?.close();
    }
  }

  /** Takes in what has changed. */
  refresh(): Promise<void> {
    // A look that has begun already may have come before the change: one more follows it, for all who ask meanwhile.
    this.#waiting ??= this.#opening
      .catch(() => {})
      .then(() => {
        this.#waiting = undefined;
        const started = performance.now();
        this.#opening = this.#reopen().finally(() => {
          const ended = performance.now();
          this.#lookAgain = ended + Math.max(LOOK_AGAIN_MS, SHARE_OF_TIME * (ended - started));
        });
        return this.#opening;
      });
    return this.#waiting;
  }

  /** Looks for changes behind the scenes, now and then; the next answers tell of them. */
  refreshSoon(): void {
    if (performance.now() < this.#lookAgain) return;
    this.refresh().catch(() => {}); // the state of the app says what is wrong
  }

  /** Notes that a photo's file is not there any more: from the next look on it is not shown. */
  noteGone(path: string): void {
    this.#gone = new Set([...this.#gone, path]);
  }

  async #reopen(): Promise<void> {
    const table = await this.#store.find(this.#clip);
    const folders = await foldersOnDisk(this.#store, this.#clip);
    const key = JSON.stringify([(await table?.version()) ?? 0, folders.missing]);
    const old = this.#current;
    const version = old.snapshot.version + 1;
    if (key === this.#key) {
      if (old.gone !== this.#gone) {
        old.gone = this.#gone;
        old.snapshot = snapshotOf(old.opened, version, this.#gone);
      }
      return;
    }
    const opened = table === undefined ? undefined : await openInMemory(this.#store, this.#clip);
    // A file may have come back since it was missed.
    const missed = [...this.#gone];
    const areLost = await Promise.all(missed.map((path) => folders.hasLost(path)));
    const gone = new Set(missed.filter((_, index) => areLost[index]));
    const snapshot = snapshotOf(opened, version, gone);
    this.#gone = gone;
    this.#key = key;
    this.#current = { snapshot, gone, opened, users: 0, retired: false };
    old.retired = true;
    if (old.users === 0) await old.opened?.close();
  }

  async close(): Promise<void> {
    await this.#waiting?.catch(() => {});
    await this.#opening.catch(() => {});
    this.#current.retired = true;
    if (this.#current.users === 0) await this.#current.opened?.close();
  }
}

function snapshotOf(
  opened: PhotosInMemory | undefined,
  version: number,
  gone: ReadonlySet<string>,
): Snapshot {
  const served = (opened?.photos ?? [])
    .map((photo, row): ServedPhoto => ({ ...photo, id: photoId(photo), row }))
    .filter(isOnce);
  const byPath = new Map(served.map((photo) => [photo.path, photo]));
  const stills = stillsOf(opened?.photos ?? []);
  const shown = served.filter(({ path }) => !gone.has(path));
  return {
    version,
    photos: [...shown].sort(newestFirst),
    byId: new Map(served.map((photo) => [photo.id, photo])),
    byHash: new Map(shown.map((photo) => [photo.hash, photo])),
    stillsOf: ({ path }) => stills.get(path) ?? [],
    count: shown.length,
    embeddingOf: ({ row }) => opened!.embeddingOf(row),
    sample: async (n) => (await opened?.sample(n)) ?? [],
    async search(query, top, filter) {
      const isThere = (photo: LibraryPhoto) => !gone.has(photo.path) && (filter?.(photo) ?? true);
      const found = (await opened?.search(query, top, gone.size === 0 ? filter : isThere)) ?? [];
      return found.map(({ path, at, score, copies }) => ({ ...byPath.get(path)!, at, score, copies }));
    },
  };
}

/** Times of the stills of each video, by path. */
function stillsOf(photos: readonly LibraryPhoto[]): ReadonlyMap<string, readonly number[]> {
  const stills = new Map<string, number[]>();
  for (const { path, at } of photos) {
    if (at === null) continue;
    const times = stills.get(path);
    if (times === undefined) stills.set(path, [at]);
    else times.push(at);
  }
  return stills;
}

/** The same photo has the same id as long as neither its place nor its content changes, so that it may be cached. */
function photoId({ path, hash }: LibraryPhoto): string {
  return createHash('sha256').update(path).update('\0').update(hash).digest('hex').slice(0, 20);
}

function newestFirst(a: ServedPhoto, b: ServedPhoto): number {
  return timeOf(b) - timeOf(a) || (a.path < b.path ? -1 : 1);
}
