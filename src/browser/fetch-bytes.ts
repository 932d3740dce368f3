import { PolarError } from '../errors.ts';

/** How far the download of a file has come. */
export interface DownloadProgress {
  readonly file: string;
  readonly loaded: number;
  /** 0 when the host does not say. */
  readonly total: number;
}

/** How a file is fetched. */
export interface FetchOptions {
  /** What progress and messages call the file. */
  readonly name: string;
  /** Bytes that there must be. */
  readonly size?: number | undefined;
  /** Hash that the content must have, hexadecimal. */
  readonly sha256?: string | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const CACHE = 'polar-models';

/** SHA-256, hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as BufferSource);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Downloads a file, or gives undefined where there is none (404).
 *
 * @throws PolarError when it cannot be had or is not what it should be
 */
export async function fetchBytes(url: string, options: FetchOptions): Promise<Uint8Array | undefined> {
  const response = await request(url, options);
  if (response === undefined) return undefined;
  // Compressed on the way, the header counts other bytes than arrive here.
  const stated = response.headers.has('content-encoding')
    ? 0
    : Number(response.headers.get('content-length'));
  const total = options.size ?? stated;
  const bytes = await readAll(response.body, total, (loaded) => report(options, loaded, total));
  if (total > 0) requireArrived(url, bytes.length, total);
  await requireHash(url, bytes, options.sha256);
  return bytes;
}

/** A file, or its beginning where the host gives parts of files. */
export interface Beginning {
  readonly bytes: Uint8Array;
  /** Bytes of the whole file. */
  readonly total: number;
}

/**
 * Downloads the first `length` bytes of a file, or all of it from a host that does not give parts; undefined where there
 * is no such file.
 *
 * @throws PolarError as {@link fetchBytes}
 */
export async function fetchBeginning(
  url: string,
  length: number,
  options: FetchOptions,
): Promise<Beginning | undefined> {
  const part = await request(url, options, `bytes=0-${length - 1}`);
  const range = part === undefined ? undefined : rangeOf(part);
  if (part !== undefined && part.status === 206 && range?.start === 0) {
    return { bytes: await readAll(part.body, range.end, () => {}), total: range.total };
  }
  await part?.body.cancel();
  const bytes = part && (await fetchBytes(url, options));
  return bytes && { bytes, total: bytes.length };
}

/**
 * Downloads bytes `start` to `end` of a file into `into`, from a host that gives parts.
 *
 * @param options.size bytes of the whole file, which the host must still say
 * @throws PolarError when it cannot be had, or the file is another one by now
 */
export async function fetchPart(
  url: string,
  { start, end }: { readonly start: number; readonly end: number },
  into: Uint8Array,
  options: FetchOptions & { readonly size: number; readonly onBytes?: ((count: number) => void) | undefined },
): Promise<void> {
  const response = await request(url, options, `bytes=${start}-${end - 1}`);
  const range = response && response.status === 206 ? rangeOf(response) : undefined;
  if (response === undefined || range?.start !== start || range.end !== end || range.total !== options.size) {
    await response?.body.cancel();
    throw new PolarError(
      `${url}: the host does not give bytes ${start} to ${end} of ${options.size}, as it did before; load the model again`,
      'unreadable',
    );
  }
  let loaded = 0;
  for await (const chunk of chunksOf(response.body)) {
    if (loaded + chunk.length > end - start) requireArrived(url, loaded + chunk.length, end - start);
    into.set(chunk, loaded);
    loaded += chunk.length;
    options.onBytes?.(chunk.length);
  }
  requireArrived(url, loaded, end - start);
}

/** The answer to a request, with a body; undefined for a 404. */
async function request(
  url: string,
  { signal }: FetchOptions,
  range?: string,
): Promise<(Response & { readonly body: ReadableStream<Uint8Array> }) | undefined> {
  let response: Response;
  try {
    response = await fetch(url, { signal: signal ?? null, headers: range === undefined ? {} : { range } });
  } catch (error) {
    signal?.throwIfAborted();
    throw new PolarError(
      `${url}: cannot be fetched (${error instanceof Error ? error.message : String(error)}); check the connection`,
      'unreachable',
    );
  }
  if (response.status === 404) return undefined;
  if (!response.ok || response.body === null) {
    const access = response.status === 401 || response.status === 403 ? '; choose a public model' : '';
    throw new PolarError(
      `${url}: the host answers ${response.status}${access || '; try again later'}`,
      'unreachable',
    );
  }
  return response as Response & { readonly body: ReadableStream<Uint8Array> };
}

/** The part that an answer holds; undefined where it does not say. */
function rangeOf({ headers }: Response): { start: number; end: number; total: number } | undefined {
  const stated = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get('content-range') ?? '');
  if (stated === null || headers.has('content-encoding')) return undefined;
  const [start = 0, last = 0, total = 0] = stated.slice(1).map(Number);
  return start <= last && last < total ? { start, end: last + 1, total } : undefined;
}

/** Tells how far a file has come. */
export function report({ name, onProgress }: FetchOptions, loaded: number, total: number): void {
  onProgress?.({ file: name, loaded, total: Math.max(total, loaded) });
}

function requireArrived(url: string, arrived: number, expected: number): void {
  if (arrived === expected) return;
  throw new PolarError(`${url}: ${arrived} bytes arrived, expected ${expected}; load it again`, 'unreadable');
}

/** @throws PolarError when bytes do not have the hash that they should have */
export async function requireHash(
  url: string,
  bytes: Uint8Array,
  expected: string | undefined,
): Promise<void> {
  if (expected === undefined || (await sha256(bytes)) === expected) return;
  throw new PolarError(`${url}: arrived damaged (its SHA-256 is another one); load it again`, 'unreadable');
}

/**
 * Downloads a file that the browser keeps: the next time it comes from there.
 *
 * @param options.fresh ask the host first, and use what is kept only without a network
 */
export async function fetchCached(
  url: string,
  options: FetchOptions & { readonly fresh?: boolean },
): Promise<Uint8Array | undefined> {
  if (!options.fresh) return (await readKept(url)) ?? fetchAndKeep(url, options);
  try {
    return await fetchAndKeep(url, options);
  } catch (error) {
    const kept = options.signal?.aborted ? undefined : await readKept(url);
    if (kept === undefined) throw error;
    return kept;
  }
}

async function fetchAndKeep(url: string, options: FetchOptions): Promise<Uint8Array | undefined> {
  const bytes = await fetchBytes(url, options);
  if (bytes !== undefined) await keep(url, bytes);
  return bytes;
}

/** What the browser keeps under an address. */
export async function readKept(url: string): Promise<Uint8Array | undefined> {
  const kept = await (await caches.open(CACHE)).match(url);
  return kept && new Uint8Array(await kept.arrayBuffer());
}

/** Lets the browser keep bytes under an address; where it has no room they are fetched again next time. */
export async function keep(url: string, bytes: Uint8Array): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(url, new Response(bytes as BodyInit)).catch(() => {});
}

async function readAll(
  body: ReadableStream<Uint8Array>,
  total: number,
  onLoaded: (loaded: number) => void,
): Promise<Uint8Array> {
  // Weights of gigabytes are written straight into their place instead of being joined at the end.
  let bytes = new Uint8Array(total);
  let loaded = 0;
  for await (const chunk of chunksOf(body)) {
    if (loaded + chunk.length > bytes.length) {
      const larger = new Uint8Array(Math.max(2 * bytes.length, loaded + chunk.length));
      larger.set(bytes.subarray(0, loaded));
      bytes = larger;
    }
    bytes.set(chunk, loaded);
    loaded += chunk.length;
    onLoaded(loaded);
  }
  return loaded === bytes.length ? bytes : bytes.slice(0, loaded);
}

// Safari's streams cannot be iterated yet.
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
