import { type Scored, type Searchable, spread } from '../polar/query/searchable.ts';

/** A photo with its embedding. */
export interface EmbeddedPhoto {
  /** SHA-256 of its file, hexadecimal. */
  readonly hash: string;
  /** `[P]`, unit norm. */
  readonly embedding: Float32Array;
}

/** A photo that was found, by its place in the list. */
export interface EmbeddedHit extends Scored {
  readonly key: number;
}

/** Photos whose embeddings are all there is: for a page in a browser, where there is no table. */
export class EmbeddedPhotos implements Searchable<EmbeddedHit> {
  readonly #photos: EmbeddedPhoto[] = [];
  readonly #hashes = new Set<string>();

  get count(): number {
    return this.#photos.length;
  }

  /** Adds a photo; returns its key. */
  add(photo: EmbeddedPhoto): number {
    this.#hashes.add(photo.hash);
    return this.#photos.push(photo) - 1;
  }

  /** The photo with this key. */
  get(key: number): EmbeddedPhoto {
    return this.#photos[key]!;
  }

  /** Whether a photo of this content is there. */
  has(hash: string): boolean {
    return this.#hashes.has(hash);
  }

  /** Forgets all photos. */
  clear(): void {
    this.#photos.length = 0;
    this.#hashes.clear();
  }

  async sample(n: number): Promise<Float32Array[]> {
    return spread(this.count, n).map((key) => this.get(key).embedding);
  }

  /** Exact; ties in the order in which the photos came. */
  async search(query: Float32Array, top: number): Promise<EmbeddedHit[]> {
    const norm = Math.hypot(...query) || 1;
    const hits = this.#photos.map(({ hash, embedding }, key) => {
      let dot = 0;
      for (let i = 0; i < query.length; i++) dot += query[i]! * embedding[i]!;
      return { key, hash, score: dot / norm };
    });
    return hits.sort((a, b) => b.score - a.score || a.key - b.key).slice(0, top);
  }
}
