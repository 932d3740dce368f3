import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TINY_CLIP } from '../../test/data.ts';
import { loadClip } from './load-clip.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-tokenizer-'));
  await cp(TINY_CLIP, folder, { recursive: true });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const TEXTS = ['sks dog in the snow'];

it('models that are open with one tokenizer.json read it once, and another one where the file has changed', async () => {
  const parse = vi.spyOn(JSON, 'parse');
  const read = () => parse.mock.calls.filter(([text]) => text.length > 1_000_000).length;
  const first = await loadClip(folder);
  const second = await loadClip(folder);
  expect(read()).toBe(1);
  expect(second.tokenize(TEXTS)).toEqual(first.tokenize(TEXTS));

  const file = join(folder, 'tokenizer.json');
  const json = JSON.parse(await readFile(file, 'utf8'));
  const { vocab } = json.model;
  [vocab['dog</w>'], vocab['cat</w>']] = [vocab['cat</w>'], vocab['dog</w>']];
  await writeFile(file, JSON.stringify(json));
  const changed = await loadClip(folder);
  expect(changed.tokenize(TEXTS)).toEqual(first.tokenize(['sks cat in the snow']));
  expect(changed.tokenize(TEXTS)).not.toEqual(first.tokenize(TEXTS));
  for (const clip of [first, second, changed]) await clip.close();
});
