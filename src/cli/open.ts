import { TOYBOX } from '../clip/hub/names.ts';
import { isNonCommercial, RECOMMENDED_MODEL } from '../clip/hub/recommended.ts';
import { type ChooseModelOptions, chooseModel } from '../library/choose-model.ts';
import { PhotoStore } from '../library/photo-store.ts';
import { defaultModel } from '../node/default-model.ts';
import { inHome, polarHome } from '../node/home.ts';
import { type DownloadProgress, hasToybox } from '../node/hub/fetch-model.ts';
import { type Clip, type LoadClipOptions, loadClip } from '../node/load-clip.ts';
import type { ModelOptions } from './common.ts';
import { interruption } from './interruption.ts';
import { say } from './output.ts';
import { progress } from './progress.ts';

/** The photo index: `--index`, `POLAR_INDEX`, or the user's own. */
export const openStore = (options: ModelOptions): PhotoStore => new PhotoStore(indexUriOf(options));

/** Where the photo index is: a folder, or the address of an object store. */
export const indexUriOf = ({ index }: Pick<ModelOptions, 'index'>): string =>
  index ?? (process.env.POLAR_INDEX || inHome(polarHome()).library);

/** Loads the model that was named or fits the library, downloading it with a progress bar where need be. */
export async function openModel(
  options: ModelOptions,
  store: PhotoStore,
  choice: ChooseModelOptions & Pick<LoadClipOptions, 'textThread'> = {},
): Promise<Clip> {
  const { name, reason } = await chooseModel(options.model, store, choice);
  if (reason !== undefined) say(reason);
  const isNamed = options.model !== undefined || Boolean(process.env.POLAR_MODEL);
  if (name === TOYBOX && !isNamed && (await hasToybox())) await announceToybox(store);
  const download = downloadProgress();
  try {
    return await loadClip(name, {
      signal: interruption.signal,
      onProgress: download.update,
      onLicence: sayLicence(name),
      device: options.device,
      precision: options.precision,
      textThread: choice.textThread,
      onNote: say,
    });
  } finally {
    download.stop();
  }
}

/** Said where Toybox is taken for want of another model, and once another one is there. */
async function announceToybox(store: PhotoStore): Promise<void> {
  const [{ name: best }, indexed] = await Promise.all([defaultModel(), store.models()]);
  if (best !== TOYBOX) {
    say(
      `Using Toybox, which your library was indexed with. ${best.split('@')[0]} is there too: polar index <folder> moves to it.`,
    );
  } else if (indexed.length === 0 || (await holdsPhotographs(store))) {
    say(
      `Using Toybox, the small model that ships with polar. For real photos get a real one: polar models download ${RECOMMENDED_MODEL}`,
    );
  }
}

/** Whether Toybox has read other pictures than its own drawings. */
async function holdsPhotographs(store: PhotoStore): Promise<boolean> {
  const { SQL_NOT_DRAWN } = await import('../toybox/drawn.ts');
  for (const table of await store.photoTables()) {
    if ((await table.countRows(`reason IS NULL AND ${SQL_NOT_DRAWN}`)) > 0) return true;
  }
  return false;
}

/** Says under which licence a model comes, before it is fetched, where that forbids something. */
export const sayLicence =
  (model: string) =>
  (licence: string | undefined): void => {
    if (licence !== undefined && isNonCommercial(licence)) {
      say(`${model} comes under the licence ${licence}: not for commercial use.`);
    }
  };

/** One bar a file. */
export function downloadProgress(): { update: (progress: DownloadProgress) => void; stop: () => void } {
  let current = '';
  let bar = progress('', 'MB');
  return {
    update({ file, loaded, total }) {
      if (file !== current) {
        bar.stop();
        bar = progress(file, 'MB');
        current = file;
      }
      bar.update(Math.round(loaded / 1e6), Math.max(1, Math.round(total / 1e6)));
    },
    stop: () => bar.stop(),
  };
}
