import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { photo } from '../../../test/data.ts';
import { compileFixture } from '../../../test/program.ts';
import { exportPhotos } from './export-photos.ts';

const FIXTURE = fileURLToPath(new URL('kill-export.fixture.ts', import.meta.url));
const NAMES = ['cat/00', 'dog/00'];

let base: string;
let program: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'polar-kill-export-')));
  program = await compileFixture(FIXTURE, base);
});
afterEach(() => rm(base, { recursive: true }));

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Photos, two of them of one name, exported by a process that dies before its n-th call. */
async function killed(mode: 'copy' | 'move' | 'link', nth: number) {
  const place = join(base, `${mode}-${nth}`);
  const photos: { path: string; hash: string }[] = [];
  for (const name of NAMES) {
    const path = join(place, 'photos', `${name}.jpg`);
    await mkdir(join(path, '..'), { recursive: true });
    await copyFile(photo(name), path);
    photos.push({ path, hash: hashOf(await readFile(path)) });
  }
  const list = join(place, 'list.json');
  await writeFile(list, JSON.stringify(photos));
  const to = join(place, 'out');
  const child = spawn(process.execPath, [program, list, to, mode, String(nth)], { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal === null) expect(code).toBe(0);
  return { photos, to, isKilled: signal === 'SIGKILL' };
}

const namesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.polar-'));

it.each(['copy', 'move'] as const)(
  'an export (%s) that is killed at any step has lost nothing and nothing half-written, and the next run ends it',
  async (mode) => {
    let kills = 0;
    for (let first = 0, isOver = false; !isOver; first += 4) {
      const runs = await Promise.all([0, 1, 2, 3].map((step) => killed(mode, first + step)));
      for (const { photos, to, isKilled } of runs) {
        if (isKilled) kills++;
        else isOver = true;
        const hashes = new Set(photos.map(({ hash }) => hash));
        for (const name of await namesIn(to))
          expect(hashes).toContain(hashOf(await readFile(join(to, name))));
        const { skipped } = await exportPhotos(photos, to, { mode });
        const names = (await namesIn(to)).sort();
        expect(names).toEqual(['00 (2).jpg', '00.jpg']);
        expect((await readdir(to)).sort()).toEqual(names); // no lock and no partial file
        const there = await Promise.all(names.map(async (name) => hashOf(await readFile(join(to, name)))));
        expect(new Set(there)).toEqual(hashes);
        if (mode !== 'move') expect(skipped).toEqual([]);
        for (const { path } of photos) {
          const stays = (await lstat(path).catch(() => undefined)) !== undefined;
          expect(stays, path).toBe(mode !== 'move');
        }
      }
    }
    expect(kills).toBeGreaterThan(5);
  },
);
