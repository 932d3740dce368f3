import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { compileKernel } from './build.ts';

it('the kernel in src/clip is the one that kernel.as gives', async () => {
  const module = await readFile(new URL('../../src/clip/resample-kernel.ts', import.meta.url), 'utf8');
  expect(await compileKernel()).toBe(module);
});
