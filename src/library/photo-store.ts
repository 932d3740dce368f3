import { createHash } from 'node:crypto';
import { sep } from 'node:path';
import type { Connection, Table } from '@lancedb/lancedb';
import type { Schema } from 'apache-arrow/schema';
import { PREPROCESSING_VERSION } from '../clip/pixels/preprocess.ts';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import type { Precision } from '../node/devices/device.ts';
import type { DateOrigin } from './capture.ts';
import { addLaterColumns, sqlOnce } from './columns.ts';
import { commit } from './commit.ts';
import { isAddress } from './remote/address.ts';
import { bucketOf } from './shard.ts';

/** Which model made the embeddings of a table. */
export interface ModelIdentity {
  readonly id: string;
  readonly revision: string;
  /** P */
  readonly dimension: number;
  /** `half` where a GPU rounds; such embeddings have a table of their own, with those that the CPU had to compute. */
  readonly precision?: Precision | undefined;
}

/** One photo. Either `embedding` is there, or `reason` says why it was skipped. */
export interface PhotoRow {
  /** Absolute path. */
  readonly path: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
  /** Times of the last change of the content, and of the file in any way; milliseconds since 1970. */
  readonly mtime: number;
  readonly ctime: number;
  /** Pixels, upright; 0 for a skipped file. */
  readonly width: number;
  readonly height: number;
  /** Unit norm, `[P]`. */
  readonly embedding: Float32Array | null;
  readonly reason: string | null;
  /** When it was taken, by the camera's clock, milliseconds since 1970 as if that clock were UTC; null if unknown. */
  readonly taken: number | null;
  /** Where it was taken, degrees; null if unknown. */
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** What says `taken`; `file` where nothing does, null where that was not noted. */
  readonly dateFrom: DateOrigin | null;
  /** A video has a row for each still, seconds from its start; null for a photo and its crops. */
  readonly at: number | null;
  /** Of several rows of a file the first one, 0, stands for it wherever photos are counted or listed; null for one alone. */
  readonly still: number | null;
}

// Changes with the other columns, so that an older index is made again instead of being misread.
const LAYOUT_VERSION = 4;

/** Embeddings of different models, revisions or preprocessing never share a table. */
export function tableName({ id, revision, precision }: ModelIdentity): string {
  const key = `${id}@${revision} preprocessing ${PREPROCESSING_VERSION} layout ${LAYOUT_VERSION}${precision === 'half' ? ' half precision' : ''}`;
  return `photos_${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

/** The model whose photos a table holds, and how many. */
export interface IndexedModel {
  readonly id: string;
  readonly revision: string;
  readonly precision: Precision;
  readonly photos: number;
}

/** A folder (or object store) of photo tables, one for each model. */
export class PhotoStore {
  readonly uri: string;
  #connection: Promise<Connection> | undefined;

  /** @param uri a folder, or what else LanceDB opens: `s3://bucket/prefix`, `gs://`, `az://`, `db://` */
  constructor(uri: string) {
    this.uri = uri;
  }

  /** Whether it is not a folder of this machine. */
  get isRemote(): boolean {
    return this.uri.includes('://');
  }

  /** The model's table, or undefined where nothing was indexed with it. */
  find(model: ModelIdentity): Promise<Table | undefined> {
    return this.findTable(tableName(model));
  }

  /** The model's table, to be written: made where there is none, with all columns. */
  async open(model: ModelIdentity): Promise<Table> {
    const name = tableName(model);
    const known = await this.findTable(name);
    if (known !== undefined) return addLaterColumns(known);
    return this.openTable(name, await photoSchema(model.dimension));
  }

  /** A table by its name, or undefined. */
  async findTable(name: string): Promise<Table | undefined> {
    const connection = await this.#connect();
    return (await this.#names(connection)).includes(name) ? openIfMade(connection, name) : undefined;
  }

  /** A table by its name, made where there is none. */
  async openTable(name: string, schema: Schema): Promise<Table> {
    const connection = await this.#connect();
    return commit(() => connection.createEmptyTable(name, schema, { mode: 'create', existOk: true }));
  }

  /** The tables of photos, of every model and of earlier layouts. */
  async photoTables(): Promise<Table[]> {
    const connection = await this.#connect();
    const names = (await this.#names(connection)).filter((name) => name.startsWith('photos_'));
    const tables = await Promise.all(names.map((name) => openIfMade(connection, name)));
    return tables.filter((table) => table !== undefined);
  }

  /** The models that photos were indexed with. */
  async models(): Promise<IndexedModel[]> {
    const models: IndexedModel[] = [];
    for (const table of await this.photoTables()) {
      const [row] = await table.query().select(['modelId', 'revision']).limit(1).toArray();
      if (row === undefined) continue;
      const [id, revision] = [row.modelId as string, row.revision as string];
      const isHalf = table.name === tableName({ id, revision, dimension: 0, precision: 'half' });
      const photos = await table.countRows(`reason IS NULL AND ${await sqlOnce(table)}`);
      models.push({ id, revision, precision: isHalf ? 'half' : 'full', photos });
    }
    return models;
  }

  /** Credentials and endpoint of an object store come from the environment, as its own tools read them. */
  #connect(): Promise<Connection> {
    this.#connection ??= this.#open().catch((error) => {
      this.#connection = undefined; // tried again by the next one who asks
      throw error;
    });
    return this.#connection;
  }

  async #open(): Promise<Connection> {
    // Loaded when a library is first opened, which takes a sixth of a second: a model may be loading meanwhile.
    const { connect } = await import('@lancedb/lancedb');
    return connect(this.uri).catch((error) => this.#refuse(error));
  }

  #names(connection: Connection): Promise<string[]> {
    return connection.tableNames().catch((error) => this.#refuse(error));
  }

  #refuse(error: unknown): never {
    throw new PolarError(
      `${this.uri}: ${tell('index.cannot-open', { why: String(error).split('\n')[0]! })}`,
      'unreadable',
    );
  }
}

/**
 * A table whose name is listed; undefined where it was never made to its end, by a process that was killed or on a
 * full disk: its folder is there, without a version. `openTable` makes it anew.
 */
async function openIfMade(connection: Connection, name: string): Promise<Table | undefined> {
  try {
    return await connection.openTable(name);
  } catch (error) {
    if (/was not found/i.test(String(error))) return undefined;
    throw error;
  }
}

// Arrow's types are loaded for the first table of a kind: LanceDB brings its own copy, which reads those that are there.
async function photoSchema(dimension: number): Promise<Schema> {
  const { Field, Schema } = await import('apache-arrow/schema');
  const { FixedSizeList, Float32, Float64, Int32, Utf8 } = await import('apache-arrow/type');
  const text = (name: string, nullable = false) => new Field(name, new Utf8(), nullable);
  return new Schema([
    text('path'),
    new Field('bucket', new Int32(), false), // bucketOf(path)
    text('hash'),
    new Field('size', new Float64(), false),
    new Field('mtime', new Float64(), false),
    new Field('ctime', new Float64(), false),
    new Field('width', new Int32(), false),
    new Field('height', new Int32(), false),
    text('modelId'),
    text('revision'),
    text('preprocessing'),
    new Field('embedding', new FixedSizeList(dimension, new Field('item', new Float32(), true)), true),
    text('reason', true),
    new Field('taken', new Float64(), true),
    new Field('latitude', new Float64(), true),
    new Field('longitude', new Float64(), true),
    text('dateFrom', true),
    new Field('at', new Float64(), true),
    new Field('still', new Int32(), true),
  ]);
}

/**
 * Writes rows: those whose path has a row already replace it, the others are appended, which does not read the table.
 * Where a file has several, all of them are replaced.
 *
 * @param rowsOf how many rows a path has already
 * @throws PolarError when the index cannot be written; what was written before stays
 */
export async function writePhotos(
  table: Table,
  model: ModelIdentity,
  rows: readonly PhotoRow[],
  rowsOf: (path: string) => number,
): Promise<void> {
  const toRecord = (row: PhotoRow) => ({
    ...row,
    bucket: bucketOf(row.path),
    embedding: row.embedding === null ? null : Array.from(row.embedding),
    modelId: model.id,
    revision: model.revision,
    preprocessing: PREPROCESSING_VERSION,
  });
  const isOneForOne = ({ path, still }: PhotoRow) => still === null && rowsOf(path) === 1;
  const replaced = rows.filter(isOneForOne).map(toRecord);
  const others = rows.filter((row) => !isOneForOne(row));
  const known = others.map(({ path }) => path).filter((path) => rowsOf(path) > 0);
  await deletePhotos(table, [...new Set(known)]);
  const appended = others.map(toRecord);
  if (replaced.length > 0) {
    await commit(() => table.mergeInsert('path').whenMatchedUpdateAll().execute(replaced));
  }
  if (appended.length > 0) await commit(() => table.add(appended));
}

/** Deletes the rows of these paths. */
export async function deletePhotos(table: Table, paths: readonly string[]): Promise<void> {
  for (let start = 0; start < paths.length; start += DELETE_AT_ONCE) {
    const part = paths.slice(start, start + DELETE_AT_ONCE).map(sqlText);
    await commit(() => table.delete(`path IN (${part.join(', ')})`));
  }
}

const DELETE_AT_ONCE = 500;

/**
 * Up to this many photos searches are exact, in memory (600 MB at ViT-L/14's 768 numbers) or over the table; beyond,
 * an index on disk answers, whose recall@10 bench/search.ts measures.
 */
export const MAX_EXACT_PHOTOS = 200_000;

// Photos of a cell of the index, the cells that are looked into (all of them up to a million photos: their codes are read
// in some 15 ms), and how many times the wanted results are ranked again by their exact vectors. bench/vector-index.ts
// shows recall@10 above 0.95 with these, of real photos and of vectors without any order, where fewer cells lose most.
const CELL = 4096;
const BITS = 2;
const ITERATIONS = 10;
const SAMPLE_RATE = 64;
export const INDEX_PROBES = 250;
export const INDEX_REFINE = 30;

/**
 * Builds the approximate index of a large library where there is none; an existing one is kept up to date by
 * LanceDB's `optimize`.
 *
 * @param onNote told before the work begins, which takes minutes
 */
export async function ensureVectorIndex(table: Table, onNote?: (line: string) => void): Promise<void> {
  const photos = await table.countRows('reason IS NULL'); // with every still of a video
  if (photos <= MAX_EXACT_PHOTOS || (await table.listIndices()).length > 0) return;
  onNote?.(
    `${photos} photos: building the index for fast approximate search (above ${MAX_EXACT_PHOTOS} photos), which takes minutes`,
  );
  await buildVectorIndex(table, photos);
}

/** How the approximate index is built. */
export interface VectorIndexSettings {
  /** Cells of like photos. @default one for each 4,096 photos */
  readonly cells?: number | undefined;
  /** Bits of a number's code. @default 2 */
  readonly bits?: number | undefined;
  /** Rounds of k-means. @default 10 */
  readonly iterations?: number | undefined;
  /** Photos of each cell that k-means sees. @default 64 */
  readonly sampleRate?: number | undefined;
}

/**
 * Builds the approximate index: cells of like photos, and in each of them two bits for every number (RaBitQ), which is
 * much faster than product quantisation at the same recall (bench/vector-index.ts --pq).
 *
 * @param photos rows with an embedding
 * @param settings other than those that bench/vector-index.ts found best
 */
export async function buildVectorIndex(
  table: Table,
  photos: number,
  { cells, bits = BITS, iterations = ITERATIONS, sampleRate = SAMPLE_RATE }: VectorIndexSettings = {},
): Promise<void> {
  const { Index } = await import('@lancedb/lancedb');
  const config = Index.ivfRq({
    distanceType: 'cosine',
    numPartitions: cells ?? Math.max(1, Math.round(photos / CELL)),
    numBits: bits,
    maxIterations: iterations,
    sampleRate,
  });
  await commit(() => table.createIndex('embedding', { config }));
}

/** What a condition says of a file or folder and everything below it, in SQL. */
export const sqlBelow = (path: string): string =>
  `(path = ${sqlText(path)} OR starts_with(path, ${sqlText(folderPrefix(path))}))`;

/** What every path below a folder, or below the address of another server, begins with. */
export function folderPrefix(path: string): string {
  const separator = isAddress(path) ? '/' : sep;
  return path.endsWith(separator) ? path : path + separator;
}

/**
 * Which rows can be found, in SQL.
 *
 * @param missing folders whose photos are not shown
 */
export const sqlVisible = (missing: readonly string[]): string =>
  ['reason IS NULL', ...missing.map((folder) => `NOT ${sqlBelow(folder)}`)].join(' AND ');

/** A string as an SQL literal. */
export const sqlText = (value: string): string => `'${value.replaceAll("'", "''")}'`;
