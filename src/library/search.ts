import { join, sep } from 'node:path';
import type { Table } from '@lancedb/lancedb';
import { PolarError } from '../errors.ts';
import { type Searchable, spread } from '../polar/query/searchable.ts';
import {
  INDEX_PROBES,
  INDEX_REFINE,
  MAX_EXACT_PHOTOS,
  type ModelIdentity,
  type PhotoStore,
  sqlText,
} from './photo-store.ts';

/** A photo that was found. */
export interface FoundPhoto {
  readonly path: string;
  /** SHA-256 of the file. */
  readonly hash: string;
  /** Cosine of the photo's and the query's embedding. */
  readonly score: number;
  readonly width: number;
  readonly height: number;
  /** When it was taken, by the camera's clock, milliseconds since 1970; null if unknown. */
  readonly taken: number | null;
}

/** Which photos a search may find. */
export interface PhotoFilter {
  /** Taken at this time or later, milliseconds since 1970; a photo that does not say counts from its file's time. */
  readonly after?: number | undefined;
  /** Taken before this time. */
  readonly before?: number | undefined;
  /** Below this folder, an absolute path. */
  readonly folder?: string | undefined;
}

/** The photos that were indexed with one model, in their table on disk or in an object store. */
export class PhotoTable implements Searchable<FoundPhoto, PhotoFilter> {
  /** Photos that can be found: those that were skipped are not among them. */
  readonly count: number;
  readonly #table: Table;

  private constructor(table: Table, count: number) {
    this.#table = table;
    this.count = count;
  }

  /** The photos as they are now; undefined where none are indexed with this model. */
  static async find(store: PhotoStore, model: ModelIdentity): Promise<PhotoTable | undefined> {
    const table = await store.find(model);
    const count = (await table?.countRows('reason IS NULL')) ?? 0;
    return table === undefined || count === 0 ? undefined : new PhotoTable(table, count);
  }

  /** @throws PolarError when none are indexed with this model; it says with which there are */
  static async open(store: PhotoStore, model: ModelIdentity): Promise<PhotoTable> {
    const photos = await PhotoTable.find(store, model);
    if (photos !== undefined) return photos;
    const others = (await store.models()).filter((other) => other.photos > 0);
    throw new PolarError(
      others.length === 0
        ? 'no photos are indexed yet; run "polar index <folder>" first'
        : `no photos are indexed with ${model.id}@${model.revision.slice(0, 12)} (there are with ${others.map(({ id }) => id).join(', ')}); run "polar index <folder> --model ${model.id}", or search with --model`,
      'nothing-indexed',
    );
  }

  /**
   * The photos nearest to a query, best first; exact up to `MAX_EXACT_PHOTOS` photos, by the index beyond.
   *
   * @param query embedding `[P]`, of any norm
   * @param top how many at most
   */
  async search(query: Float32Array, top: number, filter: PhotoFilter = {}): Promise<FoundPhoto[]> {
    const nearest = this.#table.query().nearestTo(query).distanceType('cosine');
    const search =
      this.count <= MAX_EXACT_PHOTOS
        ? nearest.bypassVectorIndex()
        : nearest.nprobes(INDEX_PROBES).refineFactor(INDEX_REFINE);
    // A filter is applied before the search, or too few would be left; that reads a column of every photo. Skipped
    // photos have no embedding and are never among the nearest, so that alone is not worth it (50 of 70 ms in a
    // million).
    if (Object.values(filter).every((value) => value === undefined)) search.postfilter();
    const rows = await search
      .where(toSql(filter))
      .select(['path', 'hash', 'width', 'height', 'taken', '_distance'])
      .limit(Math.min(top, this.count))
      .toArray();
    return rows.map((row) => ({
      path: row.path as string,
      hash: row.hash as string,
      score: 1 - (row._distance as number),
      width: row.width as number,
      height: row.height as number,
      taken: row.taken as number | null,
    }));
  }

  /** Embeddings of at most `n` photos spread evenly over the table. */
  async sample(n: number): Promise<Float32Array[]> {
    const offsets = spread(await this.#table.countRows(), n);
    const found = await this.#table.takeOffsets(offsets).select(['embedding']).toArray();
    return found.filter((row) => row.embedding !== null).map((row) => Float32Array.from(row.embedding));
  }
}

function toSql({ after, before, folder }: PhotoFilter): string {
  const conditions = ['reason IS NULL'];
  const time = 'coalesce(taken, mtime)';
  if (after !== undefined) conditions.push(`${time} >= ${Number(after)}`);
  if (before !== undefined) conditions.push(`${time} < ${Number(before)}`);
  if (folder !== undefined) conditions.push(`starts_with(path, ${sqlText(join(folder, sep))})`);
  return conditions.join(' AND ');
}

/** How many photos can be found with this model. */
export async function countPhotos(store: PhotoStore, model: ModelIdentity): Promise<number> {
  return (await PhotoTable.find(store, model))?.count ?? 0;
}
