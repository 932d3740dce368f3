import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { built, compileFixture } from '../../../test/program.ts';
import { type FakeHub, startFakeHub } from './fake-hub.fixture.ts';
import { networkFetch } from './proxy.ts';

const FILES = new Map<string, Buffer>([
  ['config.json', Buffer.from('{"model_type": "clip"}')],
  ['preprocessor_config.json', Buffer.from('{}')],
  ['tokenizer.json', Buffer.from('{"model": {}}')],
  ['model.safetensors', randomBytes(300_000)],
]);
const PROXY = fileURLToPath(new URL('./proxy.fixture.ts', import.meta.url));

let programs: string;
let program: string;
let hub: FakeHub;
let folder: string;
let children: ChildProcess[];
beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'polar-proxy-program-'));
  program = await compileFixture(PROXY, programs);
});
afterAll(() => rm(programs, { recursive: true }));
beforeEach(async () => {
  hub = await startFakeHub(FILES);
  folder = await mkdtemp(join(tmpdir(), 'polar-proxy-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill();
  await hub.close();
  await rm(folder, { recursive: true });
});

/** Starts a proxy process; `seen` collects what it was asked for. */
async function startProxy(password?: string): Promise<{ port: string; seen: string[] }> {
  const child = spawn(process.execPath, [program, ...(password ? [password] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines: string[] = [];
  child.stdout.on('data', (chunk) => lines.push(...String(chunk).trim().split('\n')));
  while (lines.length === 0) await once(child.stdout, 'data');
  const port = lines.shift()!;
  return { port, seen: lines };
}

/** Fetches the model in a process of its own, with nothing but `env` to say how. */
async function fetchModel(endpoint: string, env: NodeJS.ProcessEnv): Promise<string> {
  const script = `import { resolveModel } from ${JSON.stringify(built('node/hub/fetch-model.ts'))};
    const { files } = await resolveModel('acme/tiny', { ...JSON.parse(process.argv[1]), pause: async () => {} }).catch((error) => ({ files: new Map([['model.safetensors', error.message]]) }));
    console.log(files.get('model.safetensors'));`;
  const options = JSON.stringify({ endpoint, cacheFolder: join(folder, 'cache') });
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/proxy|^HF_/i.test(name)));
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, options], {
    env: { ...clean, HF_HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    text += String(chunk);
  });
  await once(child, 'close');
  return text.trim();
}

/** The fake hub over HTTPS, with a certificate made for this test. */
async function startTls(): Promise<{ url: string; certificate: string; close: () => void }> {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  execFileSync(
    'openssl',
    `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${key} -out ${certificate}`.split(
      ' ',
    ),
    { stdio: 'ignore' },
  );
  const tls = { key: await readFile(key), cert: await readFile(certificate) };
  const server = createServer(tls, (incoming, outgoing) => {
    const { method, headers } = incoming;
    const onward = request(`${hub.url}${incoming.url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `https://localhost:${port}`, certificate, close: () => server.close() };
}

describe('a proxy in the environment', () => {
  it('a proxy in the environment carries the download from a hub over HTTPS, by CONNECT, with user and password', async () => {
    const tls = await startTls();
    const proxy = await startProxy('anna:pass word');
    const path = await fetchModel(tls.url, {
      HTTPS_PROXY: `http://anna:pass%20word@127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: tls.certificate,
    });
    expect(await readFile(path)).toEqual(FILES.get('model.safetensors'));
    expect(new Set(proxy.seen)).toEqual(new Set([`CONNECT ${tls.url.slice('https://'.length)}`]));
    tls.close();
  });

  it('a proxy in the environment carries the download from a hub over HTTP, and its name may lack the http://', async () => {
    const proxy = await startProxy();
    const path = await fetchModel(hub.url, { http_proxy: `127.0.0.1:${proxy.port}` });
    expect(await readFile(path)).toEqual(FILES.get('model.safetensors'));
    expect(proxy.seen.length).toBeGreaterThan(4);
    expect(
      proxy.seen.every((line) => line.startsWith('GET http://') || line.startsWith('POST http://')),
    ).toBe(true);
  });

  it('a proxy in the environment is passed by for the hosts of NO_PROXY', async () => {
    const proxy = await startProxy();
    const there = `http://127.0.0.1:${proxy.port}`;
    const path = await fetchModel(hub.url, { ALL_PROXY: there, NO_PROXY: 'example.com, 127.0.0.1' });
    expect(await readFile(path)).toEqual(FILES.get('model.safetensors'));
    expect(proxy.seen).toEqual([]);
  });

  it('a proxy in the environment that refuses the password, or is not there, is named in one line', async () => {
    const proxy = await startProxy('anna:secret');
    const refused = await fetchModel(hub.url, { HTTP_PROXY: `http://anna:wrong@127.0.0.1:${proxy.port}` });
    expect(refused).toMatch(
      /^[^\n]*the hub cannot be reached \([^\n]*407[^\n]*proxy that the environment names[^\n]*$/,
    );
    expect(refused).not.toContain('wrong');
    const gone = await fetchModel(hub.url, { HTTP_PROXY: 'http://127.0.0.1:1' });
    expect(gone).toMatch(
      /^[^\n]*ECONNREFUSED 127\.0\.0\.1:1, by way of the proxy that the environment names[^\n]*$/,
    );
  });
});

it('without a proxy in the environment Node fetches itself', async () => {
  expect(await networkFetch({ NO_PROXY: '*' })).toBe(fetch);
});

it.each(['socks5://anna:secret@127.0.0.1:1080', 'ftp://x', 'http://', ' '])(
  'a proxy at %j is refused in one line that keeps its password',
  async (address) => {
    const refused = networkFetch({ HTTPS_PROXY: address });
    await expect(refused).rejects.toThrow(
      /^the proxy [^\n]*: expected an address such as http:\/\/proxy:3128/,
    );
    await expect(refused).rejects.not.toThrow(/secret/);
  },
);
