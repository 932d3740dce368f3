import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileFixture } from '../../../test/program.ts';
import { CONCEPT } from '../../polar/concept/concept.fixture.ts';
import { ConceptStore } from './concept-store.ts';

const FIXTURE = fileURLToPath(new URL('kill-concept.fixture.ts', import.meta.url));

let base: string;
let program: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'polar-kill-concept-'));
  program = await compileFixture(FIXTURE, base);
});
afterEach(() => rm(base, { recursive: true }));

/** Runs a change that dies before its n-th call, in a folder of its own. */
async function changed(change: string, nth: number): Promise<{ store: ConceptStore; isKilled: boolean }> {
  const folder = join(base, String(nth));
  const store = new ConceptStore(folder);
  await store.save({ ...CONCEPT, name: 'Rex', seed: 1 });
  const child = spawn(process.execPath, [program, folder, change, String(nth)], { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal === null) expect(code).toBe(0);
  return { store, isKilled: signal === 'SIGKILL' };
}

// What the user may find afterwards: each is whole, as before the change or as after it.
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  replace: ['Rex 1', 'Rex 2'],
  remove: ['Rex 1', ''],
  rename: ['Rex 1', 'Bolt 1'],
};

it.each(Object.keys(ALLOWED))(
  'a process killed at any step of a %s loses nothing, says nothing and leaves nothing',
  async (change) => {
    const found = new Set<string>();
    let kills = 0;
    for (let first = 0, isOver = false; !isOver; first += 4) {
      const runs = await Promise.all([0, 1, 2, 3].map((step) => changed(change, first + step)));
      for (const { store, isKilled } of runs) {
        if (isKilled) kills++;
        else isOver = true;
        const lines: string[] = [];
        const list = await store.list((line) => lines.push(line));
        expect(lines).toEqual([]);
        found.add(list.map(({ name, seed }) => `${name} ${seed}`).join(', '));
        // The next changes find no obstacle.
        await store.save({ ...CONCEPT, name: 'Rex', seed: 3 });
        expect((await store.get('Rex')).seed).toBe(3);
        if (await store.has('Bolt')) await store.remove('Bolt');
        expect(await readdir(store.folder)).toEqual(['rex']);
      }
    }
    expect(kills).toBeGreaterThan(5);
    expect([...found].sort()).toEqual([...ALLOWED[change]!].sort());
  },
);
