import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { spawnPolar } from '../../../test/polar.ts';

const polar = (...args: string[]) => spawnPolar(tmpdir(), args);

it('a shell is told commands, their options and what stands below them', async () => {
  const after = async (...words: string[]) =>
    (await polar('complete', '--', ...words)).stdout.split('\n').map((line) => line.split('\t')[0]);
  expect(await after('ex')).toContain('export');
  expect(await after('search', '--re')).toContain('--relevance');
  expect(await after('concepts', '')).toEqual(expect.arrayContaining(['list', 'rename']));
});

it('the script for bash is one that bash reads, and other shells are named', async () => {
  const { code, stdout } = await polar('completion', 'bash');
  expect(code).toBe(0);
  execFileSync('bash', ['-n'], { input: stdout });
  const registered = execFileSync('bash', ['-c', `${stdout}\ncomplete -p polar`]).toString();
  expect(registered).toMatch(/ polar\n$/);
  expect((await polar('completion', 'sh')).stderr).toMatch(/Allowed choices are bash, zsh, fish, powershell/);
});
