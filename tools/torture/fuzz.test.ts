import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fuzzOnce } from './fuzz.ts';
import { makeReaders, type Reader } from './readers.ts';

// A fixed seed, so that the test says the same on every machine; `npm run torture` goes on from random ones.
const FIRST_SEED = 20_261_126;
const FILES = 20;

let folder: string;
let readers: Reader[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-fuzz-'));
  readers = await makeReaders(folder);
});
afterAll(() => rm(folder, { recursive: true }));

it('every reader takes its sound file', async () => {
  for (const { read, sound } of readers) await read(sound);
  expect(readers.length).toBeGreaterThan(10);
});

it(`every reader takes ${FILES} damaged files, or refuses them in one line, in little time and memory`, async () => {
  for (const reader of readers) {
    // Seed 228 nests a token of the tokenizer 5,000 lists deep, which a message once quoted whole.
    expect(await fuzzOnce(reader, 228)).toBeUndefined();
    for (let i = 0; i < FILES; i++) expect(await fuzzOnce(reader, FIRST_SEED + i)).toBeUndefined();
  }
}, 60_000);
