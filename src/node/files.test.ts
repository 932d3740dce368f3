import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeFolder, writeBeside } from './files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-files-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('writes over an older file, makes the folders, and leaves nothing beside', async () => {
  const file = join(folder, 'a', 'b', 'x.txt');
  await writeBeside(file, 'old');
  await writeBeside(file, 'new');
  expect(await readFile(file, 'utf8')).toBe('new');
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['x.txt']);
});

it('lets several write the same file at once: the last one stands, whole', async () => {
  const file = join(folder, 'x.txt');
  const contents = Array.from({ length: 10 }, (_, i) => String(i).repeat(100_000));
  await Promise.all(contents.map((content) => writeBeside(file, content)));
  expect(contents).toContain(await readFile(file, 'utf8'));
  expect(await readdir(folder)).toEqual(['x.txt']);
});

it('lets several make the same folders at once', async () => {
  for (let round = 0; round < 50; round++) {
    const deep = join(folder, String(round), 'a', 'b', 'c');
    await Promise.all(Array.from({ length: 8 }, () => makeFolder(deep)));
  }
});

it('says what cannot be written, in one line, and keeps what was there', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'kept');
  await expect(writeBeside(join(file, 'x'), 'new')).rejects.toThrow(/cannot be written \((EEXIST|ENOTDIR)\)/);
  await expect(writeBeside(folder, 'new')).rejects.toThrow(/cannot be written \(EISDIR|ENOTEMPTY|EEXIST/);
  expect(await readFile(file, 'utf8')).toBe('kept');
  expect(await readdir(folder)).toEqual(['file']);
});

it.runIf(process.platform === 'linux')('ends where a file system never lets a folder be made', async () => {
  await expect(makeFolder('/proc/polar/deep')).rejects.toThrow(/\/proc\/polar: cannot be written \(ENOENT\)/);
});
