/** A photo that a search found. */
export interface Scored {
  /** SHA-256 of its file, hexadecimal. */
  readonly hash: string;
  /** Cosine of the photo's and the query's embedding. */
  readonly score: number;
  /** Of a video the time of its picture in seconds; null or absent for a photo. */
  readonly at?: number | null;
}

/**
 * Anything that can be searched: a table on disk or in an object store, or embeddings in memory.
 *
 * @typeParam Hit what it says of a photo that it found
 * @typeParam Filter how it narrows the photos down; `never` where it cannot
 */
export interface Searchable<Hit extends Scored = Scored, Filter = never> {
  /** Photos that can be found. */
  readonly count: number;
  /** Embeddings `[P]`, unit norm, of at most `n` photos spread evenly over all, for what is typical of them. */
  sample(n: number): Promise<readonly Float32Array[]>;
  /** The `top` photos nearest to a query `[P]` of any norm, best first. */
  search(query: Float32Array, top: number, filter?: Filter): Promise<readonly Hit[]>;
}

/** Photos that the background of a query is measured on: its standard error is then 3 % of a deviation. */
export const SAMPLE = 1000;

/** At most `n` of the numbers from 0 to `count - 1`, spread evenly. */
export function spread(count: number, n: number): number[] {
  const kept = Math.min(count, n);
  return Array.from({ length: kept }, (_, i) => Math.floor((i * count) / kept));
}
