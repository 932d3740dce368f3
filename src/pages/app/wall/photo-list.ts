import { signal } from '@preact/signals';
import { ask, type Hit, type Month, type Photo, type SearchResult, server } from '../api.ts';
import type { Place } from '../place.ts';
import { attempt, loadState } from '../store.ts';

/** A photo of the wall; with a score, and the number of its copies, where it was searched for. */
export type Tile = Photo & Partial<Pick<Hit, 'score' | 'relevance' | 'copies'>>;

/** A page of a photo list. */
export type Question = Pick<
  Place,
  'sentence' | 'like' | 'not' | 'without' | 'from' | 'to' | 'folder' | 'plain' | 'album' | 'favourites'
>;

const DAY_MS = 86_400_000;

/** The days are the camera's own, and the last one is whole. */
export function filterOf({ from, to, folder }: Pick<Place, 'from' | 'to' | 'folder'>) {
  return {
    ...(from === '' ? {} : { after: Date.parse(`${from}T00:00:00Z`) }),
    ...(to === '' ? {} : { before: Date.parse(`${to}T00:00:00Z`) + DAY_MS }),
    ...(folder === '' ? {} : { folder }),
  };
}

const asText = (filter: ReturnType<typeof filterOf>): Record<string, string> =>
  Object.fromEntries(Object.entries(filter).map(([name, value]) => [name, String(value)]));

/** Whether an album is open. */
const isAlbum = ({ album }: Question): boolean => album !== '';

/** Whether something is searched for; the whole library is shown else. What is unwanted alone says nothing. */
export const isSearch = ({ sentence, like }: Question): boolean => sentence.trim() !== '' || like.length > 0;

// Some screens full: few requests while scrolling, and each answered in milliseconds.
const PAGE = 200;

/** The photos that answer a question, loaded in pages as they come into sight. */
export class PhotoList {
  readonly question: Question;
  /** Changes when photos have come. */
  readonly loaded = signal(0);
  /** The search's further results; undefined for the whole library. */
  result: Omit<SearchResult, 'photos' | 'total'> | undefined;
  /** How the photos are spread over the months, newest first; none for a search. */
  months: readonly Month[] = [];
  total = 0;
  /** Of an album how many photos are new, which come first. */
  fresh = 0;
  readonly #photos: Tile[] = [];
  readonly #places = new Map<string, number>();
  readonly #asked = new Set<number>();
  readonly #signal: AbortSignal;
  #wanted: number[] = [];
  #isLoading = false;
  #version: number | undefined;

  /** @param signal ends all requests */
  constructor(question: Question, signal: AbortSignal) {
    this.question = question;
    this.#signal = signal;
  }

  /** Loads the first photos. */
  async open(): Promise<this> {
    await this.#load(0);
    return this;
  }

  /** The photo at a place, where it was loaded. */
  at(index: number): Tile | undefined {
    return this.#photos[index];
  }

  /** The place of a photo, where it was loaded. */
  placeOf(id: string): number | undefined {
    return this.#places.get(id);
  }

  /** Loads the photos from `start` to before `end`; what was wanted before, and has not been asked for, is dropped. */
  need(start: number, end: number): void {
    this.#wanted = [];
    for (let page = Math.floor(start / PAGE); page * PAGE < Math.min(end, this.total); page++) {
      if (!this.#asked.has(page)) this.#wanted.push(page);
    }
    void this.#loadWanted();
  }

  async #loadWanted(): Promise<void> {
    if (this.#isLoading) return;
    this.#isLoading = true;
    try {
      for (let page = this.#wanted.shift(); page !== undefined; page = this.#wanted.shift()) {
        await this.#load(page);
      }
    } catch {
      // The list is not shown any more, or the server has gone, which the next action says.
    } finally {
      this.#isLoading = false;
    }
  }

  async #load(page: number): Promise<void> {
    this.#asked.add(page);
    const offset = page * PAGE;
    const answer = await this.#fetch(offset).catch((error: unknown) => {
      this.#asked.delete(page);
      throw error;
    });
    this.total = answer.total;
    // The library has changed since the first page: the state is asked for, and another list takes the place of this.
    if (this.#version !== undefined && answer.version !== this.#version) void attempt(() => loadState());
    this.#version = answer.version;
    for (let next = page + 1; (next - page) * PAGE < answer.photos.length; next++) this.#asked.add(next);
    for (const [i, photo] of answer.photos.entries()) {
      this.#photos[offset + i] = photo;
      this.#places.set(photo.id, offset + i);
    }
    this.loaded.value++;
  }

  /** The photos from `start` to before `end`, all of them loaded. */
  async slice(start: number, end: number): Promise<Tile[]> {
    for (let page = Math.floor(start / PAGE); page * PAGE < end; page++) {
      if (this.#photos[page * PAGE] === undefined) await this.#load(page);
    }
    return this.#photos.slice(start, end);
  }

  async #fetch(offset: number): Promise<{ total: number; version: number; photos: Tile[] }> {
    const { sentence, like, not, without, plain } = this.question;
    const filter = filterOf(this.question);
    const init = { init: { signal: this.#signal } };
    if (isAlbum(this.question)) {
      const param = { name: this.question.album };
      // All of it at once: from then on nothing is new, so that a second part would be of another order.
      const { photos, version } = await ask(server.albums[':name'].looked.$post({ param }, init));
      const fresh = photos.filter(({ isNew }) => isNew);
      this.fresh = fresh.length;
      const sorted = [...fresh, ...photos.filter(({ isNew }) => !isNew)];
      return { photos: sorted, total: photos.length, version };
    }
    if (!isSearch(this.question)) {
      const favourites = this.question.favourites ? ({ favourites: 'true' } as const) : {};
      const query = { offset: String(offset), limit: String(PAGE), ...asText(filter), ...favourites };
      const answer = await ask(server.photos.$get({ query }, init));
      if (offset === 0) this.months = answer.months;
      return answer;
    }
    const json = {
      sentence,
      like: [...like],
      not: [...not],
      without: [...without],
      ...filter,
      plain,
      offset,
      limit: PAGE,
    };
    const { photos, total, ...result } = await ask(server.search.$post({ json }, init));
    this.result = result;
    return { photos, total, version: result.version };
  }
}
