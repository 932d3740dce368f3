import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { makeFolder, writeBeside } from '../../node/files.ts';
import { withPictureFile } from '../../node/pixels/photo-file.ts';
import { decodeImage } from '../../node/pixels/picture.ts';

/** What may be uploaded at once. A phone's photo has 5 to 50 megapixels and 3 to 15 MB. */
export const UPLOAD_LIMITS = {
  /** Bytes of one picture. */
  bytes: 40_000_000,
  /** Pictures in one request. */
  count: 40,
  /** Bytes of one request. */
  totalBytes: 200_000_000,
} as const;

// Pictures that no concept was learnt from are swept at the next start.
const KEPT_MS = 24 * 3_600_000;
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
  #listed: { changed: bigint | undefined; hashes: ReadonlySet<string> } = {
    changed: undefined,
    hashes: new Set(),
  };

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws PolarError when it is not a picture, or too large */
  async add(name: string, bytes: Uint8Array): Promise<Upload> {
    if (bytes.length > UPLOAD_LIMITS.bytes) throw tooLarge(name, bytes.length);
    await decodeImage({ name, bytes }, { shrinkTo: 64 });
    const hash = createHash('sha256').update(bytes).digest('hex');
    const kept = await this.find(hash);
    if (kept !== undefined) return kept;
    await writeBeside(join(this.#folder, hash), bytes);
    return (await this.find(hash))!;
  }

  /**
   * Takes in a picture as it arrives.
   *
   * @param isCut whether it was cut at the limit of its bytes, once the stream has ended
   * @throws PolarError when it is not a picture, or too large
   */
  async receive(name: string, stream: Readable, isCut: () => boolean): Promise<Upload> {
    await makeFolder(this.#folder);
    const partial = join(this.#folder, `${randomUUID()}.partial`);
    try {
      await pipeline(stream, createWriteStream(partial));
      if (isCut()) {
        throw new PolarError(
          `${name}: ${tell('photo.over-limit', { most: UPLOAD_LIMITS.bytes / 1e6 })}`,
          'too-large',
        );
      }
      return await withPictureFile(partial, ({ bytes }) => this.add(name, bytes));
    } finally {
      await rm(partial, { force: true });
    }
  }

  /** The hashes of all pictures that are here: asking for one after the other would take a look at the disk each. */
  async hashes(): Promise<ReadonlySet<string>> {
    const changed = (await stat(this.#folder, { bigint: true }).catch(() => undefined))?.mtimeNs;
    if (changed === undefined || changed !== this.#listed.changed) {
      const names = await readdir(this.#folder).catch(() => []);
      this.#listed = { changed, hashes: new Set(names.filter((name) => HASH.test(name))) };
    }
    return this.#listed.hashes;
  }

  /** The picture with this content, where it was brought in. */
  async find(hash: string): Promise<Upload | undefined> {
    if (!HASH.test(hash)) return undefined;
    // Links on the way to the folder are the owner's own; photos are read at paths without links.
    const path = join(await realpath(this.#folder).catch(() => this.#folder), hash);
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

function tooLarge(name: string, bytes: number): PolarError {
  return new PolarError(
    `${name}: ${tell('photo.large', { found: (bytes / 1e6).toFixed(1), most: UPLOAD_LIMITS.bytes / 1e6 })}`,
    'too-large',
  );
}
