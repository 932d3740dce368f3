import {
  decodeTensor,
  PREFIX_BYTES,
  readHeader,
  readHeaderLength,
  type TensorInfo,
} from '../clip/weights/safetensors.ts';
import { PolarError } from '../errors.ts';
import {
  type FetchOptions,
  fetchBeginning,
  fetchPart,
  keep,
  readKept,
  report,
  requireHash,
} from './fetch-bytes.ts';

/** Token tables of this many bytes stay at the host: SigLIP 2's has 786 MB, of which a sentence reads a dozen rows. */
export const LEAST_TABLE = 64 * 2 ** 20;

const BEGINNING = 256 * 1024; // headers have some tens of kilobytes
const MAX_ROWS_BYTES = 64 * 2 ** 20; // in memory
const TRIPS_AT_ONCE = 6; // what browsers allow a host of HTTP/1.1

/** How a weight file is fetched. */
export interface WeightOptions extends FetchOptions {
  /** Whether the browser keeps what was fetched. */
  readonly isKept: boolean;
  /** Bytes of a token table from which on it stays at the host. */
  readonly leastTable: number;
}

/** A safetensors file in memory, with its token table or without. */
export interface WeightFile {
  /** The file, or what there is of it before and behind the table. */
  readonly bytes: Uint8Array;
  /** Bytes of the whole file. */
  readonly size: number;
  /** The tensors where they lie in `bytes`; the table, where it stayed at the host, as it lies there. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /** The table, where it stayed at the host. */
  readonly table?: TokenTable | undefined;
  /** Bytes `start` to `end` of the whole file. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/**
 * Fetches a safetensors file, without its token table where that is large and the host gives parts of files; undefined
 * where there is no such file. The hash of a file that does not come whole cannot be checked; its size and its header
 * are.
 *
 * @throws PolarError when it cannot be had or is damaged
 */
export async function fetchWeights(url: string, options: WeightOptions): Promise<WeightFile | undefined> {
  const cutUrl = `${url}?without=token-table`;
  if (options.isKept) {
    const whole = await readKept(url);
    if (whole !== undefined) {
      const { length: size } = whole;
      return openFile(url, whole, { size, tensors: tensorsOf(whole, size, options) }, options);
    }
    const { size } = options;
    const cut = size === undefined ? undefined : await readKept(cutUrl);
    if (cut !== undefined) {
      const tensors = tensorsOf(cut, size!, options);
      const table = tableOf(tensors, options);
      if (table !== undefined) return openFile(url, cut, { size: size!, tensors, table }, options);
    }
  }
  const beginning = await fetchBeginning(url, BEGINNING, options);
  if (beginning === undefined) return undefined;
  const { total } = beginning;
  if (options.size !== undefined && total !== options.size) {
    throw new PolarError(`${url}: has ${total} bytes, expected ${options.size}; load it again`, 'unreadable');
  }
  let first = beginning.bytes;
  const fetchMore = (start: number, end: number, into: Uint8Array, onBytes?: (count: number) => void) =>
    fetchPart(url, { start, end }, into, { ...options, size: total, onBytes });
  const headerEnd = endOfHeader(first, total, options);
  if (headerEnd > first.length) {
    const whole = new Uint8Array(headerEnd);
    whole.set(first);
    await fetchMore(first.length, headerEnd, whole.subarray(first.length));
    first = whole;
  }
  const tensors = tensorsOf(first, total, options);
  const table = first.length === total ? undefined : tableOf(tensors, options);
  const bytes = new Uint8Array(total - (table?.byteLength ?? 0));
  let loaded = Math.min(first.length, table?.offset ?? total);
  bytes.set(first.subarray(0, loaded));
  const onBytes = (count: number): void => {
    loaded += count;
    report(options, loaded, bytes.length);
  };
  const stop = table?.offset ?? total;
  if (loaded < stop) await fetchMore(loaded, stop, bytes.subarray(loaded), onBytes);
  const behind = table === undefined ? total : table.offset + table.byteLength;
  if (behind < total) await fetchMore(behind, total, bytes.subarray(loaded), onBytes);
  if (table === undefined) await requireHash(url, bytes, options.sha256);
  if (options.isKept) await keep(table === undefined ? url : cutUrl, bytes);
  return openFile(url, bytes, { size: total, tensors, table }, options);
}

/** What the header of a whole file says, and which table of it stayed at the host. */
interface Header {
  readonly size: number;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly table?: TensorInfo | undefined;
}

function endOfHeader(bytes: Uint8Array, size: number, { name }: WeightOptions): number {
  return PREFIX_BYTES + readHeaderLength(bytes, { path: name, size });
}

function tensorsOf(bytes: Uint8Array, size: number, options: WeightOptions): Header['tensors'] {
  const header = bytes.subarray(PREFIX_BYTES, endOfHeader(bytes, size, options));
  return readHeader(header, { path: options.name, size }).tensors;
}

/** The token table of whatever family, where it is large enough to stay at the host. */
function tableOf(tensors: Header['tensors'], options: WeightOptions): TensorInfo | undefined {
  return [...tensors.values()].find(
    ({ name, shape, byteLength }) =>
      /(^|\.)token_embedding\.weight$/.test(name) &&
      shape.length === 2 &&
      byteLength >= Math.max(1, options.leastTable),
  );
}

function openFile(
  url: string,
  bytes: Uint8Array,
  { size, tensors, table }: Header,
  options: WeightOptions,
): WeightFile {
  if (table === undefined) {
    return { bytes, size, tensors, read: async (start, end) => bytes.subarray(start, end) };
  }
  const { offset, byteLength } = table;
  const moved = [...tensors].map(
    ([name, info]) =>
      [name, info.offset > offset ? { ...info, offset: info.offset - byteLength } : info] as const,
  );
  return {
    bytes,
    size,
    tensors: new Map(moved),
    table: new TokenTable(url, table, { ...options, size }),
    async read(start, end) {
      if (end <= offset) return bytes.subarray(start, end);
      if (start >= offset + byteLength) return bytes.subarray(start - byteLength, end - byteLength);
      const part = new Uint8Array(end - start);
      await fetchPart(url, { start, end }, part, { ...options, size });
      return part;
    },
  };
}

/** A token table at a host, of which rows are fetched when a text has their tokens. */
export class TokenTable {
  readonly info: TensorInfo;
  readonly #url: string;
  readonly #options: WeightOptions & { readonly size: number };
  readonly #rows = new Map<number, Float32Array>();

  constructor(url: string, info: TensorInfo, options: WeightOptions & { readonly size: number }) {
    this.#url = url;
    this.info = info;
    this.#options = options;
  }

  /**
   * Rows `[n, D]` of the table, float32.
   *
   * @param ids ascending, each once
   * @throws PolarError when they cannot be had
   */
  async rows(ids: readonly number[]): Promise<Float32Array> {
    const width = this.info.shape[1]!;
    const runs: { start: number; end: number }[] = []; // adjacent rows are one trip
    for (const id of ids) {
      if (this.#rows.has(id)) continue;
      const last = runs.at(-1);
      if (last?.end === id) last.end = id + 1;
      else runs.push({ start: id, end: id + 1 });
    }
    const rows = new Map(this.#rows);
    const next = runs.values();
    const fetchRuns = async (): Promise<void> => {
      for (const { start, end } of next) {
        const values = await this.#fetch(start, end);
        for (let id = start; id < end; id++) {
          rows.set(id, values.subarray((id - start) * width, (id - start + 1) * width));
        }
      }
    };
    await Promise.all(Array.from({ length: TRIPS_AT_ONCE }, fetchRuns));
    this.#remember(rows);
    const found = new Float32Array(ids.length * width);
    for (const [place, id] of ids.entries()) found.set(rows.get(id)!, place * width);
    return found;
  }

  /** Rows `start` to `end`, from the browser's cache or the host. */
  async #fetch(start: number, end: number): Promise<Float32Array> {
    const { offset, byteLength, shape } = this.info;
    const bytesPerRow = byteLength / shape[0]!;
    const { isKept } = this.#options;
    const address = `${this.#url}?rows=${start}-${end}`;
    let bytes = isKept ? await readKept(address) : undefined;
    if (bytes?.length !== (end - start) * bytesPerRow) {
      bytes = new Uint8Array((end - start) * bytesPerRow);
      const part = { start: offset + start * bytesPerRow, end: offset + end * bytesPerRow };
      await fetchPart(this.#url, part, bytes, this.#options);
      if (isKept) await keep(address, bytes);
    }
    return decodeTensor(this.info, bytes);
  }

  #remember(rows: ReadonlyMap<number, Float32Array>): void {
    const most = Math.floor(MAX_ROWS_BYTES / (4 * this.info.shape[1]!));
    if (rows.size > most) this.#rows.clear();
    else for (const [id, row] of rows) this.#rows.set(id, row);
  }
}
