import { execFileSync } from 'node:child_process';
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { photo, TINY_CLIP } from '../../test/data.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { describeFolders, forget } from './folder-states.ts';
import { listFailed, listFolders } from './folders.ts';
import { indexPhotos } from './index-photos.ts';
import { PhotoStore } from './photo-store.ts';
import { scanPhotos } from './scan.ts';
import { PhotoTable } from './search.ts';

const NOBODY = 65_534;

/** Does what root may not be refused as somebody who may. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid!(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

describe('everything in a folder is indexed, or counted with the reason', () => {
  let clip: Clip;
  let base: string;
  let folder: string;
  let store: PhotoStore;
  beforeAll(async () => {
    clip = await loadClip(TINY_CLIP);
  });
  afterAll(() => clip.close());
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'polar-left-out-'));
    folder = join(base, 'photos');
    store = new PhotoStore(join(base, 'library'));
    await mkdir(join(folder, 'trip'), { recursive: true });
    await copyFile(photo('dog6/00'), join(folder, 'dog.jpg'));
    await copyFile(photo('cat/00'), join(folder, 'trip', 'cat.jpe'));
    if (process.getuid?.() === 0) {
      for (const path of [base, folder, join(folder, 'trip')]) await chown(path, NOBODY, NOBODY);
    }
  });
  afterEach(() => rm(base, { recursive: true }));

  const index = (path = folder, skip: readonly string[] = []) => indexPhotos(store, clip, path, { skip });
  const found = async () => {
    const photos = await PhotoTable.open(store, clip);
    const hits = await photos.search(new Float32Array(clip.dimension).fill(1), 100);
    return hits.map(({ path }) => path.slice(base.length + 1)).sort();
  };

  it('videos, RAW photos, other pictures, links, hidden and skipped folders have a count each', async () => {
    for (const name of ['a.WMV', 'b.mts', 'c.X3F', 'd.bmp', 'e.txt', 'no extension', '.hidden.jpg']) {
      await writeFile(join(folder, name), 'x');
    }
    await symlink(photo('dog6/00'), join(folder, 'link.jpg'));
    for (const name of ['@eaDir', 'Previews.lrdata', 'old']) await mkdir(join(folder, name));
    const summary = await index(folder, ['old']);
    expect(summary).toMatchObject({ found: 2, added: 2, failed: 0, troubles: [], complete: true });
    expect(summary.leftOut).toEqual({
      video: 2,
      raw: 1,
      format: 1,
      other: 2,
      hidden: 1,
      link: 1,
      passedOver: 3,
    });
    expect(await listFolders(store, clip)).toMatchObject([
      { path: folder, skip: ['old'], leftOut: summary.leftOut, troubles: [], read: expect.any(Number) },
    ]);
  });

  it("a library of Apple's Photos gives its originals once", async () => {
    const library = join(folder, 'My.photoslibrary');
    for (const inner of ['originals/0', 'resources/derivatives/0', 'database', 'private']) {
      await mkdir(join(library, inner), { recursive: true });
      await copyFile(photo('can/00'), join(library, inner, 'x.jpeg'));
    }
    const { photos, leftOut } = await scanPhotos(folder);
    expect(photos.map(({ path }) => path.slice(folder.length + 1))).toEqual([
      'My.photoslibrary/originals/0/x.jpeg',
      'dog.jpg',
      'trip/cat.jpe',
    ]);
    expect(leftOut.counts).toEqual({ passedOver: 3 });
    expect((await scanPhotos(library)).photos).toHaveLength(1);
  });

  it('names that are not UTF-8 and paths that are too long are troubles, with what to do', async () => {
    const bad = Buffer.concat([
      Buffer.from(`${folder}/`),
      Buffer.from([0x66, 0xfc, 0x72]),
      Buffer.from('.jpg'),
    ]);
    await writeFile(bad, await readFile(photo('can/00')));
    const script = `import os, shutil, sys
os.chdir(sys.argv[1])
for _ in range(20):
    os.mkdir('d' * 250); os.chdir('d' * 250)
open('deep.jpg', 'w').close()`;
    execFileSync('python3', ['-c', script, folder]);
    const summary = await index();
    expect(summary).toMatchObject({ found: 2, added: 2, complete: false, leftOut: { name: 1, path: 1 } });
    expect(summary.troubles.map(({ reason }) => reason)).toEqual([
      'its path is longer than the system can open; shorten the names of its folders',
      'its name is not UTF-8, so it cannot be indexed; rename it',
    ]);
    expect(await listFailed(store, clip)).toEqual(
      [...summary.troubles].sort((a, b) => (a.path < b.path ? -1 : 1)),
    );
    execFileSync('rm', ['-rf', folder]);
  });

  it('a photo without permission is read when it may be, and one that was known stays known', async () => {
    await index();
    const known = join(folder, 'dog.jpg');
    const fresh = join(folder, 'new.jpg');
    await copyFile(photo('can/00'), fresh);
    await copyFile(photo('vase/00'), known); // changed since, too
    for (const path of [known, fresh]) await chmod(path, 0);
    await asNobodyOwns();
    const refused = await asNobody(() => index());
    expect(refused).toMatchObject({
      added: 0,
      removed: 0,
      failed: 2,
      complete: false,
      leftOut: { unreadable: 2 },
    });
    expect(refused.skipped.map(({ reason }) => reason)).toEqual(
      Array(2).fill('cannot be read (EACCES); check its permissions'),
    );
    expect(await found()).toEqual(['photos/dog.jpg', 'photos/trip/cat.jpe']);
    expect((await listFailed(store, clip)).map(({ path }) => path)).toEqual([known, fresh]);
    for (const path of [known, fresh]) await chmod(path, 0o644);
    expect(await asNobody(() => index())).toMatchObject({ failed: 0, complete: true, unchanged: 1 });
    expect(await listFailed(store, clip)).toEqual([]);
    expect(await found()).toHaveLength(3);
  });

  it('a folder without permission keeps its rows, and is said to be left out', async () => {
    await index();
    await chmod(join(folder, 'trip'), 0);
    await asNobodyOwns();
    const refused = await asNobody(() => index());
    expect(refused).toMatchObject({ found: 1, removed: 0, complete: false, leftOut: { unreadable: 1 } });
    expect(refused.troubles).toEqual([
      { path: join(folder, 'trip'), reason: 'cannot be read (EACCES); check its permissions' },
    ]);
    await chmod(join(folder, 'trip'), 0o755);
    expect(await asNobody(() => index())).toMatchObject({ unchanged: 2, complete: true, leftOut: {} });
  });

  const asNobodyOwns = async () => {
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, store.uri]);
  };

  it('a date that was corrected in place is noticed, with the same size and time of change', async () => {
    const path = join(folder, 'dated.jpg');
    const dated = (date: string) =>
      sharp(photo('vase/00'))
        .withExif({ IFD2: { DateTimeOriginal: date } })
        .jpeg()
        .toBuffer();
    await writeFile(path, await dated('2021:06:05 04:03:02'));
    const { size, mtime } = await stat(path);
    await index();
    await writeFile(path, await dated('2011:06:05 04:03:02'));
    await utimes(path, mtime, mtime);
    expect(await stat(path)).toMatchObject({ size, mtime });
    expect(await index()).toMatchObject({ added: 1, unchanged: 2 });
    const photos = await PhotoTable.open(store, clip);
    const before = { before: Date.UTC(2012, 0) };
    expect(await photos.search(new Float32Array(clip.dimension).fill(1), 9, before)).toMatchObject([
      { path },
    ]);
  });

  it('after a move no photo is shown twice, and the old folder says where it has gone', async () => {
    await index();
    const moved = join(base, 'pictures');
    await rename(folder, moved);
    expect(await describeFolders(store)).toMatchObject([
      { path: folder, missing: true, movedTo: moved, photos: 2 },
    ]);
    await expect(PhotoTable.open(store, clip)).rejects.toThrow(
      /2 photos are indexed, all in folders that are missing \(.*photos\); "polar folders" says more/,
    );
    expect(await index(moved)).toMatchObject({ added: 0, recognised: 2 });
    expect(await found()).toEqual(['pictures/dog.jpg', 'pictures/trip/cat.jpe']);
    expect(await describeFolders(store)).toMatchObject([
      { path: folder, missing: true, movedTo: moved },
      { path: moved, missing: false, movedTo: null },
    ]);
    expect(await forget(store, folder)).toBe(2);
    expect((await describeFolders(store)).map(({ path }) => path)).toEqual([moved]);
    await rename(moved, folder);
    expect(await index(folder)).toMatchObject({ recognised: 2 });
  });

  it('a photo that was moved to another folder has one row at once', async () => {
    const other = join(base, 'other');
    await mkdir(other);
    await index();
    await rename(join(folder, 'trip', 'cat.jpe'), join(other, 'cat.jpe'));
    expect(await index(other)).toMatchObject({ recognised: 1, removed: 1 });
    expect(await found()).toEqual(['other/cat.jpe', 'photos/dog.jpg']);
  });

  it('a photo that was deleted since is not shown', async () => {
    await index();
    await rm(join(folder, 'dog.jpg'));
    expect(await found()).toEqual(['photos/trip/cat.jpe']);
  });

  it('what is taken out stays out, until it is asked for by its own name', async () => {
    await index();
    expect(await forget(store, join(folder, 'dog.jpg'))).toBe(1);
    expect(await forget(store, join(folder, 'trip'))).toBe(1);
    await copyFile(photo('can/00'), join(folder, 'can.jpg'));
    expect(await index()).toMatchObject({ found: 1, added: 1, leftOut: { takenOut: 2 } });
    expect(await found()).toEqual(['photos/can.jpg']);
    expect(await index(join(folder, 'trip'))).toMatchObject({ added: 1 });
    expect(await index()).toMatchObject({ found: 2, leftOut: { takenOut: 1 } });
    expect((await listFolders(store, clip)).map(({ path }) => path)).toEqual([folder]);
    await expect(forget(store, join(base, 'never'))).rejects.toThrow(
      /never: not in the index; "polar folders"/,
    );
    expect(await forget(store, folder)).toBe(2);
    expect(await describeFolders(store)).toEqual([]);
  });

  it('copies of one picture stand once, with their number', async () => {
    for (let i = 0; i < 25; i++) await copyFile(photo('dog6/00'), join(folder, `copy ${i}.jpg`));
    await copyFile(photo('can/00'), join(folder, 'can.jpg'));
    await index();
    const photos = await PhotoTable.open(store, clip);
    const query = new Float32Array(clip.dimension).fill(1);
    for (const top of [1, 2, 3, 20]) {
      const hits = await photos.search(query, top);
      expect(hits.map(({ copies }) => copies).sort((a, b) => a - b)).toHaveLength(Math.min(3, top));
      expect(new Set(hits.map(({ hash }) => hash)).size).toBe(hits.length);
      for (const { path, copies } of hits) expect(copies).toBe(/copy|dog/.test(path) ? 26 : 1);
    }
  });
});
