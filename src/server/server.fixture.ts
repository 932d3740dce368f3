import { once } from 'node:events';
import { cp, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PHOTOS, TINY_CLIP } from '../../test/data.ts';
import { indexPhotos } from '../library/index-photos.ts';
import { PhotoStore } from '../library/photo-store.ts';
import type { RemoteLibrary } from '../library/remote/remote-library.ts';
import { loadClip } from '../node/load-clip.ts';
import { type AppContext, openContext } from './context.ts';
import type { ModelSource } from './models.ts';
import type { PageFile } from './page-files.ts';
import { startServer } from './start-server.ts';

/** A request as it goes over the wire: nothing of its path is tidied up, and no header is added but Host. */
export interface Wire {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | FormData | object;
  readonly setHost?: boolean;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  /** What the JSON of the body says; what it is expected to be is the test's affair. */
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it with what they expect
  readonly json: any;
}

/** Sends a request and reads the whole answer. */
export async function send(url: string, path: string, wire: Wire = {}): Promise<Reply> {
  const response = await begin(url, path, wire);
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  const text = body.toString();
  const isJson = response.headers['content-type']?.includes('json') ?? false;
  return {
    status: response.statusCode!,
    headers: response.headers,
    body,
    text,
    json: isJson ? JSON.parse(text) : undefined,
  };
}

/** Sends a request and reads server-sent events until the server ends them; `end` ends them from this side. */
export async function* events(
  url: string,
  path: string,
  wire: Wire = {},
  end?: AbortSignal,
  // biome-ignore lint/suspicious/noExplicitAny: tests compare them with what they expect
): AsyncGenerator<any> {
  let text = '';
  try {
    const response = await begin(url, path, wire, end);
    for await (const part of response) {
      text += String(part);
      for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
        yield JSON.parse(text.slice('data: '.length, at));
        text = text.slice(at + 2);
      }
    }
  } catch (error) {
    if (!end?.aborted) throw error;
  }
}

async function begin(url: string, path: string, wire: Wire, signal?: AbortSignal): Promise<IncomingMessage> {
  const { hostname, port } = new URL(url);
  const { bytes, type } = await encode(wire.body);
  const request = httpRequest({
    host: hostname.replace(/^\[|\]$/g, ''),
    port,
    path,
    method: wire.method ?? (wire.body === undefined ? 'GET' : 'POST'),
    setHost: wire.setHost ?? true,
    headers: {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(bytes === undefined ? {} : { 'content-length': String(bytes.length) }),
      ...wire.headers,
    },
    agent: false,
    ...(signal === undefined ? {} : { signal }),
  });
  request.end(bytes);
  // An answer may come before all of a large body is sent; then the rest of it is refused.
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  request.on('error', () => {});
  return response;
}

async function encode(body: Wire['body']): Promise<{ bytes?: Uint8Array; type?: string }> {
  if (body === undefined) return {};
  if (typeof body === 'string') return { bytes: Buffer.from(body) };
  if (body instanceof Uint8Array) return { bytes: body };
  if (!(body instanceof FormData))
    return { bytes: Buffer.from(JSON.stringify(body)), type: 'application/json' };
  const form = new Response(body);
  return { bytes: Buffer.from(await form.arrayBuffer()), type: form.headers.get('content-type')! };
}

/** A form with pictures, as the page sends it. */
export function picturesForm(pictures: readonly (readonly [name: string, bytes: Uint8Array])[]): FormData {
  const form = new FormData();
  for (const [name, bytes] of pictures) form.append('photos', new Blob([Uint8Array.from(bytes)]), name);
  return form;
}

/** A real server on a real port, with its own home and the tiny model. */
export interface TestServer {
  readonly url: string;
  readonly openUrl: string;
  readonly home: string;
  /** Photos that are in the library: copies, so that tests may change them. */
  readonly photos: string;
  readonly context: AppContext;
  /** One-time addresses, as they are told. */
  readonly addresses: string[];
  send(path: string, wire?: Wire): Promise<Reply>;
  events(path: string, wire?: Wire, end?: AbortSignal): AsyncGenerator;
  close(): Promise<void>;
}

const PAGE: PageFile = {
  bytes: new TextEncoder().encode('<!doctype html><title>POLAR</title>'),
  type: 'text/html; charset=utf-8',
  isHashed: false,
};

const FIRST_TIME = Date.UTC(2024, 0, 1) / 1000;

/** One time after the other to the files of a folder, which the wall is ordered by: not those at which they were copied. */
async function giveTimes(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = files.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const [index, path] of paths.sort().entries()) {
    await utimes(path, FIRST_TIME + index, FIRST_TIME + index);
  }
}

/** @param things folders of shared photos that are put into the library */
export async function startTestServer(
  options: {
    readonly host?: string;
    readonly things?: readonly string[];
    readonly remote?: RemoteLibrary | undefined;
    readonly model?: string;
    readonly source?: ModelSource;
    readonly page?: ReadonlyMap<string, PageFile>;
  } = {},
): Promise<TestServer> {
  const { host = '127.0.0.1', things = ['dog', 'cat', 'vase'], model = TINY_CLIP, source } = options;
  const home = await mkdtemp(join(tmpdir(), 'polar-web-'));
  const photos = join(home, 'photos');
  for (const thing of things) await cp(join(PHOTOS, thing), join(photos, thing), { recursive: true });
  await giveTimes(photos);
  const clip = await loadClip(model);
  const store = new PhotoStore(join(home, 'library'));
  if (things.length > 0) await indexPhotos(store, clip, photos);
  const { remote } = options;
  const context = await openContext({ version: '0.0.0', home, clip, store, remote, source });
  const addresses: string[] = [];
  const server = await startServer(context, {
    host,
    port: 0,
    page: options.page ?? new Map([['/index.html', PAGE]]),
    onAddress: (url) => addresses.push(url),
  });
  return {
    url: server.url,
    openUrl: server.openUrl,
    home,
    photos,
    context,
    addresses,
    send: (path, wire) => send(server.url, path, wire),
    events: (path, wire, end) => events(server.url, path, wire, end),
    async close() {
      await server.close();
      await clip.close();
      await rm(home, { recursive: true });
    },
  };
}
