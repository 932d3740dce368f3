import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { inHome } from '../../node/home.ts';
import { listPlaces } from './where.ts';

afterEach(() => vi.unstubAllEnvs());

it('every place in the home folder is listed, and described in the docs', async () => {
  vi.stubEnv('POLAR_HOME', '/home/of/polar');
  vi.stubEnv('POLAR_INDEX', '');
  const listed = listPlaces().map(({ path }) => path);
  const docs = await readFile(new URL('../../../docs/data.md', import.meta.url), 'utf8');
  for (const path of Object.values(inHome('/home/of/polar'))) {
    expect(listed).toContain(path);
    expect(docs).toMatch(new RegExp(`\`${basename(path)}/?\``));
  }
});
