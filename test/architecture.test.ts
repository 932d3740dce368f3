import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const read = (path: string) => readFile(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');

it('the walk through the code in docs/architecture.md names files and functions that are there', async () => {
  const [, trips] = /^## Four trips\n([\s\S]*?)^## /m.exec(await read('docs/architecture.md'))!;
  const steps = [...trips!.matchAll(/`(src\/[\w/-]+\.ts)`(?: `(\w+)`)?/g)];
  expect(steps.length).toBeGreaterThan(25);
  for (const [, file, name] of steps) {
    const isDeclared = new RegExp(`\\b(?:function|class|const) ${name ?? ''}`);
    expect(await read(file!), `${file} ${name ?? ''}`).toMatch(isDeclared);
  }
});
