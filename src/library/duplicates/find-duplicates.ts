import { PolarError } from '../../errors.ts';
import { isWithin } from '../folders.ts';
import { isOnce, type LibraryPhoto, type PhotosInMemory } from '../in-memory.ts';
import type { Trouble } from '../left-out.ts';
import { reasonOf } from '../reading/read.ts';
import { isAddress } from '../remote/address.ts';
import { type Look, likeness, readLook } from './look.ts';

/** A photo of a group. */
export interface DuplicatePhoto extends Omit<LibraryPhoto, 'mtime' | 'at' | 'still'> {
  /** Of the file. */
  readonly bytes: number;
  /** Standard deviation of the Laplacian at a fixed size: higher is sharper. */
  readonly sharpness: number;
}

/** Photos of a library that show the same picture. */
export interface Duplicates {
  /** Best first in each group, the largest groups first. */
  readonly groups: readonly (readonly DuplicatePhoto[])[];
  /** Photos that could not be compared, with the reasons. */
  readonly skipped: readonly Trouble[];
}

/** Which photos are compared, and how that is followed and stopped. */
export interface DuplicateOptions {
  /**
   * Only photos below this folder, an absolute path.
   *
   * @default all folders
   */
  readonly folder?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each photo. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Embeddings at least as near as this (cosine) are compared by content. Loose: what is near only in meaning is told
 * apart by its look.
 */
const NEAR = 0.9;
/** Neighbours of a photo that are looked at. */
const NEIGHBOURS = 16;
/**
 * Looks at least as alike as this show one picture. Of 158 photos of 30 things the most alike pair of different photos
 * reached 0.944; the same photo at half and quarter size, saved again, in grey, or blurred at least 0.990, cut by 2 %
 * at least 0.958.
 */
export const SAME_PICTURE = 0.95;
const AT_ONCE = 32;

/**
 * Groups photos that show the same picture: copies, and the same photo in another size, format or quality. Photos that
 * are near by their embeddings are compared by their pixels. Nothing is changed or deleted.
 *
 * @throws PolarError when the signal ends it
 */
export async function findDuplicates(
  photos: PhotosInMemory,
  { folder, signal, onProgress }: DuplicateOptions = {},
): Promise<Duplicates> {
  const rows = [...photos.photos.keys()].filter(
    (row) =>
      photos.photos[row]!.at === null &&
      isOnce(photos.photos[row]!) &&
      (folder === undefined || isWithin(photos.photos[row]!.path, folder)),
  );
  const byHash = new Map<string, number[]>();
  for (const row of rows) {
    const { hash } = photos.photos[row]!;
    byHash.set(hash, [...(byHash.get(hash) ?? []), row]);
  }
  const firsts = [...byHash.values()].map(([first]) => first!);
  const looks = new Looks(photos.photos, byHash);
  const groups = new Groups();
  for (let start = 0; start < firsts.length; start += AT_ONCE) {
    signal?.throwIfAborted();
    onProgress?.(start, firsts.length);
    await Promise.all(
      firsts.slice(start, start + AT_ONCE).map(async (row) => {
        const { hash } = photos.photos[row]!;
        for (const hit of await photos.search(photos.embeddingOf(row), NEIGHBOURS)) {
          if (hit.score < NEAR || hit.hash <= hash || !byHash.has(hit.hash)) continue; // each pair once
          const [a, b] = await Promise.all([looks.of(hash), looks.of(hit.hash)]);
          if (a !== undefined && b !== undefined && likeness(a, b) >= SAME_PICTURE)
            groups.join(hash, hit.hash);
        }
      }),
    );
  }
  onProgress?.(firsts.length, firsts.length);
  const found: DuplicatePhoto[][] = [];
  for (const hashes of groups.of([...byHash.keys()])) {
    const members = hashes.flatMap((hash) => byHash.get(hash)!);
    if (members.length < 2) continue;
    const described = await Promise.all(
      members.map(async (row) => {
        const { mtime: _, at: __, still: ___, ...photo } = photos.photos[row]!;
        const look = await looks.of(photo.hash);
        return look && { ...photo, bytes: look.bytes, sharpness: look.sharpness };
      }),
    );
    const group = described.filter((photo) => photo !== undefined);
    if (group.length > 1) found.push(bestFirst(group));
  }
  found.sort((a, b) => b.length - a.length || (a[0]!.path < b[0]!.path ? -1 : 1));
  return { groups: found, skipped: looks.skipped };
}

/** Sizes within a tenth of the largest count as equal: then sharpness decides. */
const SAME_SIZE = 0.9;

/** The photo to keep first: the largest, of those as large the sharpest, then the larger file, then by name. */
export function bestFirst(group: readonly DuplicatePhoto[]): DuplicatePhoto[] {
  const pixels = ({ width, height }: DuplicatePhoto) => width * height;
  const largest = Math.max(...group.map(pixels));
  const rank = (photo: DuplicatePhoto) => (pixels(photo) >= SAME_SIZE * largest ? largest : pixels(photo));
  return [...group].sort(
    (a, b) =>
      rank(b) - rank(a) ||
      b.sharpness - a.sharpness ||
      b.bytes - a.bytes ||
      a.path.length - b.path.length ||
      (a.path < b.path ? -1 : 1),
  );
}

/** The looks of photos, each content read once; its first file that can be read counts. */
class Looks {
  readonly skipped: Trouble[] = [];
  readonly #photos: readonly LibraryPhoto[];
  readonly #rows: ReadonlyMap<string, readonly number[]>;
  readonly #looks = new Map<string, Promise<Look | undefined>>();

  constructor(photos: readonly LibraryPhoto[], rows: ReadonlyMap<string, readonly number[]>) {
    this.#photos = photos;
    this.#rows = rows;
  }

  of(hash: string): Promise<Look | undefined> {
    const known = this.#looks.get(hash);
    if (known !== undefined) return known;
    const look = this.#read(hash);
    this.#looks.set(hash, look);
    return look;
  }

  async #read(hash: string): Promise<Look | undefined> {
    for (const row of this.#rows.get(hash) ?? []) {
      const { path } = this.#photos[row]!;
      if (isAddress(path)) {
        this.skipped.push({ path, reason: 'lies in immich, which has a list of duplicates of its own' });
        continue;
      }
      try {
        return await readLook(path);
      } catch (error) {
        if (!(error instanceof PolarError)) throw error;
        this.skipped.push({ path, reason: reasonOf(error, path) });
      }
    }
    return undefined;
  }
}

/** Things that were found to be the same, directly or by way of others. */
class Groups {
  readonly #parents = new Map<string, string>();

  join(a: string, b: string): void {
    this.#parents.set(this.#root(a), this.#root(b));
  }

  /** Every thing in one group. */
  of(things: readonly string[]): string[][] {
    const groups = new Map<string, string[]>();
    for (const thing of things) {
      const root = this.#root(thing);
      groups.set(root, [...(groups.get(root) ?? []), thing]);
    }
    return [...groups.values()];
  }

  #root(thing: string): string {
    let root = thing;
    for (let up = this.#parents.get(root); up !== undefined && up !== root; up = this.#parents.get(root))
      root = up;
    return root;
  }
}
