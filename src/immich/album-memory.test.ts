import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { recallAlbum, reconcile, rememberAlbum } from './album-memory.ts';

const memory = (parts: Partial<Parameters<typeof reconcile>[0]>) => ({
  server: 'http://nas',
  name: 'Rex',
  id: 'album',
  added: [],
  pending: [],
  removed: [],
  ...parts,
});

it('what polar put in and is not there any more was taken out by a person', () => {
  const now = reconcile(memory({ added: ['a', 'b'] }), new Set(['b', 'someone']));
  expect([now.added, now.removed]).toEqual([['b'], ['a']]);
});

it('what a killed run was about to put in counts only where it is there', () => {
  const now = reconcile(memory({ added: ['a'], pending: ['b', 'c'] }), new Set(['a', 'b']));
  expect([now.added, now.pending, now.removed]).toEqual([['a', 'b'], [], []]);
});

it('what a person put back is not taken out any more', () => {
  const now = reconcile(memory({ removed: ['a', 'b'] }), new Set(['a']));
  expect(now.removed).toEqual(['b']);
});

it('albums of several servers and names are kept apart, and a damaged memory is never taken for an empty one', async () => {
  const home = await mkdtemp(join(tmpdir(), 'polar-albums-'));
  expect(await recallAlbum(home, 'http://nas', 'Rex')).toBeUndefined();
  await rememberAlbum(home, memory({ added: ['a'] }));
  await rememberAlbum(home, memory({ server: 'http://other', added: ['b'] }));
  await rememberAlbum(home, memory({ added: ['c'] }));
  expect((await recallAlbum(home, 'http://nas', 'Rex'))!.added).toEqual(['c']);
  expect((await recallAlbum(home, 'http://other', 'Rex'))!.added).toEqual(['b']);
  await writeFile(join(home, 'immich-albums.json'), '{"albums":[{}]}');
  await expect(recallAlbum(home, 'http://nas', 'Rex')).rejects.toThrow(/immich-albums.json: damaged/);
  await rm(home, { recursive: true });
});
