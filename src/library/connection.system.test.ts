import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';

const DATABASE = '@lancedb/lancedb';
beforeAll(() => {
  // The real database; only the connections are counted. Modules that other files have loaded know the other one.
  vi.resetModules();
  vi.doMock(DATABASE, async (original) => {
    const actual = await original<typeof import('@lancedb/lancedb')>();
    return { ...actual, connect: vi.fn(actual.connect) };
  });
});
afterAll(() => {
  vi.doUnmock(DATABASE);
  vi.resetModules();
});

it('a store connects once for all that is asked of it, and again where it could not connect', async () => {
  const { connect } = await import(DATABASE);
  const { PhotoStore } = await import('./photo-store.ts');
  const { PhotoTable } = await import('./search.ts');
  const folder = await mkdtemp(join(tmpdir(), 'polar-connection-'));
  const store = new PhotoStore(join(folder, 'library'));
  const model = { id: 'org/model', revision: 'x', dimension: 8 };
  await store.open(model);
  expect(await store.models()).toEqual([]);
  expect(await PhotoTable.find(store, model)).toBeUndefined();
  await expect(PhotoTable.open(store, model)).rejects.toThrow(/no photos are indexed yet/);
  expect(connect).toHaveBeenCalledTimes(1);
  const nowhere = new PhotoStore('nowhere://bucket');
  await expect(nowhere.models()).rejects.toThrow(/nowhere:\/\/bucket: cannot be opened/);
  await expect(nowhere.models()).rejects.toThrow(/nowhere:\/\/bucket: cannot be opened/);
  expect(connect).toHaveBeenCalledTimes(3);
  await rm(folder, { recursive: true });
});
