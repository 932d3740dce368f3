import { PolarError } from '../errors.ts';

/** How far the download of a file has come. */
export interface DownloadProgress {
  readonly file: string;
  readonly loaded: number;
  /** 0 when the host does not say. */
  readonly total: number;
}

interface FetchOptions {
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
  const { name, signal, onProgress } = options;
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : { signal });
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
  // Compressed on the way, the header counts other bytes than arrive here.
  const stated = response.headers.has('content-encoding')
    ? 0
    : Number(response.headers.get('content-length'));
  const total = options.size ?? stated;
  const bytes = await readAll(response.body, total, (loaded) =>
    onProgress?.({ file: name, loaded, total: Math.max(total, loaded) }),
  );
  if (total > 0 && bytes.length !== total) {
    throw new PolarError(
      `${url}: ${bytes.length} bytes arrived, expected ${total}; load it again`,
      'unreadable',
    );
  }
  if (options.sha256 !== undefined && (await sha256(bytes)) !== options.sha256) {
    throw new PolarError(`${url}: arrived damaged (its SHA-256 is another one); load it again`, 'unreadable');
  }
  return bytes;
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
  const cache = await caches.open(CACHE);
  const kept = await cache.match(url);
  const readKept = async () => (kept === undefined ? undefined : new Uint8Array(await kept.arrayBuffer()));
  if (!options.fresh && kept !== undefined) return readKept();
  let bytes: Uint8Array | undefined;
  try {
    bytes = await fetchBytes(url, options);
  } catch (error) {
    if (kept === undefined || options.signal?.aborted) throw error;
    return readKept();
  }
  // Where the browser has no room the model still works, and is fetched again next time.
  if (bytes !== undefined) await cache.put(url, new Response(bytes as BodyInit)).catch(() => {});
  return bytes;
}

async function readAll(
  body: ReadableStream<Uint8Array>,
  total: number,
  onLoaded: (loaded: number) => void,
): Promise<Uint8Array> {
  // Weights of gigabytes are written straight into their place instead of being joined at the end.
  let bytes = new Uint8Array(total);
  let loaded = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return loaded === bytes.length ? bytes : bytes.slice(0, loaded);
    if (loaded + value.length > bytes.length) {
      const larger = new Uint8Array(Math.max(2 * bytes.length, loaded + value.length));
      larger.set(bytes.subarray(0, loaded));
      bytes = larger;
    }
    bytes.set(value, loaded);
    loaded += value.length;
    onLoaded(loaded);
  }
}
