import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Answer, ask } from '../app/ask.ts';
import { rowOf } from '../matrix.ts';
import type { Clip } from '../node/load-clip.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { indexPhotos } from './index-photos.ts';
import { PhotoStore } from './photo-store.ts';
import { countPhotos, type FoundPhoto, PhotoTable } from './search.ts';
import type { IndexOptions, IndexSummary } from './update.ts';
import { type WatchOptions, watchPhotos } from './watch.ts';

/** What else is asked beside the sentence, and how much is answered. */
export interface SearchOptions {
  /**
   * Concepts whose names are recognised in the sentence and in `not`.
   *
   * @default [] plain CLIP
   */
  readonly concepts?: readonly Concept[] | undefined;
  /**
   * How many photos at most.
   *
   * @default 20
   */
  readonly top?: number | undefined;
  /**
   * Paths of photos that the results should look like; with them the sentence may be blank.
   *
   * @default []
   */
  readonly like?: readonly string[] | undefined;
  /**
   * Sentences that the results should not be like.
   *
   * @default []
   */
  readonly not?: readonly string[] | undefined;
  /**
   * To compare: plain CLIP reads the class of each concept (`dog`) instead of its name.
   *
   * @default false
   */
  readonly plain?: boolean | undefined;
  /**
   * Taken at this time or later; a photo that does not say counts from its file's time.
   *
   * @default no limit
   */
  readonly after?: Date | undefined;
  /**
   * Taken before this time.
   *
   * @default no limit
   */
  readonly before?: Date | undefined;
  /**
   * Only photos below this folder.
   *
   * @default all folders
   */
  readonly folder?: string | undefined;
  /** Ends the search. */
  readonly signal?: AbortSignal | undefined;
}

/** A collection of photos that are indexed with one model; see {@link openLibrary}. */
export class Library {
  readonly #store: PhotoStore;
  readonly #clip: Clip;

  /** Use {@link openLibrary}, which checks the address. */
  constructor(store: PhotoStore, clip: Clip) {
    this.#store = store;
    this.#clip = clip;
  }

  /** How many photos can be found. */
  count(): Promise<number> {
    return countPhotos(this.#store, this.#clip);
  }

  /**
   * Indexes the photos below a folder: new and changed files are read, rows of deleted files removed; the rest is as
   * it was. What was done is kept when it is interrupted.
   *
   * @throws PolarError when the folder cannot be read or the index not written
   */
  index(folder: string, options: IndexOptions = {}): Promise<IndexSummary> {
    return indexPhotos(this.#store, this.#clip, folder, options);
  }

  /**
   * Indexes a folder and keeps the index current until the signal ends it.
   *
   * @throws PolarError when the first run fails
   */
  watch(folder: string, options: WatchOptions): Promise<void> {
    return watchPhotos(this.#store, this.#clip, folder, options);
  }

  /**
   * Finds photos with a sentence in which concepts may be named.
   *
   * @param sentence `Rex in the snow`; may be blank where `like` is given
   * @returns hits, best first: path, score (cosine), relevance, size, when it was taken
   * @throws PolarError when nothing is asked or indexed, or the sentence names a concept of another model
   */
  async search(sentence: string, options: SearchOptions = {}): Promise<Answer<FoundPhoto>> {
    const { concepts = [], like = [], not, top, plain, after, before, folder, signal } = options;
    const photos = await PhotoTable.open(this.#store, this.#clip);
    const pictures =
      like.length === 0 ? undefined : await this.#clip.encodeImages(like, { orientation: 'honour' });
    signal?.throwIfAborted();
    const question = { sentence, like: like.map((_, row) => rowOf(pictures!, row)), not };
    const filter = {
      after: after?.getTime(),
      before: before?.getTime(),
      folder: folder === undefined ? undefined : await realpath(folder).catch(() => resolve(folder)),
    };
    return ask(this.#clip, photos, question, { concepts, top, plain, filter, signal });
  }
}

/**
 * Opens a library: the index of a collection of photos, made where there is none.
 *
 * @param uri a folder, or `s3://bucket/prefix`, `gs://`, `az://`
 * @throws PolarError when it cannot be opened
 *
 * @example
 * ```ts
 * import { learn, loadClip, openLibrary } from 'polar-vl';
 *
 * const clip = await loadClip('ViT-B/32');
 * const library = await openLibrary('library', clip);
 * await library.index('photos'); // again later: reads only what changed
 *
 * const { concept } = await learn(clip, 'Rex', ['rex1.jpg', 'rex2.jpg', 'rex3.jpg'], { className: 'dog' });
 * const { text, hits } = await library.search('Rex in the snow', { concepts: [concept], top: 10 });
 * console.log(text, hits.length); //=> sks dog in the snow 10
 * await clip.close();
 * ```
 */
export async function openLibrary(uri: string, clip: Clip): Promise<Library> {
  const store = new PhotoStore(uri);
  await store.find(clip);
  return new Library(store, clip);
}
