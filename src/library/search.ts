import type { Table } from '@lancedb/lancedb';
import { PolarError } from '../errors.ts';
import { type Searchable, spread } from '../polar/query/searchable.ts';
import { count } from '../words.ts';
import type { DateOrigin } from './capture.ts';
import { columnsOf, sqlOnce } from './columns.ts';
import { type PhotoFilter, toSql } from './filter.ts';
import { foldersOnDisk, type IndexedFolders } from './folders.ts';
import {
  INDEX_PROBES,
  INDEX_REFINE,
  MAX_EXACT_PHOTOS,
  type ModelIdentity,
  type PhotoStore,
  sqlVisible,
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
  /** What says when it was taken; `file` where nothing does, null where that was not noted. */
  readonly dateFrom: DateOrigin | null;
  /** Of a video the time of the picture that fits best, seconds from its start; null for a photo. */
  readonly at: number | null;
  /** Files with this content, this one among them; the others are not found beside it. */
  readonly copies: number;
}

// Results that are looked for on the disk, best first; nobody looks further.
const MAX_LOOKED_FOR = 1000;

/** The photos that were indexed with one model, in their table on disk or in an object store. */
export class PhotoTable implements Searchable<FoundPhoto, PhotoFilter> {
  /** Photos that can be found: those that were skipped, or whose folder is missing, are not among them. */
  readonly count: number;
  readonly #table: Table;
  readonly #folders: IndexedFolders;
  /** With every still of a video. */
  readonly #rows: number;

  private constructor(table: Table, count: number, rows: number, folders: IndexedFolders) {
    this.#table = table;
    this.count = count;
    this.#rows = rows;
    this.#folders = folders;
  }

  /** The photos as they are now; undefined where none can be found with this model. */
  static async find(store: PhotoStore, model: ModelIdentity): Promise<PhotoTable | undefined> {
    const table = await store.find(model);
    if (table === undefined) return undefined;
    const [folders, once] = await Promise.all([foldersOnDisk(store, model), sqlOnce(table)]);
    const visible = sqlVisible(folders.missing);
    const counts = [visible, `${visible} AND ${once}`].map((where) => table.countRows(where));
    const [rows, count] = (await Promise.all(counts)) as [number, number];
    if (rows === 0) return undefined;
    return new PhotoTable(table, count, rows, folders);
  }

  /** @throws PolarError when none can be found with this model; it says why, and with which model there are */
  static async open(store: PhotoStore, model: ModelIdentity): Promise<PhotoTable> {
    const photos = await PhotoTable.find(store, model);
    if (photos !== undefined) return photos;
    const hidden = (await (await store.find(model))?.countRows(sqlVisible([]))) ?? 0;
    if (hidden > 0) {
      const { missing } = await foldersOnDisk(store, model);
      throw new PolarError(
        `${count(hidden, 'photo is', 'photos are')} indexed, all in folders that are missing (${missing.join(', ')}); "polar folders" says more`,
        'nothing-indexed',
      );
    }
    const others = (await store.models()).filter((other) => other.photos > 0);
    throw new PolarError(
      others.length === 0
        ? 'no photos are indexed yet; run "polar index <folder>" first'
        : `no photos are indexed with ${model.id}@${model.revision.slice(0, 12)}${inHalf(model)} (there are with ${others.map((other) => other.id + inHalf(other)).join(', ')}); run "polar index <folder> --model ${model.id}${inHalf(model)}", or search with --model or --precision`,
      'nothing-indexed',
    );
  }

  /** Indexed folders that are not there now: their photos are not found. */
  get missing(): readonly string[] {
    return this.#folders.missing;
  }

  /**
   * The photos nearest to a query, best first; exact up to `MAX_EXACT_PHOTOS` photos, by the index beyond. Copies of
   * one picture stand once, and a photo whose file is gone from its folder is not shown.
   *
   * @param query embedding `[P]`, of any norm
   * @param top how many at most
   */
  async search(query: Float32Array, top: number, filter: PhotoFilter = {}): Promise<FoundPhoto[]> {
    // One more than is wanted shows that no copy of the last one is missing: copies have the same score.
    for (let limit = top + 1; ; limit *= 4) {
      const rows = await this.#nearest(query, Math.min(limit, this.#rows), filter);
      const groups = groupByHash(rows);
      const isAll = limit >= this.#rows || rows.length < limit;
      const whole = isAll ? groups : groups.slice(0, -1);
      const hits = (await Promise.all(whole.slice(0, MAX_LOOKED_FOR).map((copies) => this.#present(copies))))
        .concat(whole.slice(MAX_LOOKED_FOR).map(pickFirst))
        .filter((hit) => hit !== undefined);
      if (isAll || hits.length >= top) return hits.slice(0, top);
    }
  }

  async #nearest(query: Float32Array, limit: number, filter: PhotoFilter): Promise<Row[]> {
    const nearest = this.#table.query().nearestTo(query).distanceType('cosine');
    const search =
      this.#rows <= MAX_EXACT_PHOTOS
        ? nearest.bypassVectorIndex()
        : nearest.nprobes(INDEX_PROBES).refineFactor(INDEX_REFINE);
    // A filter is applied before the search, or too few would be left; that reads a column of every photo. Skipped
    // photos have no embedding and are never among the nearest, so that alone is not worth it (50 of 70 ms in a
    // million).
    const isFiltered = Object.values(filter).some((value) => value !== undefined);
    if (!isFiltered && this.missing.length === 0) search.postfilter();
    return search
      .where(`${sqlVisible(this.missing)}${toSql(filter)}`)
      .select(await columnsOf(this.#table, [...COLUMNS, '_distance']))
      .limit(limit)
      .toArray();
  }

  /** The first of some copies whose file is there, as a result. */
  async #present(copies: readonly Row[]): Promise<FoundPhoto | undefined> {
    const there = await Promise.all(
      copies.slice(0, MAX_LOOKED_FOR).map(async (row) => !(await this.#folders.hasLost(row.path))),
    );
    return pickFirst(copies.filter((_, index) => there[index] ?? true));
  }

  /** Embeddings of at most `n` photos spread evenly over the table. */
  async sample(n: number): Promise<Float32Array[]> {
    const offsets = spread(await this.#table.countRows(), n);
    const found = await this.#table.takeOffsets(offsets).select(['embedding']).toArray();
    return found.filter((row) => row.embedding !== null).map((row) => Float32Array.from(row.embedding));
  }
}

const inHalf = ({ precision }: Pick<ModelIdentity, 'precision'>): string =>
  precision === 'half' ? ' --precision half' : '';

const COLUMNS = ['path', 'hash', 'width', 'height', 'taken', 'dateFrom', 'at'] as const;

interface Row extends Omit<FoundPhoto, 'score' | 'copies' | 'dateFrom' | 'at'> {
  /** Absent in an older table. */
  readonly dateFrom?: DateOrigin | null;
  readonly at?: number | null;
  readonly _distance: number;
}

/** Rows of one content together, in the order of the first of each. */
function groupByHash(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.hash);
    if (group === undefined) groups.set(row.hash, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function pickFirst(copies: readonly Row[]): FoundPhoto | undefined {
  const [first] = copies;
  if (first === undefined) return undefined;
  const { path, hash, width, height, taken, dateFrom = null, at = null, _distance } = first;
  const files = new Set(copies.map((copy) => copy.path)).size;
  return { path, hash, score: 1 - _distance, width, height, taken, dateFrom, at, copies: files };
}

/** How many photos can be found with this model. */
export async function countPhotos(store: PhotoStore, model: ModelIdentity): Promise<number> {
  return (await PhotoTable.find(store, model))?.count ?? 0;
}
