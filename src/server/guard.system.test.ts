import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { isLoopback } from './guard.ts';
import { startTestServer, type TestServer, type Wire } from './server.fixture.ts';

describe('an address', () => {
  it.each(['127.0.0.1', '127.0.0.2', '127.255.255.254', 'localhost', '::1'])(
    'the address %s is of this machine',
    (host) => {
      expect(isLoopback(host)).toBe(true);
    },
  );
  it.each([
    '0.0.0.0',
    '::',
    '192.168.0.7',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '',
    '1127.0.0.1',
  ])('a server at the address "%s" asks for the one-time address', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

/** What a browser sends for a page's own requests. */
const OWN = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };

/** One request of each kind of answer: the page, JSON, a stream, a picture, a zip, and what is refused. */
const KINDS: readonly (readonly [path: string, status: number, wire: Wire])[] = [
  ['/', 200, {}],
  ['/nothing', 404, {}],
  ['/api/state', 200, {}],
  ['/api/openapi.json', 200, {}],
  ['/api/nothing', 404, {}],
  ['/api/state', 404, { method: 'PUT' }],
  ['/api/job', 200, {}],
  ['/api/photos?limit=none', 400, {}],
  ['/api/search', 400, { body: {} }],
  ['/api/search', 413, { body: { sentence: 'x'.repeat(200_000) } }],
  ['/api/search', 415, { body: 'x' }],
  ['/api/state', 403, { headers: { origin: 'http://evil.example' } }],
];

describe('the server on this machine', () => {
  let server: TestServer;
  let picture: string;
  beforeAll(async () => {
    server = await startTestServer();
    picture = `/api/photos/${(await server.send('/api/photos')).json.photos[0].id}/tile`;
  });
  afterAll(() => server.close());

  it('the server on this machine is not there on the other addresses of this machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others) {
      const socket = connect(Number(new URL(server.url).port), address);
      const outcome = await new Promise((resolve) => {
        socket.on('connect', () => resolve('connected')).on('error', (error) => resolve(error));
      });
      expect(outcome).toMatchObject({ code: 'ECONNREFUSED' });
    }
  });

  it.each(['127.0.0.1', 'localhost', 'localhost:1', '[::1]', '[::1]:7527', '127.0.0.1:65535'])(
    'the server on this machine answers to its name %s',
    async (host) => {
      expect((await server.send('/api/state', { headers: { host } })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '127.0.0.1@evil.example',
    'evil.example/127.0.0.1',
    '0.0.0.0',
    '127.0.0.1:80:80',
  ])(
    'the server on this machine refuses the host "%s", as of a site whose name was made to point here',
    async (host) => {
      for (const path of ['/', '/api/state', picture]) {
        const { status, json } = await server.send(path, { headers: { host } });
        expect([400, 403]).toContain(status); // 400: Node itself found it to be no host
        if (status === 403) expect(json.error).toMatch(/^the host ".*" is not served; open http/);
      }
    },
  );

  it('the server on this machine refuses a request without a host', async () => {
    const modern = await server.send('/api/state', { setHost: false });
    expect(modern.status).toBe(400);
    const old = await raw(server.url, 'GET /api/state HTTP/1.0\r\n\r\n');
    expect(old).toMatch(/^HTTP\/1\.1 (400|403) /);
    const empty = await raw(server.url, 'GET /api/state HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n');
    expect(empty).toMatch(/^HTTP\/1\.1 (400|403) /);
  });

  it('the server on this machine refuses what another site makes a browser send', async () => {
    const { origin, host } = new URL(server.url);
    const before = (await server.send('/api/state')).json;
    const wires: Wire[] = [];
    for (const from of [
      'http://evil.example',
      'null',
      `https://${host}`,
      'http://localhost:1',
      'http://127.0.0.1',
    ]) {
      wires.push({ headers: { origin: from } });
    }
    for (const site of ['cross-site', 'same-site', 'whatever'])
      wires.push({ headers: { 'sec-fetch-site': site } });
    for (const { headers } of wires) {
      const requests: [string, Wire][] = [
        [picture, {}],
        ['/api/state', {}],
        ['/api/search', { body: { sentence: 'a dog' } }],
        ['/api/job', { body: { folder: server.photos } }],
        ['/api/job', { method: 'DELETE' }],
        ['/api/learn', { body: { name: 'Evil', photos: ['x'] } }],
        ['/api/concepts/Rex', { method: 'DELETE' }],
        ['/api/uploads', { body: new FormData() }],
      ];
      for (const [path, wire] of requests) {
        const reply = await server.send(path, { ...wire, headers: { ...headers } });
        expect(reply, `${path} ${JSON.stringify(headers)}`).toMatchObject({
          status: 403,
          json: { error: 'requests from other web sites are refused', code: 'refused' },
        });
      }
    }
    expect((await server.send('/api/state')).json).toEqual(before);
    const own = { headers: { ...OWN, origin }, body: { sentence: 'a dog' } };
    expect((await server.send('/api/search', own)).status).toBe(200);
  });

  it('the server on this machine lets a visitor come from another site, but not into a frame, and not with a request that changes anything', async () => {
    const visit = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    const page = await server.send('/', { headers: visit });
    expect(page.status).toBe(200);
    expect(page.headers['x-frame-options']).toBe('DENY');
    const form = { headers: { ...visit, 'content-type': 'text/plain' }, body: '{"toybox":true}' };
    expect((await server.send('/api/job', form)).status).toBe(403);
  });

  it.each(KINDS)(
    'the server on this machine says on %s (%i) what a browser may do with it',
    async (path, status, wire) => {
      const reply = await server.send(path, wire);
      expect(reply.status).toBe(status);
      expectSafeHeaders(reply.headers);
      if (status >= 400) {
        expect(reply.json).toMatchObject({
          error: expect.stringMatching(/^[^\n]+$/),
          code: expect.any(String),
          message: expect.objectContaining({ text: reply.json.error }),
        });
      }
      if (path.startsWith('/api/'))
        expect(reply.headers['cache-control']).toBe(status === 403 ? undefined : 'no-store');
    },
  );

  it('the server on this machine says on pictures too what a browser may do with them; they may be kept', async () => {
    const { status, headers } = await server.send(picture);
    expect(status).toBe(200);
    expectSafeHeaders(headers);
    expect(headers).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'private, max-age=31536000, immutable',
    });
  });
});

function expectSafeHeaders(headers: Readonly<Record<string, unknown>>): void {
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  });
  expect(headers).not.toHaveProperty('access-control-allow-origin');
  const policy = String(headers['content-security-policy']).split('; ');
  expect(policy).toEqual(
    expect.arrayContaining([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]),
  );
}

/** Sends bytes and reads all that comes back. */
function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (part) => {
      answer += String(part);
    });
    socket.on('error', reject).on('close', () => resolve(answer));
  });
}

describe('the server on another address of this machine', () => {
  it('a server in the network knows its own name', async () => {
    const server = await startTestServer({ host: '127.0.0.2', things: [] });
    expect((await server.send('/api/state')).status).toBe(200);
    expect((await server.send('/api/state', { headers: { host: 'evil.example' } })).status).toBe(403);
    await server.close();
  });
});

describe('the server in the network', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ host: '0.0.0.0' });
  });
  afterAll(() => server.close());

  it('the server in the network shows nothing to who has not opened the one-time address', async () => {
    for (const [path, , wire] of KINDS) {
      const { status, headers } = await server.send(path, wire);
      expect([401, 403]).toContain(status);
      expectSafeHeaders(headers);
    }
    for (const code of ['', '?code=', '?code=wrong', `?code=${'A'.repeat(24)}`]) {
      const { status, headers } = await server.send(`/open${code}`);
      expect({ status, cookie: headers['set-cookie'] }).toEqual({ status: 401, cookie: undefined });
    }
    for (const cookie of ['x', '', 'A'.repeat(43)]) {
      const sent = { cookie: `polar-${new URL(server.url).port}=${cookie}` };
      expect((await server.send('/api/state', { headers: sent })).status).toBe(401);
    }
  });

  it('the server in the network lets in who opens it, once; the next one is told', async () => {
    const { pathname, search } = new URL(server.openUrl);
    const path = pathname + search;
    expect((await server.send(path, { method: 'POST', body: {} })).status).toBe(401); // uses nothing up
    const opened = await server.send(path);
    expect(opened.status).toBe(200);
    expect(opened.text).toContain('url=/'); // by itself to the page
    expectSafeHeaders(opened.headers);
    const [cookie] = opened.headers['set-cookie']!;
    expect(cookie).toMatch(/^polar-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    const headers = { cookie: cookie!.split(';')[0]! };
    expect((await server.send('/api/state', { headers })).status).toBe(200);
    expect((await server.send('/', { headers })).status).toBe(200);

    const again = await server.send(path);
    expect({ status: again.status, cookie: again.headers['set-cookie'] }).toEqual({
      status: 401,
      cookie: undefined,
    });
    expect(again.json.error).toMatch(/was used already; the terminal shows the next one/);
    expect(server.addresses).toHaveLength(1);
    const next = new URL(server.addresses[0]!);
    expect(next.search).not.toBe(search);
    expect((await server.send(next.pathname + next.search)).status).toBe(200);
  });

  it('the server in the network refuses other sites there too, with the cookie or without', async () => {
    const next = new URL(server.addresses.at(-1)!);
    const [cookie] = (await server.send(next.pathname + next.search)).headers['set-cookie']!;
    const headers = { cookie: cookie!.split(';')[0]! };
    const evil = { ...headers, origin: 'http://evil.example' };
    expect((await server.send('/api/job', { method: 'DELETE', headers: evil })).status).toBe(403);
    const image = { ...headers, 'sec-fetch-site': 'cross-site' };
    expect((await server.send('/api/state', { headers: image })).status).toBe(403);
  });
});
