import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Clip, ConceptStore, DownloadProgress, PhotoStore } from '../index.ts';
import { progress, say } from './output.ts';

/** What every command that uses a model takes. */
export interface ModelOptions {
  readonly model?: string | undefined;
  readonly index?: string;
}

export const MODEL_HELP =
  'folder, org/name[@revision], toybox, or ViT-B/32, ViT-B/16, ViT-L/14, ViT-L/14@336px';

/** Aborted by Ctrl-C; what is done until then is kept. */
export const interruption = new AbortController();

export const INDEX_HELP =
  "where the index is: a folder, s3://bucket/prefix, gs://..., az://... (default: POLAR_INDEX, else the user's own library)";

/** The photo index: `--index`, `POLAR_INDEX`, or the user's own. */
export async function openStore(options: ModelOptions): Promise<PhotoStore> {
  const { PhotoStore, polarHome } = await import('../index.ts');
  return new PhotoStore(options.index ?? (process.env.POLAR_INDEX || join(polarHome(), 'library')));
}

export async function openConcepts(): Promise<ConceptStore> {
  const { ConceptStore, polarHome } = await import('../index.ts');
  return new ConceptStore(join(polarHome(), 'concepts'));
}

/** Loads the model that was named or fits the library, downloading it with a progress bar where need be. */
export async function openModel(
  options: ModelOptions,
  store: PhotoStore,
  purpose: 'index' | 'search' = 'search',
): Promise<Clip> {
  const { chooseModel, hasToybox, loadClip, TOYBOX } = await import('../index.ts');
  const name = await chooseModel(options.model, store, purpose);
  const isNamed = options.model !== undefined || Boolean(process.env.POLAR_MODEL);
  if (name === TOYBOX && !isNamed && (await hasToybox())) await announceToybox(store);
  const download = downloadProgress();
  try {
    return await loadClip(name, { signal: interruption.signal, onProgress: download.update });
  } finally {
    download.stop();
  }
}

/** Said where Toybox is taken for want of another model, and once another one is there. */
async function announceToybox(store: PhotoStore): Promise<void> {
  const { defaultModel, TOYBOX } = await import('../index.ts');
  const [best, indexed] = await Promise.all([defaultModel(), store.models()]);
  if (best !== TOYBOX) {
    say(
      `Using Toybox, which your library was indexed with. ${best.split('@')[0]} is there too: polar index <folder> moves to it.`,
    );
  } else if (indexed.length === 0) {
    say(
      'Using Toybox, the small model that ships with polar. For real photos get a real CLIP: polar models download ViT-B/32',
    );
  }
}

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

/** Reads a number from `low` to `high` from the command line. */
export function number(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high)) {
      throw new InvalidArgumentError(`expected a number from ${low} to ${high}`);
    }
    return value;
  };
}

/** Reads a whole number from `low` to `high` from the command line. */
export function whole(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = number(low, high)(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError('expected a whole number');
    return value;
  };
}
