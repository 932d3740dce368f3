import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TINY_CLIP } from '../../test/data.ts';
import { manyPhoto } from '../../test/many-photos.ts';
import { runPolar } from '../../test/polar.ts';
import { PolarError } from '../errors.ts';
import { type Clip, loadClip } from '../node/load-clip.ts';
import { describeFolders } from './folder-states.ts';
import { listFailed } from './folders.ts';
import { indexPhotos } from './index-photos.ts';
import { PhotoStore } from './photo-store.ts';
import { tableRows } from './rows.fixture.ts';
import { countPhotos, PhotoTable } from './search.ts';

describe('what happens to the files of a library while it is indexed', () => {
  let clip: Clip;
  let base: string;
  let folder: string;
  let store: PhotoStore;
  beforeAll(async () => {
    clip = await loadClip(TINY_CLIP);
  });
  afterAll(async () => {
    await clip.close();
    if (disk === undefined) return;
    execFileSync('umount', [disk]);
    await rm(disk, { recursive: true });
  });
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'polar-safe-'));
    folder = join(base, 'photos');
    store = new PhotoStore(join(base, 'library'));
    await mkdir(folder);
  });
  afterEach(() => rm(base, { recursive: true }));

  const fill = async (count: number) => {
    for (let i = 0; i < count; i++) await writeFile(photo(i), await manyPhoto(i));
  };
  const photo = (i: number) => join(folder, `${String(i).padStart(4, '0')}.jpg`);

  /** Photos that have a row; those of a folder that is away are kept and not shown. */
  const kept = async () => (await store.find(clip))!.countRows('reason IS NULL');

  it('a folder that vanishes: a clear line, what was done is kept, and the next run goes on', async () => {
    await fill(160);
    const vanishing = indexPhotos(store, clip, folder, {
      onProgress: async (done) => {
        if (done === 32) await rename(folder, join(base, 'away'));
      },
    });
    await expect(vanishing).rejects.toThrow(
      /photos: the folder has vanished while it was indexed; what was done is kept, run the command again/,
    );
    const done = await kept();
    expect(done).toBeGreaterThanOrEqual(32);
    expect(done).toBeLessThan(160);
    await expect(indexPhotos(store, clip, folder)).rejects.toThrow(/no such folder; check the path/);
    expect(await kept()).toBe(done);
    await rename(join(base, 'away'), folder);
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ unchanged: done, added: 160 - done });
  });

  it('an empty folder, as where a disk is not mounted, removes no rows, of a share neither', async () => {
    await fill(20);
    await indexPhotos(store, clip, folder);
    await rename(folder, join(base, 'away'));
    await mkdir(folder);
    for (const shard of [undefined, { index: 0, count: 2 }]) {
      await expect(indexPhotos(store, clip, folder, { shard })).rejects.toThrow(/no photos found/);
    }
    expect(await kept()).toBe(20);
  });

  it('a file changed after the folder was listed is indexed as it is when it is read', async () => {
    await fill(64);
    const changing = photo(60); // of the last batch, which is not read yet when the first is done
    await indexPhotos(store, clip, folder, {
      onProgress: async (done) => {
        if (done === 0) await writeFile(changing, await manyPhoto(1000));
      },
    });
    const { size, mtimeMs } = await stat(changing);
    const row = (await tableRows(store.uri, TINY_CLIP)).find(({ path }) => path === changing);
    expect(row).toMatchObject({ size, mtime: Math.round(mtimeMs), reason: null });
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ unchanged: 64, added: 0 });
  });

  it('a file that is being written has the reason, and the next run indexes it', async () => {
    await fill(4);
    let isWriting = true;
    const writer = (async () => {
      for (; isWriting; await setImmediate()) appendFileSync(photo(2), 'x');
    })();
    const summary = await indexPhotos(store, clip, folder);
    isWriting = false;
    await writer;
    expect(summary).toMatchObject({ added: 3, failed: 1 });
    expect(await listFailed(store, clip)).toEqual([
      { path: photo(2), reason: 'is being changed while it is read; index again when that is done' },
    ]);
    expect(await indexPhotos(store, clip, folder)).toMatchObject({ added: 1, unchanged: 3, failed: 0 });
  });

  it('photos of one content share an embedding that is computed once, in the same run and later', async () => {
    await fill(40);
    for (const i of [0, 1, 39]) await copyFile(photo(i), join(folder, `a copy of ${i}.jpg`)); // near and far
    let embedded = 0;
    const counting: Clip = {
      ...clip,
      encodePixels: (pixels, count) => {
        embedded += count;
        return clip.encodePixels(pixels, count);
      },
    };
    expect(await indexPhotos(store, counting, folder)).toMatchObject({ found: 43, added: 40, recognised: 3 });
    expect(embedded).toBe(40);
    await copyFile(photo(5), join(folder, 'later.jpg'));
    expect(await indexPhotos(store, counting, folder)).toMatchObject({ added: 0, recognised: 1 });
    expect(embedded).toBe(40);
    const rows = (await tableRows(store.uri, TINY_CLIP)) as unknown as { path: string; embedding: string }[];
    const of = (name: string) => rows.find(({ path }) => basename(path) === name)!.embedding;
    expect(of('a copy of 39.jpg')).toBe(of('0039.jpg'));
    expect(of('later.jpg')).toBe(of('0005.jpg'));
  });

  it('readers are not disturbed by a writer', async () => {
    await fill(200);
    await indexPhotos(store, clip, folder, { shard: { index: 0, count: 4 } });
    const query = new Float32Array(clip.dimension).fill(1);
    let isIndexing = true;
    const counts: number[] = [];
    const reader = (async () => {
      while (isIndexing) counts.push((await (await PhotoTable.open(store, clip)).search(query, 1000)).length);
    })();
    await indexPhotos(store, clip, folder);
    isIndexing = false;
    await reader;
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts[0]).toBeGreaterThan(0);
    expect((await (await PhotoTable.open(store, clip)).search(query, 1000)).length).toBe(200);
  });

  const disk = mountSmallDisk();
  if (disk === undefined) it.skip('a full disk (skipped: no right to mount a small one)', () => {});
  else {
    it('a disk inside the folder that goes away: its photos are counted, and keep or get their rows', async () => {
      await fill(1);
      const inside = join(folder, 'disk');
      await mkdir(inside);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', inside]);
      for (let i = 0; i < 100; i++) await writeFile(join(inside, `${i}.jpg`), await manyPhoto(i + 1));
      let isAway = false;
      const summary = await indexPhotos(store, clip, folder, {
        onProgress: (done) => {
          if (done < 32 || isAway) return;
          isAway = true;
          execFileSync('umount', ['-l', inside]);
        },
      });
      expect(summary).toMatchObject({ found: 101, removed: 0, complete: false });
      expect(summary.leftOut).toEqual({ away: 101 - summary.added });
      expect(summary.troubles[0]!.reason).toMatch(
        /^its disk went away while it was read; run the command again/,
      );
      expect(summary.failed).toBe(101 - summary.added);
    });
    it('a disk with any room left: a clear line, what was written stays readable, and the next run goes on', async () => {
      await fill(200); // two commits
      const ballast = join(disk, 'ballast');
      const library = join(disk, 'library');
      const outcomes = new Set<string>();
      // From no room up to where all has been written with room to spare, three times.
      for (let pages = 0, done = 0; done < 3; pages += 4) {
        await writeFile(ballast, Buffer.alloc(DISK_BYTES - pages * PAGE_BYTES));
        const full = await indexPhotos(new PhotoStore(library), clip, folder).catch(
          (error: unknown) => error,
        );
        if (!(full instanceof Error)) done++;
        else {
          expect(full, `${pages} pages`).toBeInstanceOf(PolarError);
          expect(full.message).toMatch(/^[^\n]*(no space left on its disk; make room|ENOSPC)[^\n]*$/);
        }
        const small = new PhotoStore(library);
        const found = await small.find(clip);
        const kept = (await found?.countRows('reason IS NULL')) ?? 0;
        outcomes.add(`${full instanceof Error ? 'full' : 'done'}, ${kept} kept`);
        expect(await small.models(), `${pages} pages`).toHaveLength(kept > 0 ? 1 : 0);
        expect(await describeFolders(small)).toBeInstanceOf(Array);
        await rm(ballast);
        expect(await indexPhotos(small, clip, folder)).toMatchObject({ unchanged: kept, added: 200 - kept });
        const names = await readdir(library);
        expect(names.filter((name) => /lock|partial/.test(name))).toEqual([]);
        await rm(library, { recursive: true });
      }
      expect([...outcomes].sort()).toEqual([
        'done, 200 kept',
        'full, 0 kept',
        'full, 128 kept',
        'full, 200 kept',
      ]);
    }, 180_000);
    it('a full disk ends the command with one line, and the next one goes on', async () => {
      await fill(400);
      const ballast = join(disk, 'ballast');
      await writeFile(ballast, Buffer.alloc(DISK_BYTES - 10 * PAGE_BYTES));
      const uri = join(disk, 'library');
      const index = ['index', folder, '--model', TINY_CLIP, '--index', uri, '--json'];
      const full = await runPolar(base, index);
      expect(full).toMatchObject({ code: 1, stdout: '' });
      expect(full.stderr).toMatch(
        /^polar: the index cannot be written: no space left on its disk; make room.*\n$/,
      );
      await rm(ballast);
      const { code, stdout } = await runPolar(base, index);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject([{ found: 400, unchanged: 0, added: 400 }]);
      expect(await countPhotos(new PhotoStore(uri), clip)).toBe(400);
    }, 180_000);
  }
});

const DISK_BYTES = 8 * 2 ** 20;
const PAGE_BYTES = 4096; // a tmpfs gives room by pages

/** A file system of its own of 8 MB, where this process may mount one. */
function mountSmallDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const folder = join(tmpdir(), `polar-small-disk-${process.pid}`);
  try {
    execFileSync('mkdir', ['-p', folder]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch {
    return undefined;
  }
}
