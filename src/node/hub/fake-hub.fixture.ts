import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const CONVERTED = '1'.repeat(40);

/** Pull requests of a repository without safetensors weights, newest first: number → who opened it, on top of what. */
export type Conversions = readonly { author: string; status: string; parent: string }[];

/** How the fake hub misbehaves; each is a real thing that hubs and networks do. */
export interface Trouble {
  /** Cuts the connection after this many bytes of a large file, this many times. */
  cut?: { after: number; times: number };
  /** Flips a byte of the large file in the first n downloads. */
  flips?: number;
  /** Answers this many requests for files with a status. */
  refuse?: { status: number; times: number; retryAfter?: string };
  /** Sends downloads of large files on to this address. */
  redirectTo?: string;
  /** Wanted from everybody. */
  token?: string;
  /** Takes the weights off the branch; they are on these pull requests. */
  conversions?: Conversions;
  /** Answers this for the commit of a branch. */
  sha?: unknown;
  /** Answers this for the commit of a conversion. */
  converted?: unknown;
  /** Changes what is said of a file. */
  describe?: (info: Record<string, unknown>) => Record<string, unknown>;
  /** What the repository's card says of the licence. */
  licence?: string;
  /** Sends large files this slowly: bytes a chunk, milliseconds between chunks. */
  slow?: { bytes: number; every: number };
}

export interface FakeHub {
  readonly url: string;
  readonly trouble: Trouble;
  /** Method, path and the headers that matter, in order. */
  readonly requests: { path: string; authorization: string | undefined; range: string | undefined }[];
  close(): Promise<void>;
}

const gitHash = (content: Buffer) =>
  createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

/** Serves one repository over the hub's HTTP interface on loopback. */
export async function startFakeHub(
  files: ReadonlyMap<string, Buffer>,
  repository = 'acme/tiny',
): Promise<FakeHub> {
  const api = `/api/models/${repository}`;
  const trouble: Trouble = {};
  const requests: FakeHub['requests'] = [];
  const isLarge = (name: string) => name.endsWith('.safetensors');
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').split('?')[0]!);
    requests.push({ path, authorization: request.headers.authorization, range: request.headers.range });
    if (trouble.token !== undefined && request.headers.authorization !== `Bearer ${trouble.token}`) {
      response.writeHead(401).end('{"error":"Invalid username or password."}');
    } else if (path.startsWith(`${api}/paths-info/`)) pathsInfo(request, response);
    else if (path === `${api}/discussions`) {
      const page = new URL(request.url!, 'http://hub').searchParams.get('p');
      const discussions = (trouble.conversions ?? []).map(({ author, status }, index) => ({
        num: index + 1,
        title: 'Adding `safetensors` variant of this model',
        status,
        isPullRequest: true,
        author: { name: author },
      }));
      sendJson(response, { discussions: page === '0' ? discussions : [] });
    } else if (path.startsWith(`${api}/commits/refs/pr/`)) {
      const { parent } = trouble.conversions![Number(path.split('/').at(-1)) - 1]!;
      sendJson(response, [{ id: trouble.converted ?? CONVERTED }, { id: parent }]);
    } else if (path.startsWith(api)) {
      sendJson(response, {
        _id: '1',
        id: repository,
        sha: trouble.sha ?? COMMIT,
        lastModified: new Date(0).toISOString(),
        ...(trouble.licence === undefined ? {} : { cardData: { license: trouble.licence } }),
      });
    } else if ([COMMIT, CONVERTED].some((commit) => path.startsWith(`/${repository}/resolve/${commit}/`))) {
      sendFile(request, response, path.split('/').at(-1)!);
    } else response.writeHead(404).end();
  });

  function sendJson(response: ServerResponse, value: unknown): void {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
  }

  function pathsInfo(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      const { paths } = JSON.parse(body) as { paths: string[] };
      const isBranch = !request.url!.endsWith(CONVERTED);
      const found = paths.filter(
        (path) => files.has(path) && !(isBranch && trouble.conversions && isLarge(path)),
      );
      sendJson(
        response,
        found.map((path) => {
          const content = files.get(path)!;
          const lfs = { oid: sha256(content), size: content.length, pointerSize: 130 };
          const info = { type: 'file', path, size: content.length, oid: gitHash(content) };
          return (trouble.describe ?? ((same) => same))({ ...info, ...(isLarge(path) ? { lfs } : {}) });
        }),
      );
    });
  }

  function sendFile(request: IncomingMessage, response: ServerResponse, name: string): void {
    const content = files.get(name);
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (trouble.refuse !== undefined && trouble.refuse.times > 0) {
      trouble.refuse.times--;
      const { status, retryAfter } = trouble.refuse;
      response.writeHead(status, retryAfter === undefined ? {} : { 'Retry-After': retryAfter }).end();
      return;
    }
    if (trouble.redirectTo !== undefined && isLarge(name)) {
      response.writeHead(302, { Location: `${trouble.redirectTo}${request.url}` }).end();
      return;
    }
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    let body = Buffer.from(content.subarray(start));
    if (isLarge(name) && (trouble.flips ?? 0) > 0) {
      trouble.flips = trouble.flips! - 1;
      body[body.length - 1]! ^= 1;
    }
    response.writeHead(start > 0 ? 206 : 200, { 'Content-Length': body.length });
    if (isLarge(name) && trouble.cut !== undefined && trouble.cut.times > 0) {
      trouble.cut.times--;
      response.write(body.subarray(0, trouble.cut.after), () => response.destroy());
      return;
    }
    if (!isLarge(name) || trouble.slow === undefined) {
      response.end(body);
      return;
    }
    const { bytes, every } = trouble.slow;
    const timer = setInterval(() => {
      response.write(body.subarray(0, bytes));
      body = body.subarray(bytes);
      if (body.length === 0) {
        clearInterval(timer);
        response.end();
      }
    }, every);
    response.on('close', () => clearInterval(timer));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trouble,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
