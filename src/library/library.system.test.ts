import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cosine } from '../../test/close.ts';
import { golden, PHOTOS, photo, TINY_CLIP } from '../../test/data.ts';
import { rowOf } from '../matrix.ts';
import { polarHome } from '../node/home.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { NOTHING_KNOWN, readCapture } from './capture.ts';
import { writeContactSheet } from './export/contact-sheet.ts';
import type { PhotoFilter } from './filter.ts';
import { listFailed } from './folders.ts';
import { openInMemory } from './in-memory.ts';
import { indexPhotos } from './index-photos.ts';
import { lockStore } from './lock.ts';
import { PhotoStore } from './photo-store.ts';
import { scanPhotos } from './scan.ts';
import { countPhotos, PhotoTable } from './search.ts';

it('the home folder follows the platform and POLAR_HOME', () => {
  expect(polarHome({ POLAR_HOME: '/x' }, 'linux')).toBe('/x');
  expect(polarHome({ XDG_DATA_HOME: '/data' }, 'linux')).toBe(join('/data', 'polar'));
  expect(polarHome({ LOCALAPPDATA: '/local' }, 'win32')).toBe(join('/local', 'polar'));
  expect(polarHome({}, 'darwin')).toMatch(/Application Support/);
});

describe('a photo library', () => {
  let clip: Clip;
  let base: string;
  let folder: string;
  let store: PhotoStore;
  beforeAll(async () => {
    clip = await loadClip(TINY_CLIP);
  });
  afterAll(async () => {
    await clip.close();
    await rm(base, { recursive: true });
  });
  beforeEach(async () => {
    if (base) await rm(base, { recursive: true });
    base = await mkdtemp(join(tmpdir(), 'polar-library-'));
    folder = join(base, 'photos');
    store = new PhotoStore(join(base, 'library'));
    await mkdir(join(folder, 'sub'), { recursive: true });
    await copyFile(photo('dog6/00'), join(folder, 'a.jpg'));
    await copyFile(photo('cat/00'), join(folder, 'sub', 'b.JPG'));
    await copyFile(photo('can/00'), join(folder, "c's.jpg"));
  });

  const paths = async (query = new Float32Array(clip.dimension).fill(1)) =>
    (await (await PhotoTable.open(store, clip)).search(query, 100))
      .map(({ path }) => path.slice(folder.length + 1))
      .sort();

  it('a photo library lists photos, but nothing hidden, no links and no other files', async () => {
    await copyFile(photo('dog6/01'), join(folder, '.hidden.jpg'));
    await mkdir(join(folder, '.trash'));
    await copyFile(photo('dog6/01'), join(folder, '.trash', 'x.jpg'));
    await symlink(photo('dog6/01'), join(folder, 'link.jpg'));
    await symlink(base, join(folder, 'circle'));
    await writeFile(join(folder, 'notes.txt'), 'x');
    await mkdir(join(folder, '@eaDir'));
    await copyFile(photo('dog6/01'), join(folder, '@eaDir', 'thumb.jpg'));
    await mkdir(join(folder, 'Old Backup'));
    await copyFile(photo('dog6/01'), join(folder, 'Old Backup', 'x.jpg'));
    const { photos, unreadable } = await scanPhotos(folder, { skip: ['*backup'] });
    expect(unreadable).toEqual([]);
    expect(photos.map(({ path }) => path.slice(folder.length + 1))).toEqual([
      'a.jpg',
      "c's.jpg",
      'sub/b.JPG',
    ]);
  });

  it('a photo library ranks by the cosine of the embeddings', async () => {
    await indexPhotos(store, clip, folder);
    const embeddings = await clip.encodeImages([photo('dog6/00'), photo('cat/00'), photo('can/00')], {
      shrinkTo: 128,
    });
    const query = rowOf(embeddings, 1);
    const found = await (await PhotoTable.open(store, clip)).search(query, 2);
    expect(found.map(({ path }) => path.slice(folder.length + 1))[0]).toBe('sub/b.JPG');
    expect(found).toHaveLength(2);
    expect(found[0]!.score).toBeCloseTo(1, 5);
    const expected = [0, 2].map((i) => cosine(rowOf(embeddings, i), query));
    expect(found[1]!.score).toBeCloseTo(Math.max(...expected), 5);
    expect(found[0]).toMatchObject({ width: 320, height: 320 });
  });

  it('a photo library shrinks large photos while decoding, with embeddings that stay above a cosine of 0.999', async () => {
    const names = ['photo.jpg', 'photo-small.jpg', 'exif-rotated.jpg', 'gray.jpg'];
    const sources = names.map((name) => golden(`images/${name}`));
    const exact = await clip.encodeImages(sources);
    const shrunk = await clip.encodeImages(sources, { shrinkTo: 128 });
    expect(shrunk.data).not.toEqual(exact.data);
    for (const i of sources.keys()) expect(cosine(rowOf(shrunk, i), rowOf(exact, i))).toBeGreaterThan(0.999);
  });

  it('a photo library searches in memory as it searches the table', async () => {
    await indexPhotos(store, clip, join(PHOTOS, 'dog6'));
    await indexPhotos(store, clip, folder);
    const library = await openInMemory(store, clip);
    const query = Float32Array.from({ length: clip.dimension }, (_, i) => Math.sin(i * i));
    for (const top of [1, 4, 100]) {
      const inMemory = await library.search(query, top);
      const inTable = await (await PhotoTable.open(store, clip)).search(query, top);
      expect(inMemory.map(({ score, ...photo }) => photo)).toEqual(
        inTable.map(({ score, ...photo }) => photo),
      );
      for (const [i, { score }] of inMemory.entries()) expect(score).toBeCloseTo(inTable[i]!.score, 5);
    }
    expect(library.count).toBe(6);
    await library.close();
    const other = { id: 'org/other', revision: 'x', dimension: clip.dimension };
    await expect(openInMemory(store, other)).rejects.toThrow(
      /no photos are indexed with org\/other; run "polar index/,
    );
  });

  it('a photo library knows when and where a photo was taken, and filters by time and folder', async () => {
    const dated = await sharp(photo('vase/00'))
      .withExif({
        IFD0: { Model: 'test' },
        IFD2: { DateTimeOriginal: '2021:06:05 04:03:02' },
        IFD3: {
          GPSLatitudeRef: 'S',
          GPSLatitude: '33/1 30/1 0/1',
          GPSLongitudeRef: 'E',
          GPSLongitude: '151/1 0/1 0/1',
        },
      })
      .jpeg()
      .toBuffer();
    await writeFile(join(folder, 'sub', 'dated.jpg'), dated);
    expect(readCapture(dated)).toEqual({
      taken: Date.UTC(2021, 5, 5, 4, 3, 2),
      latitude: -33.5,
      longitude: 151,
      dateFrom: 'exif',
    });
    expect(readCapture(Buffer.from('no picture'))).toEqual(NOTHING_KNOWN);
    await utimes(join(folder, 'a.jpg'), 0, Date.UTC(2001, 0, 1) / 1000);
    await indexPhotos(store, clip, folder);
    const find = async (filter: PhotoFilter) =>
      (await (await PhotoTable.open(store, clip)).search(new Float32Array(clip.dimension).fill(1), 9, filter))
        .map(({ path }) => path.slice(folder.length + 1))
        .sort();
    const [y2000, y2002, y2022] = [2000, 2002, 2022].map((year) => Date.UTC(year, 0, 1)) as [
      number,
      number,
      number,
    ];
    expect(await find({ before: y2022 })).toEqual(['a.jpg', 'sub/dated.jpg']);
    expect(await find({ after: y2002, before: y2022 })).toEqual(['sub/dated.jpg']);
    expect(await find({ after: y2000, folder: join(folder, 'sub') })).toEqual(['sub/b.JPG', 'sub/dated.jpg']);
    expect(await find({ folder: join(folder, 'su') })).toEqual([]);
  });

  it('a photo library keeps what it knows of a folder that cannot be read just now', async () => {
    await indexPhotos(store, clip, folder);
    const scan = await scanPhotos(folder);
    expect(scan.photos).toHaveLength(3);
    await rename(join(folder, 'sub'), join(base, 'away'));
    await symlink(join(base, 'away'), join(folder, 'sub')); // a link is not followed: the photo is gone
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ removed: 1 });
    expect(await listFailed(store, clip)).toEqual([]);
  });

  it('a photo library reads only what changed: new, changed, renamed, copied and deleted files', async () => {
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ found: 3, added: 3, unchanged: 0 });
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ found: 3, added: 0, unchanged: 3 });
    await rename(join(folder, 'a.jpg'), join(folder, 'sub', 'moved.jpg'));
    await copyFile(photo('cat/00'), join(folder, 'copy.jpg'));
    await copyFile(photo('dog6/02'), join(folder, "c's.jpg")); // other content under the same name
    await utimes(join(folder, 'sub', 'b.JPG'), 1, 1); // touched
    expect(await indexPhotos(store, clip, folder)).toMatchObject({
      found: 4,
      added: 1,
      recognised: 3,
      removed: 1,
      unchanged: 0,
    });
    expect(await countPhotos(store, clip)).toBe(4);
    expect(await paths()).toEqual([
      "c's.jpg",
      expect.stringMatching(/^(copy\.jpg|sub\/b\.JPG)$/),
      'sub/moved.jpg',
    ]);
    await rm(join(folder, "c's.jpg"));
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ removed: 1, unchanged: 3 });
    expect(await countPhotos(store, clip)).toBe(3);
  });

  it('a photo library gives a bad photo a row with the reason and goes on', async () => {
    await writeFile(join(folder, 'bad.jpg'), 'no picture');
    const whole = await readFile(photo('dog6/01'));
    await writeFile(join(folder, 'half.jpg'), whole.subarray(0, whole.length / 2));
    const { added, skipped } = await indexPhotos(store, clip, folder);
    expect(added).toBe(3);
    expect(skipped.map(({ path }) => path.slice(folder.length + 1))).toEqual(['bad.jpg', 'half.jpg']);
    expect(skipped[0]!.reason).toMatch(/^not a picture that can be read/);
    expect(await paths()).toHaveLength(3);
    expect((await listFailed(store, clip)).map(({ reason }) => reason)).toEqual(
      skipped.map(({ reason }) => reason),
    );
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ unchanged: 5, added: 0 });
    await writeFile(join(folder, 'bad.jpg'), whole);
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ added: 1 });
    expect(await paths()).toHaveLength(4);
  });

  it('a photo library keeps what is done when it is stopped, and goes on from there', async () => {
    for (let i = 0; i < 40; i++) await writeFile(join(folder, `n${i}.jpg`), await distinct(i));
    const controller = new AbortController();
    const stopped = indexPhotos(store, clip, folder, {
      signal: controller.signal,
      onProgress: (done) => {
        if (done >= 16) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    const kept = await countPhotos(store, clip);
    expect(kept).toBeGreaterThanOrEqual(16);
    expect(kept).toBeLessThan(43);
    const { added, unchanged } = await indexPhotos(store, clip, folder);
    expect({ added, unchanged }).toEqual({ added: 43 - kept, unchanged: kept });
  });
  // The same photo with different bytes behind its end marker: another hash for each.
  const distinct = async (i: number) => Buffer.concat([await readFile(photo('dog6/00')), Buffer.from([i])]);

  it('a photo library never mixes models, and says what to do about it', async () => {
    await indexPhotos(store, clip, folder);
    const other = { id: 'openai/other', revision: 'abc', dimension: clip.dimension };
    expect(await countPhotos(store, other)).toBe(0);
    await expect(PhotoTable.open(store, other)).rejects.toThrow(
      /no photos are indexed with openai\/other@abc .*; run "polar index <folder> --model openai\/other"/,
    );
    expect(await store.models()).toEqual([
      { id: clip.id, revision: clip.revision, precision: 'full', photos: 3 },
    ]);
    const empty = new PhotoStore(join(base, 'nothing'));
    await expect(PhotoTable.open(empty, clip)).rejects.toThrow(/run "polar index <folder>" first/);
  });

  it('a photo library refuses a second writer, a folder without photos, a file and an absent folder', async () => {
    await mkdir(store.uri, { recursive: true });
    const lock = await lockStore(store);
    await expect(indexPhotos(store, clip, folder)).rejects.toThrow(/another "polar index" is writing here/);
    await lock.release();
    await mkdir(join(base, 'empty'));
    await expect(indexPhotos(store, clip, join(base, 'empty'))).rejects.toThrow(/no photos found/);
    await expect(indexPhotos(store, clip, join(folder, 'a.jpg'))).rejects.toThrow(
      /a file, expected a folder/,
    );
    await expect(indexPhotos(store, clip, join(base, 'absent'))).rejects.toThrow(/no such folder/);
    expect(await readdir(base)).toEqual(['empty', 'library', 'photos']);
  });

  it('a photo library writes a contact sheet that escapes names and survives a photo that has gone', async () => {
    const file = join(base, 'out', 'sheet.html');
    const result = {
      hash: '',
      score: 0.25,
      width: 1,
      height: 1,
      taken: null,
      dateFrom: null,
      at: null,
      copies: 1,
    };
    await writeContactSheet(file, {
      title: '<script>alert(1)</script>',
      note: 'a & b',
      photos: [
        { path: join(folder, 'a.jpg'), ...result },
        { path: join(folder, 'gone"<b>.jpg'), ...result },
      ],
    });
    const html = await readFile(file, 'utf8');
    expect(html).not.toContain('<script>');
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(html).toContain('gone&quot;&lt;b&gt;.jpg');
    expect(html.match(/data:image\/jpeg;base64,/g)).toHaveLength(1);
    expect(await readdir(join(base, 'out'))).toEqual(['sheet.html']);
  });
});
