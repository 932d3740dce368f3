import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { madeOnce } from './made-once.ts';

let folder: string;
let cache: string;
let source: string;
let made: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-made-'));
  cache = join(folder, 'cache');
  source = join(folder, 'world.json');
  made = 0;
  await writeFile(source, 'a small world');
});
afterEach(() => rm(folder, { recursive: true }));

const make = async (into: string) => {
  made += 1;
  await writeFile(join(into, 'picture'), `drawn from ${await readFile(source, 'utf8')}`);
};
const pictureIn = (place: string) => readFile(join(place, 'picture'), 'utf8');

it('makes a folder once, and again from a source that has changed', async () => {
  const first = await madeOnce(cache, [source], make);
  expect(await madeOnce(cache, [source], make)).toBe(first);
  expect(made).toBe(1);
  await writeFile(source, 'a large world');
  expect(await pictureIn(await madeOnce(cache, [source], make))).toBe('drawn from a large world');
  expect(made).toBe(2);
});

it('gives several who want it at once the same whole folder, and leaves nothing else', async () => {
  const places = await Promise.all([1, 2, 3].map(() => madeOnce(cache, [source], make)));
  expect(new Set(places).size).toBe(1);
  expect(await pictureIn(places[0]!)).toBe('drawn from a small world');
  expect(await readdir(cache)).toHaveLength(1);
});

it('keeps nothing of a folder that was not finished', async () => {
  const failing = async (into: string) => {
    await make(into);
    throw new Error('the disk is full');
  };
  await expect(madeOnce(cache, [source], failing)).rejects.toThrow('the disk is full');
  expect(await readdir(cache)).toEqual([]);
  expect(await pictureIn(await madeOnce(cache, [source], make))).toBe('drawn from a small world');
});
