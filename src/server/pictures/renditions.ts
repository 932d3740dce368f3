import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type PhotoContent, type RemotePhotos, withPictureOf } from '../../library/remote/remote-photos.ts';
import { writeBeside } from '../../node/files.ts';
import { makeThumbnail } from '../../node/pixels/thumbnail.ts';

/**
 * Sizes in which pictures are served. A tile of the wall is a square of at most 240 CSS pixels, on screens with up to
 * two dots a pixel; a full view fills a screen.
 */
export const RENDITIONS = {
  tile: { width: 480, height: 360, fit: 'outside', format: 'webp', quality: 76 },
  view: { width: 2048, height: 2048, fit: 'inside', format: 'webp', quality: 84 },
} as const;

export type Rendition = keyof typeof RENDITIONS;

// More at once would only take the cores from searches and from the model.
const AT_ONCE = 2;

// The tiles of some 50,000 photos, or the full views of some 5,000.
const MAX_BYTES = 2e9;

/** A small copy of a picture. */
export interface RenderedPicture {
  /** WebP. */
  readonly bytes: Uint8Array;
  /** SHA-256 of the file that it was made of, hexadecimal. */
  readonly hash: string;
}

/** A picture of the library, or of a person. */
export interface ShownPicture {
  readonly path: string;
  /** SHA-256 of its file when it was indexed, hexadecimal. */
  readonly hash: string;
  /** Of a video the time of the picture, seconds; null for a photo. */
  readonly at: number | null;
}

/** A picture that is being made, and how many wait for it. */
interface Making {
  readonly picture: Promise<RenderedPicture>;
  readonly unwanted: AbortController;
  waiting: number;
}

/** Small copies of pictures, made when first asked for and kept by content. */
export class Renditions {
  readonly #folder: string;
  readonly #remote: RemotePhotos | undefined;
  readonly #making = new Map<string, Making>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /**
   * @param folder where they are kept
   * @param remote where photos of other servers are read
   */
  constructor(folder: string, remote?: RemotePhotos) {
    this.#folder = folder;
    this.#remote = remote;
  }

  /**
   * A picture as WebP, upright: that of the bytes with this hash where it was made before, else of the file as it is.
   *
   * @param signal aborted when this picture is not waited for any more; it is not made when nobody else waits for it
   * @throws PassingError when the file is gone, not a regular file any more, or cannot be read now
   * @throws PolarError when it is no picture, or its server does not answer
   */
  async get(
    { path, hash, at }: ShownPicture,
    size: Rendition,
    signal?: AbortSignal,
  ): Promise<RenderedPicture> {
    const kept = await readFile(this.#fileOf({ hash, at }, size)).catch(() => undefined);
    if (kept !== undefined) return { bytes: kept, hash };
    const key = `${hash} ${size} ${at} ${path}`;
    let making = this.#making.get(key);
    if (making === undefined || making.unwanted.signal.aborted) {
      const unwanted = new AbortController();
      const picture = this.#make({ path, hash, at }, size, unwanted.signal).finally(() => {
        if (this.#making.get(key) === making) this.#making.delete(key);
      });
      making = { picture, unwanted, waiting: 0 };
      this.#making.set(key, making);
    }
    const { picture, unwanted } = making;
    making.waiting++;
    const leave = (): void => {
      making.waiting--;
      if (making.waiting === 0) unwanted.abort();
    };
    if (signal?.aborted) leave();
    else signal?.addEventListener('abort', leave, { once: true });
    return picture.finally(() => signal?.removeEventListener('abort', leave));
  }

  #fileOf({ hash, at }: Pick<ShownPicture, 'hash' | 'at'>, size: Rendition): string {
    const time = at === null ? '' : `-${Math.round(at * 1000)}`;
    return join(this.#folder, hash.slice(0, 2), `${hash}${time}-${size}.webp`);
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

  async #make(
    { path, hash: indexed, at }: ShownPicture,
    size: Rendition,
    unwanted: AbortSignal,
  ): Promise<RenderedPicture> {
    while (this.#running >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      unwanted.throwIfAborted(); // scrolled past while it waited for its turn
      // Kept by the hash of the bytes that were rendered: the file may have been replaced since it was indexed.
      // A video is too large to be read for that.
      const render = async (photo: PhotoContent): Promise<RenderedPicture> => {
        const hash = at === null ? photo.hash : indexed;
        const rendered = await makeThumbnail({ name: path, bytes: photo.bytes }, RENDITIONS[size]);
        await writeBeside(this.#fileOf({ hash, at }, size), rendered).catch(() => {}); // on a full disk it is made again
        return { bytes: rendered, hash };
      };
      return await withPictureOf(path, at, this.#remote, render, unwanted);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}
