import { parseRepositoryName, TOYBOX } from '../clip/hub/names.ts';
import { isNonCommercial, RECOMMENDED_MODELS, type RecommendedModel } from '../clip/hub/recommended.ts';
import { PolarError } from '../errors.ts';
import { allFolders, isMissing } from '../library/folders.ts';
import type { PhotoStore } from '../library/photo-store.ts';
import { isAddress } from '../library/remote/address.ts';
import type { RemoteSource } from '../library/remote/remote-library.ts';
import { tell } from '../messages.ts';
import { keepChosenModel } from '../node/chosen-model.ts';
import { hasToybox, type ResolveOptions } from '../node/hub/fetch-model.ts';
import { hubCacheFolder, listCachedModels, removeCachedModel } from '../node/hub/hub-cache.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { type PersonalSentence, sentenceEncoder } from '../polar/query/sentence.ts';
import { LiveLibrary } from './library/live-library.ts';
import { toMessage } from './router.ts';

/** A model that answers, with the library as it was read with it. */
export interface OpenModel {
  readonly clip: Clip;
  readonly library: LiveLibrary;
  /** Embedding `[P]` of a sentence; requests that wait share a pass of the text tower. */
  readonly encode: (sentence: PersonalSentence) => Promise<Float32Array>;
}

/** Where models come from. */
export interface ModelSource {
  /** Those that are worth choosing; the first one is recommended. */
  readonly recommended: readonly RecommendedModel[];
  /** How the hub is spoken to. */
  readonly access: ResolveOptions;
}

export const PUBLIC_MODELS: ModelSource = { recommended: RECOMMENDED_MODELS, access: {} };

/** A model as the page lists it. */
export interface ListedModel {
  readonly name: string;
  readonly id: string;
  readonly megabytes: number;
  readonly licence: string | null;
  readonly nonCommercial: boolean;
  readonly languages: 'English' | 'many' | null;
  readonly use: ReturnType<typeof toMessage>;
  readonly cached: boolean;
  readonly used: boolean;
  readonly recommended: boolean;
}

// Sentences of one pass of the text tower, and how long a request waits at most for those before it.
const AT_ONCE = 32;

/** The models of the app: the one in use, those at hand, those worth fetching. */
export class Models {
  readonly #home: string;
  readonly #store: PhotoStore;
  readonly #source: ModelSource;
  // A model that was in use stays open: requests may still hold it, and going back to it costs nothing.
  readonly #opened = new Map<string, OpenModel>();
  readonly #own: Clip;
  #current: OpenModel;

  private constructor(home: string, store: PhotoStore, source: ModelSource, own: OpenModel) {
    this.#home = home;
    this.#store = store;
    this.#source = source;
    this.#own = own.clip;
    this.#current = own;
    this.#opened.set(keyOf(own.clip), own);
  }

  /** @param clip the model to begin with; it is closed by who has loaded it */
  static async open(home: string, store: PhotoStore, clip: Clip, source: ModelSource): Promise<Models> {
    return new Models(home, store, source, await openModel(store, clip));
  }

  /** The model in use. */
  get current(): OpenModel {
    return this.#current;
  }

  /** The model for photos that is recommended. */
  get recommended(): RecommendedModel {
    return this.#source.recommended[0]!;
  }

  /** Those that can be chosen: at hand, or worth fetching. */
  async list(): Promise<ListedModel[]> {
    const { id: used } = this.#current.clip;
    const { models } = await listCachedModels(this.#source.access.cacheFolder);
    const complete = models.filter((model) => model.complete);
    const known = this.#source.recommended.map(
      ({ name, id, megabytes, licence, languages, use }, index): ListedModel => ({
        name,
        id,
        megabytes,
        licence,
        nonCommercial: isNonCommercial(licence),
        languages,
        use: toMessage(use),
        cached: complete.some((model) => model.id === id),
        used: id === used,
        recommended: index === 0,
      }),
    );
    const others = complete
      .filter((model, index) => complete.findIndex(({ id }) => id === model.id) === index)
      .filter(({ id }) => !known.some((model) => model.id === id))
      .map(({ id, bytes }) => listed(id, Math.round(bytes / 1e6), id === used, ''));
    const toybox = (await hasToybox()) ? [listed(TOYBOX, 0, used === TOYBOX, tell('model.toybox'))] : [];
    return [...known, ...others, ...toybox];
  }

  /** Fetches a model where it is not at hand, and opens it, without using it yet. */
  async fetch(
    name: string,
    signal: AbortSignal,
    onProgress: (loaded: number, total: number) => void,
  ): Promise<OpenModel> {
    let before = 0;
    let file = { name: '', total: 0 };
    const whole = this.#source.recommended.find((model) => model.name === name)?.megabytes ?? 0;
    const clip = await loadClip(name, {
      ...this.#source.access,
      device: this.#own.device,
      precision: this.#own.precision,
      signal,
      onProgress({ file: next, loaded, total }) {
        if (next !== file.name) {
          before += file.total;
          file = { name: next, total };
        }
        const megabytes = Math.round((before + loaded) / 1e6);
        onProgress(megabytes, Math.max(whole, megabytes));
      },
    });
    const opened = this.#opened.get(keyOf(clip));
    if (opened !== undefined) {
      await clip.close();
      return opened;
    }
    const model = await openModel(this.#store, clip);
    this.#opened.set(keyOf(clip), model);
    return model;
  }

  /** Folders of this machine that were read with any model and are there. */
  async folders(): Promise<string[]> {
    const paths = new Set((await allFolders(this.#store)).map(({ folder }) => folder.path));
    const present: string[] = [];
    for (const path of paths) if (!isAddress(path) && !(await isMissing(path))) present.push(path);
    return present;
  }

  /** Photos of other servers that were read with any model, as they were asked for. */
  async servers(): Promise<RemoteSource[]> {
    const found = new Map<string, RemoteSource>();
    for (const { folder } of await allFolders(this.#store))
      for (const source of folder.sources ?? [])
        found.set(JSON.stringify([folder.path, source]), { server: folder.path, source });
    return [...found.values()];
  }

  /** Answers with another model from now on, after a restart too. */
  async use(model: OpenModel): Promise<void> {
    await model.library.refresh();
    this.#current = model;
    const { id, revision } = model.clip;
    await keepChosenModel(id === TOYBOX ? id : `${id}@${revision}`, this.#home);
  }

  /** @throws PolarError for the model in use, and one that is not at hand */
  async remove(name: string): Promise<void> {
    if (name === TOYBOX) throw new PolarError(tell('model.stays'));
    const { id } = parseRepositoryName(name);
    if (id === this.#current.clip.id) {
      throw new PolarError(tell('model.used', { model: name }), 'busy');
    }
    for (const [key, model] of this.#opened) {
      if (model.clip.id !== id || model.clip === this.#own) continue;
      this.#opened.delete(key);
      await model.library.close();
      await model.clip.close();
    }
    await removeCachedModel(this.#source.access.cacheFolder ?? hubCacheFolder(), id);
  }

  /** Gives the memory back. */
  async close(): Promise<void> {
    for (const { clip, library } of this.#opened.values()) {
      await library.close();
      if (clip !== this.#own) await clip.close();
    }
  }
}

const keyOf = ({ id, revision }: Clip): string => `${id}@${revision}`;

async function openModel(store: PhotoStore, clip: Clip): Promise<OpenModel> {
  return { clip, library: await LiveLibrary.open(store, clip), encode: sentenceEncoder(clip, AT_ONCE) };
}

function listed(id: string, megabytes: number, used: boolean, use: string): ListedModel {
  const nothing = { licence: null, nonCommercial: false, languages: null, recommended: false };
  return { ...nothing, name: id, id, megabytes, use: toMessage(use), cached: true, used };
}
