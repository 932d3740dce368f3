import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TINY_CLIP } from '../../test/data.ts';
import { writeManyPhotos } from '../../test/many-photos.ts';
import { type Outcome, outcomeOf } from '../../test/polar.ts';
import { startS3 } from '../../test/s3-server.ts';
import { events, send } from '../server/server.fixture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

// Each test starts the program several times, which takes seconds on a machine that does other things meanwhile.
vi.setConfig({ testTimeout: 300_000 });

describe('polar serve, as a process', () => {
  let base: string;
  let home: string;
  let children: ChildProcess[] = [];
  beforeAll(async () => {
    // The program as it is built, with a page of one line.
    base = await mkdtemp(join(tmpdir(), 'polar-serve-'));
    await cp(join(root, 'dist'), join(base, 'dist'), {
      recursive: true,
      filter: (path) => !path.endsWith('/pages'),
    });
    await cp(join(root, 'package.json'), join(base, 'package.json'));
    for (const name of ['node_modules', 'models']) await symlink(join(root, name), join(base, name));
    await mkdir(join(base, 'dist', 'pages', 'app'), { recursive: true });
    await writeFile(join(base, 'dist', 'pages', 'app', 'index.html'), '<!doctype html><title>POLAR</title>');
  });
  afterAll(() => rm(base, { recursive: true }));
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'polar-serve-home-'));
  });
  afterEach(async () => {
    for (const child of children.filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    )) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    children = [];
    await rm(home, { recursive: true, force: true });
  });

  function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const { HF_TOKEN: _, POLAR_MODEL: __, POLAR_INDEX: ___, ...inherited } = process.env;
    const main = join(base, 'dist', 'cli', 'main.js');
    const child = spawn(process.execPath, [main, 'serve', '--model', TINY_CLIP, ...args], {
      cwd: base,
      env: { ...inherited, POLAR_HOME: home, HF_HOME: home, HF_HUB_OFFLINE: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    return child;
  }

  /** What it prints first; where it ends without, why. */
  const firstLine = (child: ChildProcess, ended: Promise<Outcome>): Promise<string> =>
    Promise.race([
      once(child.stdout!, 'data').then(([line]) => String(line)),
      ended.then(({ stderr }) => Promise.reject(new Error(`it ended: ${stderr}`))),
    ]);

  interface Served {
    readonly url: string;
    readonly openUrl: string;
    readonly child: ChildProcess;
    readonly ended: Promise<Outcome>;
  }

  /** Starts it and reads the line with its address. */
  async function serve(args: readonly string[] = ['--port', '0'], env?: NodeJS.ProcessEnv): Promise<Served> {
    const child = start([...args, '--json'], env);
    const ended = outcomeOf(child);
    const line = await firstLine(child, ended);
    expect(line).toMatch(/^\{[^\n]*\}\n$/);
    return { ...(JSON.parse(line) as { url: string; openUrl: string }), child, ended };
  }

  async function makePhotos(count: number): Promise<string> {
    const folder = join(home, 'photos');
    await writeManyPhotos(folder, count);
    return folder;
  }

  async function follow(url: string): Promise<Record<string, unknown>> {
    let last = {};
    for await (const event of events(url, '/api/job')) last = event;
    return last;
  }

  it('polar serve serves this machine alone, says where in one line of JSON, and ends with Ctrl-C', async () => {
    const { url, openUrl, child, ended } = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(openUrl).toBe(url);
    expect((await send(url, '/')).text).toContain('<title>POLAR</title>');
    expect((await send(url, '/api/state')).json).toMatchObject({ photos: 0, model: TINY_CLIP });
    expect((await send(url, '/api/search', { body: { sentence: 'a dog' } })).status).toBe(200);
    child.kill('SIGINT');
    expect(await ended).toEqual({
      code: 0,
      stdout: `${JSON.stringify({ url, openUrl })}\n`,
      stderr: 'Ctrl-C ends it.\n',
    });
  });

  it('for a person says the address in words', async () => {
    const child = start(['--port', '0']);
    const ended = outcomeOf(child);
    await firstLine(child, ended);
    child.kill('SIGTERM'); // as services are ended
    expect(await ended).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^POLAR is at http:\/\/127\.0\.0\.1:\d+\n$/),
    });
  });

  it('polar serve keeps its port from one time to the next, and refuses where one was named that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    expect(await outcomeOf(start(['--port', String(port)]))).toEqual({
      code: 1,
      stdout: '',
      stderr: `polar: 127.0.0.1:${port} is in use; choose another with --port or --host\n`,
    });
    other.close();
    // The usual port is one for all tests of this machine, so it may be had or not; either way it stays.
    const usual = createServer()
      .listen(7527, '127.0.0.1')
      .on('error', () => {});
    const first = await serve([]);
    first.child.kill('SIGINT');
    await first.ended;
    const second = await serve([]);
    expect(second.url).toBe(first.url);
    expect((await send(second.url, '/api/state')).status).toBe(200);
    usual.close();
  });

  it('polar serve opens the one that runs already instead of starting a second, unless that does something else', async () => {
    const first = await serve();
    const again = await outcomeOf(start(['--json']));
    expect(again).toEqual({
      code: 0,
      stdout: `${JSON.stringify({ url: first.url, openUrl: first.url })}\n`,
      stderr: 'It runs already, in another terminal or since login; --port starts one more.\n',
    });
    const other = await serve(['--index', join(home, 'other')]);
    expect(other.url).not.toBe(first.url);
    for (const { child } of [first, other]) child.kill('SIGKILL');
    await Promise.all([first.ended, other.ended]);
    // What a killed one has left stands in nobody's way.
    const next = await serve([]);
    expect((await send(next.url, '/api/state')).status).toBe(200);
  });

  it('polar serve refuses in one line an address that is not here, a home that cannot be used, and a page that is missing', async () => {
    const lines: [Promise<Outcome>, RegExp][] = [
      // A name that RFC 6761 keeps from ever existing; some machines let a process listen at any address.
      [
        outcomeOf(start(['--host', 'nowhere.invalid'])),
        /^polar: nowhere\.invalid:0 cannot be had \(E\w+\); choose/,
      ],
      [outcomeOf(start([], { POLAR_HOME: join(base, 'package.json', 'home') })), /package\.json.*home/],
    ];
    for (const [outcome, message] of lines) {
      const { code, stdout, stderr } = await outcome;
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).toMatch(/^polar: [^\n]+\n$/);
      expect(stderr).not.toContain('unexpected');
    }
    const page = join(base, 'dist', 'pages', 'app', 'index.html');
    const kept = await readFile(page);
    await rm(page);
    const missing = await outcomeOf(start([]));
    await writeFile(page, kept);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^polar: .*the page is missing; in a checkout run "npm run build" first\n$/,
      ),
    });
  });

  it('polar serve in the network asks for the one-time address, and tells the next one', async () => {
    const { url, openUrl, child, ended } = await serve(['--port', '0', '--host', '0.0.0.0']);
    const { port } = new URL(url);
    const local = `http://127.0.0.1:${port}`;
    expect((await send(local, '/api/state')).status).toBe(401);
    const { pathname, search } = new URL(openUrl);
    expect((await send(local, pathname + search)).status).toBe(200);
    expect((await send(local, pathname + search)).status).toBe(401);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/\nOpened\. For another device: http:\/\/[\d.]+:\d+\/open\?code=[\w-]{24}\n/);
  });

  it('Ctrl-C in the middle of everything ends cleanly, and keeps what is done', async () => {
    const folder = await makePhotos(400);
    const { url, child, ended } = await serve();
    await send(url, '/api/job', { body: { folder } });
    for await (const { done } of events(url, '/api/job')) if (done > 0) break;
    const busy: Promise<unknown>[] = [follow(url)];
    for (let i = 0; i < 10; i++) busy.push(send(url, '/api/search', { body: { sentence: `a dog ${i}` } }));
    const { photos } = (await send(url, '/api/photos?limit=3')).json;
    if (photos.length > 0) {
      const body = { name: 'Rex', photos: photos.map(({ id }: { id: string }) => id) };
      busy.push(send(url, '/api/learn', { body }));
    }
    // A reader who never sends the rest of what was promised.
    const half = connect(Number(new URL(url).port), '127.0.0.1');
    half.on('error', () => {});
    half.write('POST /api/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n');
    half.write('Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n');
    busy.push(once(half, 'close'));
    await sleep(100);
    child.kill('SIGINT');
    await Promise.allSettled(busy); // cut off, or answered just before
    expect(await ended).toMatchObject({ code: 0, stderr: 'Ctrl-C ends it.\n' });

    const again = await serve();
    const { photos: kept } = (await send(again.url, '/api/state')).json;
    expect(kept).toBeGreaterThan(0);
    await send(again.url, '/api/job', { body: { folder } });
    expect(await follow(again.url)).toMatchObject({ state: 'done' });
    expect((await send(again.url, '/api/state')).json.photos).toBe(400);
    again.child.kill('SIGINT');
    expect((await again.ended).code).toBe(0);
  });

  it('polar serve killed while it reads photos and learns, leaves a state that the next one goes on from', async () => {
    const folder = await makePhotos(300);
    for (const moment of [0, 500]) {
      const { url, child, ended } = await serve();
      await send(url, '/api/job', { body: { folder } });
      for await (const { done, state } of events(url, '/api/job')) if (done > 0 || state !== 'running') break;
      const { photos } = (await send(url, '/api/photos?limit=3')).json;
      const body = { name: 'Rex', mode: 'replace', photos: photos.map(({ id }: { id: string }) => id) };
      const learning = send(url, '/api/learn', { body }).catch(() => {});
      await sleep(moment);
      child.kill('SIGKILL');
      await Promise.all([ended, learning]);
    }
    const { url, child, ended } = await serve();
    await send(url, '/api/job', { body: { folder } });
    expect(await follow(url)).toMatchObject({ state: 'done' });
    const state = (await send(url, '/api/state')).json;
    expect(state.photos).toBe(300);
    const { photos } = (await send(url, '/api/photos?limit=1000')).json;
    expect(new Set(photos.map(({ name }: { name: string }) => name)).size).toBe(300);
    // A concept is there whole, or not at all.
    for (const { name } of state.concepts)
      expect((await send(url, `/api/concepts/${name}`)).status).toBe(200);
    const visible = (await readdir(join(home, 'concepts')).catch(() => [])).filter(
      (name) => !name.startsWith('.'),
    );
    expect(state.concepts).toHaveLength(visible.length);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
  });

  it('polar serve serves a library in an object store', async () => {
    const s3 = await startS3(join(home, 's3'));
    const folder = await makePhotos(30);
    const args = ['--port', '0', '--index', `s3://${s3.bucket}/library`];
    const { url, child, ended } = await serve(args, s3.env);
    expect((await send(url, '/api/state')).json).toMatchObject({ photos: 0 });
    await send(url, '/api/job', { body: { folder } });
    expect(await follow(url)).toMatchObject({ state: 'done' });
    expect((await send(url, '/api/state')).json).toMatchObject({ photos: 30 });
    expect((await send(url, '/api/search', { body: { sentence: 'a dog' } })).json.photos).toHaveLength(30);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
    await s3.close();
  });
});
