import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
};

/** A host of static files, as plain as they come: each mount is a path and the folder that is shown there. */
export interface StaticHost {
  /** Address, without a slash at the end. */
  readonly url: string;
  /** Paths that were asked for. */
  readonly requests: string[];
  close(): Promise<void>;
}

/**
 * Starts a static host on a free port.
 *
 * @param mounts path that ends with a slash → folder; the longest that fits is used
 * @param headers sent with every answer
 * @param options.givesParts whether `Range` is answered; true when absent
 */
export async function startStaticHost(
  mounts: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
  { givesParts = true }: { readonly givesParts?: boolean } = {},
): Promise<StaticHost> {
  const requests: string[] = [];
  const longestFirst = Object.keys(mounts).sort((a, b) => b.length - a.length);
  const server: Server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url!, 'http://host').pathname));
    requests.push(path);
    const mount = longestFirst.find((prefix) => path.startsWith(prefix));
    const rest = path.slice(mount?.length ?? 0);
    const file = mount === undefined ? '' : join(mounts[mount]!, rest === '' ? 'index.html' : rest);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) {
      response.writeHead(404, headers).end();
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    const range = givesParts ? /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') : null;
    const start = Number(range?.[1] ?? 0);
    const last = Math.min(Number(range?.[2] ?? found.size), found.size - 1);
    const part = { 'content-range': `bytes ${start}-${last}/${found.size}` };
    response.writeHead(range === null ? 200 : 206, {
      'content-type': type,
      'content-length': last + 1 - start,
      ...(range === null ? {} : part),
      ...headers,
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file, { start, end: Math.max(start, last) }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
