import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { compileFixture } from '../../test/program.ts';
import { takeLock, waitForLock } from './lock.ts';
import { type ProcessIdentity, thisProcess } from './process-identity.ts';

const ROUNDS = 25;
const FIXTURE = fileURLToPath(new URL('lock.fixture.ts', import.meta.url));

let programs: string;
let program: string;
let folder: string;
let path: string;
let children: ChildProcess[];
beforeAll(async () => {
  programs = await mkdtemp(join(tmpdir(), 'polar-lock-program-'));
  program = await compileFixture(FIXTURE, programs);
});
afterAll(() => rm(programs, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-lock-'));
  path = join(folder, '.x.lock');
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

async function startProcess(): Promise<ChildProcess> {
  const child = fork(program);
  children.push(child);
  await once(child, 'message');
  return child;
}

/** Tells a process to take the lock at `to`, or with null to give it back. */
async function tell(child: ChildProcess, to: string | null): Promise<boolean> {
  const answer = once(child, 'message');
  child.send(to as string);
  const [got] = (await answer) as [boolean];
  return got;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

/** A lock as a process leaves it that can no longer give it back. */
async function leave(identity: ProcessIdentity | string, at = path): Promise<string> {
  const file = join(at, 'token');
  await mkdir(at);
  await writeFile(file, typeof identity === 'string' ? identity : JSON.stringify(identity));
  return file;
}

it('is held by one at a time, and leaves nothing behind', async () => {
  const lock = await takeLock(path);
  expect(lock).toBeDefined();
  expect(await takeLock(path)).toBeUndefined();
  const waiting = waitForLock(path);
  await lock!.release();
  await (await waiting).release();
  await lock!.release(); // a second time does nothing
  expect(await readdir(folder)).toEqual([]);
});

it(`of three processes exactly one takes over a dead one's, ${ROUNDS} times of ${ROUNDS}`, async () => {
  const processes = await Promise.all([startProcess(), startProcess(), startProcess()]);
  const owner = await startProcess();
  await tell(owner, path);
  const [token] = await readdir(path);
  const dead = JSON.parse(await readFile(join(path, token!), 'utf8')) as ProcessIdentity;
  await kill(owner);
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await leave(dead);
    const got = await Promise.all(processes.map((child) => tell(child, path)));
    expect(got.filter(Boolean), `round ${round}`).toHaveLength(1);
    await Promise.all(processes.map((child) => tell(child, null)));
    expect(await readdir(folder)).toEqual([]);
  }
});

it('of an earlier process with the number of this one is dead, as where every program is number 1', async () => {
  await leave({ ...thisProcess(), started: '1' });
  expect(await takeLock(path, { wait: 'never' })).toBeDefined();
});

it('of a process that another one with the same number has followed is dead', async () => {
  const other = await startProcess();
  await leave({ ...thisProcess(), pid: other.pid!, started: '1' });
  const taken = await takeLock(path, { wait: 'never' });
  // Elsewhere than on Linux the start of another process isn't known.
  if (process.platform === 'linux') expect(taken).toBeDefined();
});

it('of a process that stands still is not taken over: it will go on writing', async () => {
  const owner = await startProcess();
  expect(await tell(owner, path)).toBe(true);
  owner.kill('SIGSTOP');
  if (process.platform === 'linux') expect(await takeLock(path)).toBeUndefined();
  owner.kill('SIGCONT');
  expect(await takeLock(path, { wait: 'never' })).toBeUndefined();
});

it.each<[string, ProcessIdentity | string, number]>([
  ['another machine, with a time in the future', { machine: 'other', pid: 1, started: '1' }, 1e9],
  ['nobody, as after a kill while it was written', '', 0],
])('of %s is dead once it shows nothing for a while, and not before', async (_, identity, ahead) => {
  const file = await leave(identity);
  const time = Date.now() / 1000 + ahead;
  await utimes(file, time, time);
  expect(await takeLock(path, { wait: 'never' })).toBeUndefined();
  const deadMs = 500;
  const started = performance.now();
  expect(await takeLock(path, { deadMs })).toBeDefined();
  expect(performance.now() - started).toBeGreaterThan(deadMs);
});

it('of another machine is respected as long as it shows that it lives', async () => {
  const file = await leave({ machine: 'other', pid: 1, started: '1' });
  const beats = setInterval(() => utimes(file, new Date(), new Date()), 500);
  expect(await takeLock(path)).toBeUndefined();
  clearInterval(beats);
});

it.each(['its file', 'all of it'])(
  'that loses %s says so to its holder, and is not given back twice',
  async (what) => {
    const lock = await takeLock(path);
    const [token] = await readdir(path);
    await rm(what === 'its file' ? join(path, token!) : path, { recursive: true });
    await once(lock!.lost, 'abort');
    expect(String(lock!.lost.reason)).toMatch(
      /\.x\.lock: the lock was removed or taken over .*; what was written is kept/,
    );
    const next = await takeLock(path);
    await lock!.release();
    expect(await takeLock(path, { wait: 'never' })).toBeUndefined();
    await next!.release();
  },
);

it('that nothing can be written for is refused in one line', async () => {
  await expect(takeLock(join(folder, 'absent', 'x.lock'))).rejects.toThrow(/cannot be written \(ENOENT\)/);
  await writeFile(path, 'a file');
  await expect(takeLock(path)).rejects.toThrow(/x\.lock: cannot be written \((ENOTDIR|EEXIST)\)/);
  expect(await readdir(folder)).toEqual(['.x.lock']);
});

it('is waited for only until the signal', async () => {
  await takeLock(path);
  await expect(waitForLock(path, AbortSignal.timeout(50))).rejects.toThrow(/aborted/i);
});
