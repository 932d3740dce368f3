import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TINY_CLIP } from '../../test/data.ts';
import { shared } from '../../test/shared.ts';
import { loadClip } from '../node/load-clip.ts';
import { openLibrary } from './library.ts';

it('all 158 real photos are indexed, none is skipped, and each one finds itself first', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polar-all-photos-'));
  const clip = await loadClip(TINY_CLIP);
  const library = await openLibrary(folder, clip);
  const summary = await library.index(shared('data/photos'));
  expect(summary).toMatchObject({ found: 158, added: 158, skipped: [] });
  expect(await library.count()).toBe(158);
  const { hits } = await library.search('a dog', { top: 158 });
  expect(new Set(hits.map(({ path }) => path)).size).toBe(158);
  for (const { path } of hits.slice(0, 20)) {
    const [best] = (await library.search('', { like: [path], top: 1 })).hits;
    expect(best).toMatchObject({ path, score: expect.closeTo(1, 3) });
  }
  await clip.close();
  await rm(folder, { recursive: true });
});
