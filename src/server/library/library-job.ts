import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PolarError } from '../../errors.ts';
import { indexPhotos } from '../../library/index-photos.ts';
import type { LeftOutCounts } from '../../library/left-out.ts';
import type { PhotoStore } from '../../library/photo-store.ts';
import { isAddress } from '../../library/remote/address.ts';
import type { RemoteLibrary, RemoteSource } from '../../library/remote/remote-library.ts';
import { scanPhotos } from '../../library/scan.ts';
import type { IndexSummary } from '../../library/update.ts';
import { tell } from '../../messages.ts';
import { writeBeside } from '../../node/files.ts';
import { inHome } from '../../node/home.ts';
import type { Clip } from '../../node/load-clip.ts';
import { reportFault } from '../../node/report-fault.ts';
import { makeToyboxPhotos } from '../../toybox/make-photos.ts';
import type { Models } from '../models.ts';
import type { Uploads } from '../pictures/uploads.ts';

/** Long work on the library, as the page shows it. */
export interface JobState {
  /** What is being done, for a person. */
  readonly label: string;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  /** What came out of it, or went wrong, beside `leftOut`. */
  readonly messages: readonly string[];
  /** The first files that were passed over, each with the reason. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  /** What else lies in the folder, by the reason why it is not indexed. */
  readonly leftOut: LeftOutCounts;
  /** What is counted. */
  readonly unit: 'photos' | 'MB';
  /** What begins it again after it was stopped. */
  readonly request: JobRequest;
}

/** What the page may ask for. */
export type JobRequest = { readonly folder: string } | { readonly toybox: true } | { readonly model: string };

/** A personal thing of the Toybox, to be learnt for a try. */
export interface ToyboxThing {
  readonly name: string;
  readonly className: string;
  /** Ids of its photos. */
  readonly photos: readonly string[];
}

// So many are shown; "polar index --failed" lists all.
const MAX_SKIPPED = 200;

type Work = (signal: AbortSignal, update: (change: Partial<JobState>) => void) => Promise<readonly string[]>;

/** What a job works on. */
export interface LibraryJobsOptions {
  readonly home: string;
  readonly store: PhotoStore;
  readonly models: Models;
  readonly uploads: Uploads;
  /** Where photos of other servers are read; without it they are not. */
  readonly remote?: RemoteLibrary | undefined;
}

/** The one piece of long work at a time. It goes on when the page is closed, until it is done or stopped. */
export class LibraryJobs {
  readonly #options: LibraryJobsOptions;
  readonly #listeners = new Set<(state: JobState) => void>();
  #state: JobState | undefined;
  #controller = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: LibraryJobsOptions) {
    this.#options = options;
  }

  /** The work in hand or just done. */
  get state(): JobState | undefined {
    return this.#state;
  }

  /** @returns ends the subscription */
  listen(listener: (state: JobState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds a folder to the library, or looks what is new in it. */
  addFolder(folder: string): void {
    this.#start(tell('job.reading', { folder: basename(folder) || folder }), { folder }, (signal, update) =>
      this.#index(this.#options.models.current.clip, folder, signal, update),
    );
  }

  /** Looks what is new among the photos of another server that are indexed already. */
  addServer(server: string): void {
    this.#start(tell('job.reading', { folder: server }), { folder: server }, async (signal, update) => {
      const { models } = this.#options;
      const sources = (await models.servers()).filter((one) => one.server === server);
      if (sources.length === 0) throw new PolarError(`${server}: ${tell('server.unknown')}`, 'not-found');
      const messages: string[] = [];
      for (const source of sources)
        messages.push(...(await this.#indexRemote(models.current.clip, source, signal, update)));
      return messages;
    });
  }

  /** Draws the Toybox photos and adds them. */
  addToybox(): void {
    this.#start(tell('job.drawing'), { toybox: true }, async (signal, update) => {
      const { home, uploads } = this.#options;
      const made = await makeToyboxPhotos(inHome(home).toybox, {
        signal,
        onProgress: (done, total) => update({ done, total }),
      });
      const things: ToyboxThing[] = [];
      for (const { name, className, examples } of made.things) {
        const { photos } = await scanPhotos(examples);
        const added = await Promise.all(
          photos.map(async ({ path }) => uploads.add(basename(path), await readFile(path))),
        );
        things.push({ name, className, photos: added.map(({ hash }) => hash) });
      }
      await writeBeside(thingsFile(home), JSON.stringify(things));
      update({ label: tell('job.reading-toybox'), done: 0, total: 0 });
      return this.#index(this.#options.models.current.clip, made.library, signal, update);
    });
  }

  /**
   * Fetches a model where need be, reads all folders with it, and answers with it from then on; until then the model
   * before it answers.
   */
  addModel(name: string): void {
    this.#start(tell('job.downloading', { model: name }), { model: name }, async (signal, update) => {
      const { models } = this.#options;
      const model = await models.fetch(name, signal, (done, total) => update({ done, total, unit: 'MB' }));
      const folders = await models.folders();
      const places = [...folders, ...(await models.servers())];
      const problems: string[] = [];
      for (const [index, place] of places.entries()) {
        const label =
          places.length === 1
            ? tell('job.reading-again', { model: name })
            : tell('job.reading-again-of', { model: name, index: index + 1, total: places.length });
        update({ label, done: 0, total: 0, unit: 'photos' });
        const reading =
          typeof place === 'string'
            ? this.#index(model.clip, place, signal, update)
            : this.#indexRemote(model.clip, place, signal, update);
        await reading.catch((error: unknown) => {
          if (signal.aborted || !(error instanceof PolarError)) throw error;
          problems.push(error.message); // one folder that cannot be read never stops the others
        });
      }
      await models.use(model);
      const photos = await model.library.use((snapshot) => snapshot.photos.length);
      return [tell('job.answers', { model: name, count: photos }), ...problems];
    });
  }

  /** Stops the work; what was done is kept. */
  async stop(): Promise<void> {
    this.#controller.abort();
    await this.#running;
  }

  #start(label: string, request: JobRequest, work: Work): void {
    if (this.#state?.state === 'running') {
      throw new PolarError(tell('job.busy', { label: this.#state.label }), 'busy');
    }
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    const nothing = { done: 0, total: 0, messages: [], skipped: [], leftOut: {}, unit: 'photos' } as const;
    this.#set({ ...nothing, label, state: 'running', request });
    this.#running = work(signal, (change) => this.#set({ ...this.#state!, ...change }))
      .then((messages) => ({ state: 'done' as const, messages }))
      .catch((error: unknown) => {
        if (signal.aborted) return { state: 'stopped' as const, messages: [tell('job.stopped')] };
        if (error instanceof PolarError) return { state: 'failed' as const, messages: [error.message] };
        reportFault(error);
        return { state: 'failed' as const, messages: [tell('server.fault')] };
      })
      .then(async (end) => {
        await this.#options.models.current.library.refresh().catch(() => {}); // the next look at the library says it
        this.#set({ ...this.#state!, ...end });
      });
  }

  async #index(
    clip: Clip,
    folder: string,
    signal: AbortSignal,
    update: (change: Partial<JobState>) => void,
  ): Promise<readonly string[]> {
    const { store } = this.#options;
    const onProgress = (done: number, total: number) => update({ done, total });
    const summary = await indexPhotos(store, clip, folder, { signal, onProgress });
    return this.#summarise(basename(folder), summary, update);
  }

  async #indexRemote(
    clip: Clip,
    what: RemoteSource,
    signal: AbortSignal,
    update: (change: Partial<JobState>) => void,
  ): Promise<readonly string[]> {
    const { store, remote } = this.#options;
    if (remote === undefined)
      throw new PolarError(`${what.server}: ${tell('server.not-connected')}`, 'not-found');
    const onProgress = (done: number, total: number) => update({ done, total });
    const summary = await remote.index(what, store, clip, { signal, onProgress });
    return this.#summarise(what.source.replace(/:$/, ''), summary, update);
  }

  #summarise(
    folder: string,
    summary: IndexSummary,
    update: (change: Partial<JobState>) => void,
  ): readonly string[] {
    const known = new Set(summary.skipped.map(({ path }) => path));
    update({
      skipped: [...summary.skipped, ...summary.troubles.filter(({ path }) => !known.has(path))]
        .slice(0, MAX_SKIPPED)
        .map(({ path, reason }) => ({ name: isAddress(path) ? path : basename(path), reason })),
      leftOut: summary.leftOut,
    });
    const { found, added, recognised, unchanged, removed } = summary;
    return [
      tell('job.read', {
        folder,
        count: found,
        added: added + recognised,
        known: unchanged,
      }),
      ...(removed > 0 ? [tell('job.gone', { number: removed })] : []),
      ...(summary.skipped.length > 0 ? [tell('job.skipped', { number: summary.skipped.length })] : []),
    ];
  }

  #set(state: JobState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}

const thingsFile = (home: string): string => join(inHome(home).toybox, 'things.json');

/** The personal things of the Toybox, where it was added. */
export async function toyboxThings(home: string): Promise<readonly ToyboxThing[]> {
  return readJson<ToyboxThing>(thingsFile(home));
}

async function readJson<T>(file: string): Promise<readonly T[]> {
  const text = await readFile(file, 'utf8').catch(() => '[]');
  try {
    return JSON.parse(text) as T[];
  } catch {
    throw new PolarError(`${file}: ${tell('file.things')}`, 'unreadable');
  }
}
