import type { PhotoStore } from '../library/photo-store.ts';
import type { RemotePhotos } from '../library/remote-photos.ts';
import { polarHome } from '../node/home.ts';
import type { Clip } from '../node/load-clip.ts';
import { interruption } from './interruption.ts';
import { count, print, progress, say } from './output.ts';

/** Whether an argument means photos of an immich server. */
export const isInImmich = (source: string): boolean => source.startsWith('immich:');

/** The API of the server that `polar immich connect` or the environment names. */
export async function openImmich() {
  const { ImmichApi, readConnection } = await import('../immich/index.ts');
  return new ImmichApi(await readConnection(polarHome(), process.env));
}

/** Photos of the immich server that is connected at that moment, to be shown. */
export async function shownFromImmich(): Promise<RemotePhotos> {
  const { ImmichPhotos, readConnection } = await import('../immich/index.ts');
  return new ImmichPhotos(() => readConnection(polarHome(), process.env));
}

/** Indexes photos of an immich server and says what was done, unless it is to be JSON. */
export async function indexFromImmich(
  source: string,
  store: PhotoStore,
  clip: Clip,
  options: { readonly json?: boolean },
): Promise<object> {
  const { indexImmich, parseSource } = await import('../immich/index.ts');
  const bar = progress(`Indexing ${source}`, 'photos');
  try {
    const summary = await indexImmich(store, clip, await openImmich(), parseSource(source)!, {
      signal: interruption.signal,
      onProgress: bar.update,
      onNote: bar.note,
    });
    bar.stop();
    if (!options.json) {
      const { found, added, unchanged, removed, skipped } = summary;
      const gone = removed > 0 ? `, ${removed} gone` : '';
      const bad = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
      print(
        `${source.replace(/:$/, '')}: ${count(found, 'photo')} (${added} new, ${unchanged} unchanged${gone}${bad})`,
      );
      for (const { path, reason } of skipped) say(`skipped ${path}: ${reason}`);
    }
    return { folder: source, model: clip.id, ...summary };
  } finally {
    bar.stop();
  }
}
