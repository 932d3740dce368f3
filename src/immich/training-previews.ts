import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PolarError } from '../errors.ts';
import type { ImmichApi } from './api.ts';
import { type ImmichAsset, parseSource, photosOf } from './assets.ts';

/** Previews to learn from, in a folder that is deleted when they have been read. */
export class TrainingPreviews {
  readonly #api: ImmichApi;
  readonly #folder: Promise<string> = mkdtemp(join(tmpdir(), 'polar-previews-'));
  readonly #links = new Map<string, string>();

  constructor(api: ImmichApi) {
    this.#api = api;
  }

  /**
   * Downloads the previews of a source's photos.
   *
   * @param source for example `immich:album/Rex`
   * @param say told when a source holds more photos than learning needs
   * @returns paths
   * @throws PolarError when there is no such source, or it holds no photo
   */
  async take(source: string, say: (line: string) => void, signal?: AbortSignal): Promise<string[]> {
    const photos = await photosOf(this.#api, parseSource(source)!, signal);
    if (photos.length === 0)
      throw new PolarError(`${source}: no photos there; add about five that show the thing`, 'not-found');
    const taken = spread(photos, MOST_PHOTOS);
    if (taken.length < photos.length) {
      say(
        `${source} holds ${photos.length} photos; ${taken.length} of them, spread over time, are taken. About five good ones in an album of their own do better.`,
      );
    }
    const paths: string[] = [];
    for (const asset of taken) paths.push(await this.#download(asset, signal));
    return paths;
  }

  async #download({ id }: ImmichAsset, signal?: AbortSignal): Promise<string> {
    const bytes = await this.#api.preview(id, signal).catch((error) => {
      if (!(error instanceof PolarError)) throw error;
      throw new PolarError(
        `${this.#api.linkTo(id)}: its preview cannot be had: ${error.message}`,
        error.code,
      );
    });
    const path = join(await this.#folder, `${id}.jpg`);
    await writeFile(path, bytes);
    this.#links.set(path, this.#api.linkTo(id));
    return path;
  }

  /** Where a person sees the photo whose preview lies at `path`. */
  linkOf(path: string): string | undefined {
    return this.#links.get(path);
  }

  /** Deletes the previews. */
  async close(): Promise<void> {
    await rm(await this.#folder, { recursive: true, force: true });
  }
}

// Each is paired with one of 13 prompts, and the paper uses five: more than a few rounds of them teach nothing.
const MOST_PHOTOS = 50;

/** At most `most` of a list, evenly spread over it. */
function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!);
}
