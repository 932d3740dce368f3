import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConceptStore } from '../../src/node/concepts/concept-store.ts';
import { CONCEPT } from '../../src/polar/concept/concept.fixture.ts';

const fixture = fileURLToPath(new URL('../../src/node/concepts/kill-concept.fixture.ts', import.meta.url));
const CALLS = ['mkdir', 'rename', 'unlink', 'unlinkat', 'rmdir', 'openat', 'write', 'pwrite64'] as const;
// Node itself opens and writes hundreds of files before and after; only every nth of those calls is tried.
const STRIDE: Partial<Record<(typeof CALLS)[number], number>> = { openat: 37, write: 23, pwrite64: 3 };
// What the user may find afterwards, by change.
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  replace: ['Rex 1', 'Rex 2'],
  remove: ['Rex 1', ''],
  rename: ['Rex 1', 'Bolt 1'],
};

/** Kills changes of concepts at system calls (with strace) and tells what is lost, damaged or left behind. */
export async function killAtSystemCalls(base: string, say: (line: string) => void): Promise<string[]> {
  if (spawnSync('strace', ['--version']).status !== 0) {
    say('kills at system calls: left out, strace is not installed');
    return [];
  }
  const problems: string[] = [];
  let kills = 0;
  for (const [change, allowed] of Object.entries(ALLOWED)) {
    for (const call of CALLS) {
      for (let nth = 1, isKilled = true; isKilled; nth += STRIDE[call] ?? 1) {
        const folder = join(base, `${change}-${call}-${nth}`);
        const store = new ConceptStore(folder);
        await store.save({ ...CONCEPT, name: 'Rex', seed: 1 });
        const inject = `inject=${call}:signal=KILL:when=${nth}`;
        const args = ['-f', '-qq', '-o', '/dev/null', '-e', inject];
        const polar = [
          process.execPath,
          '--import',
          'tsx',
          fixture,
          folder,
          change,
          String(Number.MAX_SAFE_INTEGER),
        ];
        const { status, signal } = spawnSync('strace', [...args, ...polar], { stdio: 'ignore' });
        isKilled = signal === 'SIGKILL' || status === 137;
        if (isKilled) kills++;
        const lines: string[] = [];
        const found = (await store.list((line) => lines.push(line))).map(
          ({ name, seed }) => `${name} ${seed}`,
        );
        if (!allowed.includes(found.join(', '))) lines.push(`there is "${found.join(', ')}"`);
        await store.save({ ...CONCEPT, name: 'Rex', seed: 3 }).catch((error) => lines.push(String(error)));
        const rest = (await readdir(folder)).filter((name) => name !== 'rex' && name !== 'bolt');
        if (rest.length > 0) lines.push(`left behind: ${rest.join(', ')}`);
        problems.push(...lines.map((line) => `${change}, killed at ${call} ${nth}: ${line}`));
      }
    }
  }
  say(`${kills} kills at system calls`);
  return problems;
}
