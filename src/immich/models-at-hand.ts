import { repositoryOf } from '../clip/hub/names.ts';
import { PolarError } from '../errors.ts';
import type { Clip } from '../node/load-clip.ts';
import type { ModelLocation } from '../node/local-model.ts';
import { dimensionOf, shortName } from './models.ts';

/** How immich's model names become models here. */
export interface ModelsOptions {
  /** immich's model name → a model or folder to use for it, before what the hub's names say. */
  readonly map: ReadonlyMap<string, string>;
  /** Cache folder of downloaded models; the usual one when absent. */
  readonly cacheFolder?: string | undefined;
  /** Asks the original how many numbers an embedding of a model has; undefined where it does not answer. */
  readonly askDimension: (modelName: string) => Promise<number | undefined>;
  /** One line for whoever runs the service. */
  readonly log: (line: string) => void;
}

// immich uses one model at a time; the second is there while an administrator tries another.
const OPEN_AT_ONCE = 2;

// Half of a start's time, and nothing that is not a text about a learnt thing needs them.
const loadHub = () => import('../node/hub/fetch-model.ts');
const loadEngine = () => import('../node/load-clip.ts');

/** The models that texts can be answered with: found in the cache, opened when first needed. */
export class ModelsAtHand {
  readonly #options: ModelsOptions;
  readonly #found = new Map<string, ModelLocation>();
  readonly #open = new Map<string, Promise<Clip>>();
  readonly #said = new Set<string>();

  constructor(options: ModelsOptions) {
    this.#options = options;
  }

  /** Loads the code that reads models, so that the first text need not wait for it. */
  async prepare(): Promise<void> {
    await Promise.all([loadHub(), loadEngine()]);
  }

  /**
   * Where an immich model's files lie, without opening it.
   *
   * @returns undefined where the model is not at hand; the log says once how to fetch it
   */
  async find(modelName: string): Promise<ModelLocation | undefined> {
    const name = shortName(modelName);
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const { map, cacheFolder } = this.#options;
    // A name comes from the network, so it is looked up in tables and never taken for a folder.
    const model = map.get(modelName) ?? map.get(name) ?? repositoryOf(name);
    if (model === undefined) {
      this.sayOnce(
        name,
        `immich's model ${name} is none that polar reads, so names are not recognised; choose another in immich, or name one with --map ${name}=<model>`,
      );
      return undefined;
    }
    try {
      const { resolveModel } = await loadHub();
      const location = await resolveModel(model, { cacheFolder, offline: true });
      this.#found.set(name, location);
      return location;
    } catch (error) {
      if (!(error instanceof PolarError)) throw error;
      this.sayOnce(
        name,
        `immich's model ${name} is not at hand, so names are not recognised; fetch it with "polar models download ${model}", or name one with --map ${name}=<model>`,
      );
      return undefined;
    }
  }

  /**
   * Opens a model that was found. Not for several calls at once: another model may be closed to make room.
   *
   * @returns undefined where its embeddings are of another size than immich's
   * @throws PolarError when its files are damaged
   */
  async open(modelName: string, location: ModelLocation): Promise<Clip | undefined> {
    const name = shortName(modelName);
    let opening = this.#open.get(name);
    this.#open.delete(name);
    opening ??= loadEngine().then(
      ({ openClip }) => openClip(location, { sharesCores: true, fewTexts: true }), // immich's own work goes on beside it
    );
    this.#open.set(name, opening); // now the last one, in order of use
    const clip = await opening.catch((error) => {
      this.#open.delete(name); // tried again with the next text
      throw error;
    });
    for (const [other, unused] of [...this.#open].slice(0, -OPEN_AT_ONCE)) {
      this.#open.delete(other);
      await unused.then((model) => model.close()).catch(() => {});
    }
    const expected = dimensionOf(name) ?? (await this.#askOnce(modelName));
    if (expected === clip.dimension) return clip;
    if (expected !== undefined) {
      this.sayOnce(
        `${name} dimension`,
        `${location.id} gives embeddings of ${clip.dimension} numbers, immich's ${name} of ${expected}; its texts are passed on, choose another model with --map ${name}=<model>`,
      );
    }
    return undefined;
  }

  readonly #asked = new Map<string, number>();

  /** The original's word on a model that immich's list does not have. */
  async #askOnce(modelName: string): Promise<number | undefined> {
    const dimension = this.#asked.get(modelName) ?? (await this.#options.askDimension(modelName));
    if (dimension !== undefined) this.#asked.set(modelName, dimension);
    return dimension;
  }

  /** Logs a line the first time that it has something to say about `subject`. */
  sayOnce(subject: string, line: string): void {
    if (this.#said.has(subject) || this.#said.size >= MAX_SUBJECTS) return;
    this.#said.add(subject);
    this.#options.log(line);
  }

  async close(): Promise<void> {
    for (const opening of this.#open.values()) await opening.then((clip) => clip.close()).catch(() => {});
    this.#open.clear();
  }
}

// Model names come from the network: a stranger's thousand names must fill neither memory nor the log.
const MAX_SUBJECTS = 100;
