import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import type { ImmichConnection } from './connection.ts';

/** An answer of immich's API that is an error. */
export class ImmichError extends PolarError {
  /** HTTP status. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message, status === 404 ? 'not-found' : 'unreachable');
    this.status = status;
  }
}

/** A request to immich's API. */
export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | undefined;
  /** Sent as JSON. */
  readonly body?: object | undefined;
  /** Asking twice does no harm, so a fault of the network is tried again. @default true for GET */
  readonly isSafe?: boolean | undefined;
  /** Milliseconds for the answer, to its last byte. @default as the API's patience has it */
  readonly answerWithinMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How long a server is waited for. */
export interface Patience {
  readonly attempts: number;
  /** Milliseconds before the second attempt, doubled for each further one. */
  readonly firstWaitMs: number;
  /** The longest of these. */
  readonly maxWaitMs: number;
  /** Milliseconds for one answer, to its last byte. */
  readonly answerWithinMs: number;
}

/** For work that goes on by itself; rate limits of reverse proxies are minutes at most. */
export const PATIENT: Patience = {
  attempts: 5,
  firstWaitMs: 500,
  maxWaitMs: 60_000,
  answerWithinMs: 120_000,
};

/** For somebody who waits in front of a screen. */
export const QUICK: Patience = { attempts: 2, firstWaitMs: 250, maxWaitMs: 1_000, answerWithinMs: 20_000 };

// A page of 1,000 assets with their EXIF takes about 2 MB; a preview of 1,440 pixels less than 2 MB.
const MAX_JSON_BYTES = 64e6;
const MAX_PICTURE_BYTES = 64e6;
// Of the largest camera's RAW some hundred megabytes, over a slow line.
const MAX_ORIGINAL_BYTES = 2e9;
const ORIGINAL_WITHIN_MS = 600_000;

/**
 * immich's REST API, as far as it is used here. Written against the API, since immich's own client library is under
 * the AGPL; the tests drive the same stand-in with that library.
 */
export class ImmichApi {
  /** Address of the server, without a slash at the end. */
  readonly url: string;
  /** Where people see it: that of links, and of photos in the index. */
  readonly publicUrl: string;
  readonly #key: string;
  readonly #patience: Patience;

  constructor({ url, key, publicUrl = url }: ImmichConnection, patience = PATIENT) {
    this.url = url;
    this.publicUrl = publicUrl;
    this.#key = key;
    this.#patience = patience;
  }

  /** Where a person sees an asset. */
  linkTo(assetId: string): string {
    return `${this.publicUrl}/photos/${assetId}`;
  }

  /** @throws ImmichError for an error of the server, PolarError when it cannot be reached or its answer is unknown */
  async json<T>(path: string, schema: z.ZodType<T>, request: ApiRequest = {}): Promise<T> {
    const bytes = await this.#bytes(path, request, MAX_JSON_BYTES);
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      throw new PolarError(`${this.url}: ${tell('immich.no-json', { path })}`, 'unreadable');
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new PolarError(
      `${this.url}: ${tell('immich.strange', { path, why: `${issue?.path.join('.')}: ${issue?.message}` })}`,
      'unreadable',
    );
  }

  /** The preview of an asset, a picture of about 1,440 pixels. */
  async preview(assetId: string, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#bytes(
      `/assets/${encodeURIComponent(assetId)}/thumbnail?size=preview`,
      { signal },
      MAX_PICTURE_BYTES,
    );
  }

  /**
   * The original of an asset, as it was uploaded, part by part.
   *
   * @throws PolarError as `json`, and while it is read where it is cut off
   */
  async original(assetId: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const path = `/assets/${encodeURIComponent(assetId)}/original`;
    const request = { signal, answerWithinMs: ORIGINAL_WITHIN_MS };
    const response = await this.#ask(path, request, async (answer) => answer);
    return this.#parts(path, response, signal);
  }

  async *#parts(path: string, response: Response, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* partsOf(response, MAX_ORIGINAL_BYTES, this.url, path);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof PolarError) throw error;
      throw new PolarError(
        `${this.url}: ${tell('immich.cut-off', { path, why: reasonOf(error) })}`,
        'unreachable',
      );
    }
  }

  #bytes(path: string, request: ApiRequest, limit: number): Promise<Uint8Array> {
    return this.#ask(path, request, async (response) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of partsOf(response, limit, this.url, path)) chunks.push(chunk);
      return Buffer.concat(chunks);
    });
  }

  /** @param take reads an answer that is no error; what it throws of the network is tried again */
  async #ask<T>(path: string, request: ApiRequest, take: (response: Response) => Promise<T>): Promise<T> {
    const { method = 'GET', isSafe = method === 'GET', signal } = request;
    const { attempts, firstWaitMs, maxWaitMs } = this.#patience;
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      const wait = Math.min(maxWaitMs, firstWaitMs * 2 ** (attempt - 1));
      const isLast = attempt === attempts;
      let response: Response;
      try {
        response = await this.#fetch(path, request);
        if (response.ok) return await take(response);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof PolarError) throw error;
        if (!isSafe || isLast) {
          throw new PolarError(
            `${this.url}: ${tell('immich.unreachable', { why: reasonOf(error) })}`,
            'unreachable',
          );
        }
        await sleep(wait, undefined, { signal });
        continue;
      }
      // Refused before anything was done, so that asking again is harmless whatever was asked.
      const isBusy = response.status === 429 || response.status === 503;
      const isPassing = isBusy || (isSafe && [502, 504].includes(response.status));
      if (!isPassing || isLast) throw await this.#refusal(path, response);
      await response.body?.cancel();
      await sleep(Math.min(maxWaitMs, retryAfter(response) ?? wait), undefined, { signal });
    }
  }

  #fetch(path: string, { method = 'GET', body, signal, answerWithinMs }: ApiRequest): Promise<Response> {
    const timeout = AbortSignal.timeout(answerWithinMs ?? this.#patience.answerWithinMs);
    return fetch(`${this.url}/api${path}`, {
      method,
      // A redirect would take the key along to wherever it points.
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      headers: {
        'x-api-key': this.#key,
        accept: /\/(?:thumbnail|original)\b/.test(path) ? '*/*' : 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async #refusal(path: string, response: Response): Promise<ImmichError> {
    const { status } = response;
    const said = await response
      .json()
      .then((value) => String((value as { message?: unknown }).message ?? '').slice(0, 200))
      .catch(() => '');
    const words = said.replaceAll(this.#key, '…');
    const why = words === '' ? '' : ` (${words})`;
    const place = `${this.url}: `;
    if (status >= 300 && status < 400) {
      const target = response.headers.get('location') ?? 'elsewhere';
      return new ImmichError(status, `${place}${tell('immich.moved', { address: target })}`);
    }
    if (status === 401) {
      return new ImmichError(status, `${place}${tell('immich.key', { why, address: this.url })}`);
    }
    if (status === 403) {
      return new ImmichError(
        status,
        `${place}${tell('immich.key-may-not', { why, permissions: PERMISSIONS.join(', ') })}`,
      );
    }
    const answer = { path: path.split('?')[0]!, status, why: words || 'no reason given' };
    return new ImmichError(status, `${place}${tell('immich.status', answer)}`);
  }
}

/** What the API key must be allowed. */
export const PERMISSIONS = [
  'asset.read',
  'asset.view',
  'album.read',
  'album.create',
  'album.update',
  'albumAsset.create',
  'person.read',
  'tag.read',
] as const;

async function* partsOf(
  response: Response,
  limit: number,
  url: string,
  path: string,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > limit)
      throw new PolarError(`${url}: ${tell('immich.large', { path, most: limit / 1e6 })}`, 'too-large');
    yield part;
  }
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return seconds >= 0 ? seconds * 1000 : undefined;
}

function reasonOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.code ?? cause?.message ?? (error as Error).message;
}
