import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkBinaries, platformOf } from './binaries.ts';

const here = `${process.platform}-${process.arch}`;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-binaries-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A header with these numbers: where, how many bytes, what. */
function header(...numbers: readonly (readonly [at: number, bytes: number, value: number])[]): Buffer {
  const made = Buffer.alloc(256);
  for (const [at, bytes, value] of numbers) made.writeUIntLE(value, at, bytes);
  return made;
}

it.each([
  ['linux-x64', header([0, 4, 0x464c457f], [18, 2, 0x3e])],
  ['linux-arm64', header([0, 4, 0x464c457f], [18, 2, 0xb7])],
  ['linux-another processor', header([0, 4, 0x464c457f], [18, 2, 0xf3])],
  ['darwin-arm64', header([0, 4, 0xfeedfacf], [4, 4, 0x0100000c])],
  ['darwin-x64', header([0, 4, 0xfeedfacf], [4, 4, 0x01000007])],
  ['win32-x64', header([0, 2, 0x5a4d], [60, 4, 128], [128, 4, 0x4550], [132, 2, 0x8664])],
  ['win32-arm64', header([0, 2, 0x5a4d], [60, 4, 128], [128, 4, 0x4550], [132, 2, 0xaa64])],
  [undefined, header([0, 2, 0x5a4d], [60, 4, 0xffffffff])],
  [undefined, Buffer.from('#!/bin/sh')],
])('a binary is known by its header: %s', (platform, bytes) => {
  expect(platformOf(bytes)).toBe(platform);
});

it('a folder with a binary of another platform, or with none, is refused by name', async () => {
  await expect(checkBinaries(folder, here)).rejects.toThrow('no binary in it');
  await copyFile(process.execPath, join(folder, 'node'));
  await writeFile(join(folder, 'notes.txt'), 'no binary');
  expect(await checkBinaries(folder, here)).toEqual(['node']);
  const other = header([0, 4, 0xfeedfacf], [4, 4, 0x01000007]);
  await writeFile(join(folder, 'engine.node'), other);
  const expected = here === 'darwin-x64' ? 'win32-x64' : here;
  if (expected !== here) await rm(join(folder, 'node'));
  await expect(checkBinaries(folder, expected)).rejects.toThrow(
    `engine.node: a binary for darwin-x64, expected ${expected}`,
  );
});
