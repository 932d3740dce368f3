import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { writeBeside } from '../node/files.ts';
import { decodeImage } from '../node/picture.ts';

/**
 * Sizes in which pictures are served. A tile of the wall is a square of at most 240 CSS pixels, on screens with up to
 * two dots a pixel; a full view fills a screen.
 */
export const RENDITIONS = {
  tile: { width: 480, height: 360, fit: 'outside', quality: 76 },
  view: { width: 2048, height: 2048, fit: 'inside', quality: 84 },
} as const;

export type Rendition = keyof typeof RENDITIONS;

// More at once would only take the cores from searches and from the model.
const AT_ONCE = 2;

// The tiles of some 50,000 photos, or the full views of some 5,000.
const MAX_BYTES = 2e9;

/** Small copies of pictures, made when first asked for and kept by content. */
export class Renditions {
  readonly #folder: string;
  readonly #making = new Map<string, Promise<Uint8Array>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param folder where they are kept */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * A picture as WebP, upright.
   *
   * @param hash SHA-256 of the picture's file, hexadecimal
   * @throws PolarError when the picture is gone or cannot be read
   */
  async get(path: string, hash: string, size: Rendition): Promise<Uint8Array> {
    const file = join(this.#folder, hash.slice(0, 2), `${hash}-${size}.webp`);
    const kept = await readFile(file).catch(() => undefined);
    if (kept !== undefined) return kept;
    let making = this.#making.get(file);
    if (making === undefined) {
      making = this.#make(path, file, size).finally(() => this.#making.delete(file));
      this.#making.set(file, making);
    }
    return making;
  }

  /** Deletes those that were not looked at for the longest time, until at most `limit` bytes are kept. */
  async sweep(limit = MAX_BYTES): Promise<void> {
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    // One that another server deletes meanwhile counts nothing.
    const gone = { size: 0, atimeMs: 0 };
    const kept = await Promise.all(
      files.map(async (path) => ({ path, ...(await stat(path).catch(() => gone)) })),
    );
    kept.sort((a, b) => b.atimeMs - a.atimeMs);
    let bytes = 0;
    for (const { path, size } of kept) {
      bytes += size;
      if (bytes > limit) await rm(path, { force: true });
    }
  }

  async #make(path: string, file: string, size: Rendition): Promise<Uint8Array> {
    while (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      const bytes = await render(path, size);
      await writeBeside(file, bytes).catch(() => {}); // on a full disk it is made again the next time
      return bytes;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

async function render(path: string, size: Rendition): Promise<Uint8Array> {
  const { width, height, fit, quality } = RENDITIONS[size];
  const shrink = (picture: Sharp) =>
    picture
      .resize({ width, height, fit, withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .webp({ quality, effort: 2 })
      .toBuffer();
  try {
    return await shrink(sharp(path, { failOn: 'none' }).autoOrient().toColourspace('srgb'));
  } catch {
    // HEIC, which libvips is not built for, and the clear words for what is no picture.
    const { data, ...raw } = await decodeImage(path, { orientation: 'honour' });
    return shrink(sharp(data, { raw }));
  }
}
