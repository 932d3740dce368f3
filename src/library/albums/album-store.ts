import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { makeFolder, writeBeside } from '../../node/files.ts';
import { takeLock } from '../../node/lock.ts';
import { RELEVANCE } from '../../polar/query/relevance.ts';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.number().finite();

/** A search that is kept: what is asked, and what of it was seen. */
export const Album = z.object({
  name: z.string().min(1).max(100),
  sentence: z.string().min(1).max(1000),
  not: z.array(z.string().min(1).max(1000)).max(10),
  after: time.nullable(),
  before: time.nullable(),
  folder: z.string().max(4096).nullable(),
  near: z
    .object({
      latitude: time.min(-90).max(90),
      longitude: time.min(-180).max(180),
      kilometres: time.positive(),
    })
    .nullable(),
  /** Results at least as sure as that. */
  relevance: z.enum(RELEVANCE),
  /** When it was last looked at, milliseconds since 1970; null while it never was. */
  looked: time.nullable(),
  /** Contents that were in it then. */
  seen: z.array(Hash).max(100_000),
});
export type Album = z.infer<typeof Album>;

/** What is asked, without what was seen. */
export type AlbumQuestion = Omit<Album, 'looked' | 'seen'>;

const MOST_ALBUMS = 1000;
// What was removed by mistake is missed soon; the last ones are kept.
const MOST_REMOVED = 20;
const File = z.object({
  version: z.literal(1),
  albums: z.array(Album).max(MOST_ALBUMS),
  /** The last ones that were removed, the latest at the end. */
  removed: z.array(Album).max(MOST_REMOVED).default([]),
  favourites: z.array(Hash).max(1_000_000),
});
type Kept = z.infer<typeof File>;

/** How many photos an album holds at most, the best ones. */
export const MOST_PHOTOS = 10_000;

/** Saved searches and favourites, in one file that is written atomically. Photos are known by their content. */
export class AlbumStore {
  readonly #file: string;

  /** @param file JSON; made when something is kept */
  constructor(file: string) {
    this.#file = file;
  }

  /** In order of their names. @throws PolarError when the file is damaged or cannot be read */
  async list(): Promise<readonly Album[]> {
    const { albums } = await this.#read();
    return [...albums].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** @throws PolarError `not-found` */
  async get(name: string): Promise<Album> {
    return find(await this.#read(), name);
  }

  /**
   * Keeps a search under its name.
   *
   * @throws PolarError `exists` when the name is taken, and when a part is empty or too long
   */
  save(question: AlbumQuestion): Promise<Album> {
    return this.#change((kept) => {
      const album = { ...question, looked: null, seen: [] };
      return { kept: { ...kept, albums: withOneMore(kept, album) }, result: album };
    });
  }

  /**
   * Calls an album something else; what was seen of it stays.
   *
   * @throws PolarError `not-found`, and `exists` when another one has the name
   */
  rename(name: string, next: string): Promise<void> {
    return this.#change((kept) => {
      const album = find(kept, name);
      const others = kept.albums.filter((other) => other !== album);
      const albums = withOneMore({ albums: others }, { ...album, name: next });
      return { kept: { ...kept, albums }, result: undefined };
    });
  }

  /** Notes that an album was looked at, with these contents in it. @throws PolarError `not-found` */
  look(name: string, hashes: readonly string[]): Promise<void> {
    return this.#change((kept) => {
      const looked = { ...find(kept, name), looked: Date.now(), seen: [...new Set(hashes)] };
      const albums = kept.albums.map((album) => (isCalled(album, name) ? looked : album));
      return { kept: { ...kept, albums }, result: undefined };
    });
  }

  /** Takes out a saved search, which can be brought back; photos are never touched. @throws PolarError `not-found` */
  remove(name: string): Promise<void> {
    return this.#change((kept) => {
      const gone = find(kept, name);
      const albums = kept.albums.filter((album) => album !== gone);
      const removed = [...kept.removed.filter((album) => !isCalled(album, name)), gone].slice(-MOST_REMOVED);
      return { kept: { ...kept, albums, removed }, result: undefined };
    });
  }

  /**
   * Brings back one of the last albums that were removed, with what was seen of it.
   *
   * @throws PolarError `not-found`, and `exists` when another one has the name by now
   */
  restore(name: string): Promise<void> {
    return this.#change((kept) => {
      const album = kept.removed.find((one) => isCalled(one, name));
      if (album === undefined) {
        throw new PolarError(`${name}: ${tell('album.none-removed', { most: MOST_REMOVED })}`, 'not-found');
      }
      const removed = kept.removed.filter((one) => one !== album);
      return { kept: { ...kept, albums: withOneMore(kept, album), removed }, result: undefined };
    });
  }

  /** Contents that somebody likes best. */
  async favourites(): Promise<ReadonlySet<string>> {
    return new Set((await this.#read()).favourites);
  }

  /** Makes contents favourites, or no longer. */
  setFavourites(hashes: readonly string[], isFavourite: boolean): Promise<void> {
    return this.#change((kept) => {
      const all = new Set(kept.favourites);
      for (const hash of hashes) {
        if (isFavourite) all.add(hash);
        else all.delete(hash);
      }
      return { kept: { ...kept, favourites: [...all] }, result: undefined };
    });
  }

  async #read(): Promise<Kept> {
    const text = await readFile(this.#file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw new PolarError(
        `${this.#file}: cannot be read (${error.code}); check its permissions`,
        'unreadable',
      );
    });
    if (text === undefined) return { version: 1, albums: [], removed: [], favourites: [] };
    try {
      return File.parse(JSON.parse(text));
    } catch {
      throw new PolarError(`${this.#file}: ${tell('album.file')}`, 'unreadable');
    }
  }

  /** Reads, changes and writes; processes take turns. */
  async #change<T>(change: (kept: Kept) => { readonly kept: Kept; readonly result: T }): Promise<T> {
    const folder = dirname(this.#file);
    await makeFolder(folder);
    const lock = await takeLock(join(folder, '.albums.lock'), { wait: 'untilFree' });
    try {
      const { kept, result } = change(await this.#read());
      await writeBeside(this.#file, `${JSON.stringify(kept)}\n`);
      return result;
    } finally {
      await lock?.release();
    }
  }
}

const isCalled = (album: Album, name: string): boolean =>
  album.name.normalize('NFC').toLowerCase() === name.normalize('NFC').toLowerCase();

function withOneMore({ albums }: Pick<Kept, 'albums'>, album: Album): Album[] {
  const wrong = Album.safeParse(album).error?.issues[0]; // could not be read again
  if (wrong !== undefined) {
    throw new PolarError(`an album's ${wrong.path.join(' ')}: ${wrong.message}`);
  }
  if (albums.some((other) => isCalled(other, album.name))) {
    throw new PolarError(`${album.name}: ${tell('album.taken')}`, 'exists');
  }
  if (albums.length === MOST_ALBUMS) {
    throw new PolarError(tell('album.many', { most: MOST_ALBUMS }), 'too-large');
  }
  return [...albums, album];
}

function find({ albums }: Pick<Kept, 'albums'>, name: string): Album {
  const album = albums.find((one) => isCalled(one, name));
  if (album !== undefined) return album;
  throw new PolarError(`${name}: ${tell('album.none')}`, 'not-found');
}
