import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp, { type Metadata } from 'sharp';
import { PolarError } from '../errors.ts';
import { writeBeside } from '../node/files.ts';
import { decodeImage } from '../node/picture.ts';

/** What may be uploaded at once. A phone's photo has 5 to 50 megapixels and 3 to 15 MB. */
export const UPLOAD_LIMITS = {
  /** Bytes of one picture. */
  bytes: 40_000_000,
  /** Pictures in one request. */
  count: 40,
  /** Bytes of one request. */
  totalBytes: 200_000_000,
  /** Width times height. */
  pixels: 120_000_000,
} as const;

// Pictures that no concept was learnt from are swept at the next start.
const KEPT_MS = 24 * 3_600_000;
// What else the decoder reads are not photos, and some of it (SVG) is a program.
const PICTURES: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'heif', 'tiff', 'gif']);
const HASH = /^[0-9a-f]{64}$/;

/** A picture that was brought in to learn from, kept under the hash of its content. */
export interface Upload {
  /** SHA-256, hexadecimal; its id as well. */
  readonly hash: string;
  readonly path: string;
}

/** Pictures that were brought in, in one folder. */
export class Uploads {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws PolarError when it is not a picture, or too large */
  async add(name: string, bytes: Uint8Array): Promise<Upload> {
    if (bytes.length > UPLOAD_LIMITS.bytes) throw tooLarge(name, bytes.length);
    const metadata =
      bytes.length === 0
        ? undefined
        : await sharp(bytes, { limitInputPixels: false })
            .metadata()
            .catch(() => undefined);
    if (metadata !== undefined) requirePhoto(name, metadata); // by its header, before a single pixel is decoded
    await decodeImage(bytes, { shrinkTo: 64 }).catch((error: unknown) => {
      throw error instanceof PolarError
        ? new PolarError(error.message.replace(/^picture/, () => name))
        : error;
    });
    const hash = createHash('sha256').update(bytes).digest('hex');
    const kept = await this.find(hash);
    if (kept !== undefined) return kept;
    const path = join(this.#folder, hash);
    await writeBeside(path, bytes);
    return { hash, path };
  }

  /** The picture with this content, where it was brought in. */
  async find(hash: string): Promise<Upload | undefined> {
    if (!HASH.test(hash)) return undefined;
    const path = join(this.#folder, hash);
    const found = await stat(path).catch(() => undefined);
    return found?.isFile() ? { hash, path } : undefined;
  }

  /** Removes what nobody needs: pictures of no concept that are more than a day old. */
  async sweep(needed: ReadonlySet<string>, now = Date.now()): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const path = join(this.#folder, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined && !needed.has(name) && now - found.mtimeMs > KEPT_MS) {
        await rm(path, { force: true });
      }
    }
  }
}

function requirePhoto(name: string, { format, width, height }: Metadata): void {
  if (!PICTURES.has(format)) {
    throw new PolarError(
      `${name}: a file of type ${format}, expected JPEG, PNG, WebP, AVIF, TIFF, GIF or HEIC`,
    );
  }
  if (width * height > UPLOAD_LIMITS.pixels) {
    throw new PolarError(
      `${name}: ${width} x ${height} pixels, more than the limit of ${UPLOAD_LIMITS.pixels}; make it smaller`,
    );
  }
}

function tooLarge(name: string, bytes: number): PolarError {
  return new PolarError(
    `${name}: ${(bytes / 1e6).toFixed(1)} MB, more than the limit of ${UPLOAD_LIMITS.bytes / 1e6} MB; make it smaller`,
  );
}
