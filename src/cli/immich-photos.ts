import { PolarError } from '../errors.ts';
import type { ImmichIndexSummary } from '../immich/index.ts';
import type { PhotoStore } from '../library/photo-store.ts';
import type { RemotePhotos } from '../library/remote-photos.ts';
import { polarHome } from '../node/home.ts';
import type { Clip } from '../node/load-clip.ts';
import { IMMICH_EVERY } from './common.ts';
import { interruption } from './interruption.ts';
import { count, print, printJson, say } from './output.ts';
import { progress } from './progress.ts';

/** Whether an argument means photos of an immich server. */
export const isInImmich = (source: string): boolean => source.startsWith('immich:');

/** The API of the server that `polar immich connect` or the environment names. */
export async function openImmich() {
  const { ImmichApi, readConnection } = await import('../immich/index.ts');
  return new ImmichApi(await readConnection(polarHome(), process.env));
}

/**
 * Where the photos of a source begin in the index.
 *
 * @throws PolarError for a source whose photos cannot be told from the others there
 */
export async function addressInImmich(source: string): Promise<string> {
  const { parseSource } = await import('../immich/index.ts');
  const { kind, name } = parseSource(source)!;
  const api = await openImmich();
  if (kind === 'all') return api.linkTo('');
  if (kind === 'asset') return api.linkTo(name);
  throw new PolarError(`${source}: the index does not know what is in it; name photos, or all: immich:`);
}

/** Photos of the immich server that is connected at that moment, to be shown. */
export async function shownFromImmich(): Promise<RemotePhotos> {
  const { ImmichPhotos, readConnection } = await import('../immich/index.ts');
  return new ImmichPhotos(() => readConnection(polarHome(), process.env));
}

/** How photos of an immich server are indexed. */
interface IndexFromImmich {
  readonly watch?: boolean;
  /** Milliseconds between two looks of `watch`. */
  readonly every?: number;
  readonly json?: boolean;
}

/** Indexes photos of an immich server, and says what each run did. @returns what the last run did */
export async function indexFromImmich(
  source: string,
  store: PhotoStore,
  clip: Clip,
  { watch, every = IMMICH_EVERY * 60_000, json }: IndexFromImmich,
): Promise<object> {
  const { indexImmich, parseSource, watchImmich } = await import('../immich/index.ts');
  const api = await openImmich();
  const parsed = parseSource(source)!;
  const bar = progress(`Indexing ${source}`, 'photos');
  const describe = (summary: object) => ({ folder: source, model: clip.id, ...summary });
  let done: object = {};
  const onIndexed = (summary: ImmichIndexSummary): void => {
    bar.stop();
    done = describe(summary);
    if (!json) report(source, summary);
    else if (watch) printJson(done, 0); // one line a run, as they come
  };
  const indexing = { signal: interruption.signal, onProgress: bar.update, onNote: bar.note };
  try {
    if (watch) await watchImmich(store, clip, api, parsed, { ...indexing, every, onIndexed });
    else onIndexed(await indexImmich(store, clip, api, parsed, indexing));
    return done;
  } finally {
    bar.stop();
  }
}

function report(source: string, { found, added, unchanged, removed, skipped }: ImmichIndexSummary): void {
  const gone = removed > 0 ? `, ${removed} gone` : '';
  const bad = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  print(
    `${source.replace(/:$/, '')}: ${count(found, 'photo')} (${added} new, ${unchanged} unchanged${gone}${bad})`,
  );
  for (const { path, reason } of skipped) say(`skipped ${path}: ${reason}`);
}
