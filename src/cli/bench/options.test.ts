import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { expect, it, vi } from 'vitest';
import type { Benchmark } from '../../benchmarks/index.ts';
import { printTable } from './options.ts';

it('a table in JSON is printed as JSON, over several lines', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polar-table-'));
  let text = '';
  const write = vi.spyOn(stdout, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  await printTable({ benchmark: { dataset: 'conconchi' } as Benchmark, folder }, { json: true });
  write.mockRestore();
  await rm(folder, { recursive: true });
  expect(JSON.parse(text)).toMatchObject({ rows: [] });
  expect(text.split('\n').length).toBeGreaterThan(3);
});
