import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openInMemory } from '../src/library/in-memory.ts';
import { indexPhotos } from '../src/library/index-photos.ts';
import { PhotoStore } from '../src/library/photo-store.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { TINY_CLIP } from '../test/data.ts';
import { pathWithFfmpeg } from '../test/ffmpeg.ts';
import { makeOneOfEverything } from './one-of-everything.ts';

let base: string;
const path = process.env.PATH;
beforeEach(async () => {
  process.env.PATH = pathWithFfmpeg();
  base = await realpath(await mkdtemp(join(tmpdir(), 'polar-everything-')));
});
afterEach(async () => {
  process.env.PATH = path;
  await rm(base, { recursive: true });
});

it('of a folder with one of everything each is taken, or counted with the reason', async () => {
  const folder = join(base, 'everything');
  await makeOneOfEverything(folder);
  const clip = await loadClip(TINY_CLIP);
  const store = new PhotoStore(join(base, 'library'));
  const { found, added, skipped, leftOut, complete } = await indexPhotos(store, clip, folder);
  expect({ found, added, leftOut, complete }).toEqual({
    ...{ found: 31, added: 28, complete: true },
    leftOut: {
      ...{
        format: 2,
        hidden: 1,
        link: 1,
        livePhoto: 1,
        other: 3,
        passedOver: 3,
        raw: 1,
        rawBeside: 1,
        video: 1,
      },
    },
  });
  expect(skipped.map((one) => relative(folder, one.path)).sort()).toEqual([
    ...['others/cut.jpg', 'others/empty.jpg', 'others/words.mp4'],
  ]);
  const library = await openInMemory(store, clip);
  const dates = new Map(library.photos.map((one) => [relative(folder, one.path), one.dateFrom]));
  expect(
    Object.fromEntries([...dates].filter(([name]) => /^dates|exif|Screenshot|a.jpg/.test(name))),
  ).toEqual({
    'dates/IMG_20240131_123456.jpg': 'name',
    'dates/sidecar.jpg': 'xmp',
    'dates/takeout.jpg': 'takeout',
    'formats/Screenshot 2024-01-31 at 12.34.56.jpg': 'name',
    'formats/exif.jpg': 'exif',
    'formats/panorama.jpg': 'file',
  });
  await library.close();
  await clip.close();
});
