import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { compileKernel } from './build.ts';

it('the kernel in src/clip/pixels is the one that kernel.as gives', async () => {
  const module = await readFile(new URL('../../src/clip/pixels/resample-kernel.ts', import.meta.url), 'utf8');
  expect(await compileKernel()).toBe(module);
});
