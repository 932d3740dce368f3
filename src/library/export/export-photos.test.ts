import { createHash } from 'node:crypto';
import {
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAlbumFile } from './album-file.ts';
import type { KnownPhoto } from './copy-file.ts';
import { exportPhotos } from './export-photos.ts';
import { zipPhotos } from './zip-photos.ts';

let base: string;
let target: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'polar-export-')));
  target = join(base, 'out');
});
afterEach(() => rm(base, { recursive: true }));

const TAKEN = Date.UTC(2019, 4, 1, 12, 34, 57);

/** A file of the library with these words in it, as the index knows it. */
async function photo(name: string, words: string): Promise<KnownPhoto> {
  const path = join(base, 'library', name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, words);
  await utimes(path, TAKEN / 1000, TAKEN / 1000);
  return { path, hash: createHash('sha256').update(words).digest('hex') };
}
const holds = async (name: string) => readFile(join(target, name), 'utf8');
const names = async () => (await readdir(target)).sort();

describe('an export into a folder', () => {
  it('an export into a folder keeps photos of one name apart, whatever their case, with their dates, and copies nothing twice', async () => {
    const photos = [
      await photo('a/IMG.jpg', 'one'),
      await photo('b/IMG.jpg', 'two'),
      await photo('c/img.JPG', 'three'),
    ];
    const first = await exportPhotos(photos, target);
    expect(first.photos.map(({ to, state }) => `${basename(to)} ${state}`)).toEqual([
      'IMG.jpg new',
      'IMG (2).jpg new',
      'img (3).JPG new',
    ]);
    expect(await Promise.all(['IMG.jpg', 'IMG (2).jpg', 'img (3).JPG'].map(holds))).toEqual([
      'one',
      'two',
      'three',
    ]);
    expect((await stat(join(target, 'IMG (2).jpg'))).mtimeMs).toBe(TAKEN);
    const again = await exportPhotos([...photos].reverse(), target);
    expect(again.photos.map(({ state }) => state)).toEqual(['there', 'there', 'there']);
    expect(await names()).toEqual(['IMG (2).jpg', 'IMG.jpg', 'img (3).JPG']);
  });

  it('overwrites nothing: another file, a link to somewhere, a folder and a name in another form stay', async () => {
    const outside = join(base, 'outside');
    await mkdir(join(target, 'folder.jpg'), { recursive: true });
    await writeFile(join(target, 'file.jpg'), 'not the photo');
    await symlink(outside, join(target, 'link.jpg'));
    await writeFile(join(target, 'cafe\u0301.jpg'), 'decomposed');
    const given = await Promise.all(
      ['folder.jpg', 'file.jpg', 'link.jpg', 'caf\u00e9.jpg'].map((name) => photo(name, `photo ${name}`)),
    );
    const { photos } = await exportPhotos(given, target);
    expect(photos.map(({ to }) => basename(to))).toEqual([
      'folder (2).jpg',
      'file (2).jpg',
      'link (2).jpg',
      'caf\u00e9 (2).jpg',
    ]);
    expect(await holds('file.jpg')).toBe('not the photo');
    await expect(stat(outside)).rejects.toThrow(/ENOENT/);
  });

  it('an export into a folder leaves out, with the reason, what is gone, was changed, or is a link now, and brings the rest', async () => {
    const [gone, changed, linked, good] = await Promise.all(
      ['gone.jpg', 'changed.jpg', 'linked.jpg', 'good.jpg'].map((name) => photo(name, name)),
    );
    await rm(gone!.path);
    await writeFile(changed!.path, 'another');
    await rename(linked!.path, join(base, 'secret'));
    await symlink(join(base, 'secret'), linked!.path);
    const { photos, skipped } = await exportPhotos([gone!, changed!, linked!, good!], target);
    expect(photos.map(({ to }) => basename(to))).toEqual(['good.jpg']);
    expect(skipped.map(({ reason }) => reason)).toEqual([
      'no such file; check the path',
      'has changed since it was indexed; run polar index, then this again',
      'a link or no file, expected the photo that was indexed; run polar index',
    ]);
    expect(await names()).toEqual(['good.jpg']);
  });

  it('a dry run says the same and touches nothing', async () => {
    const photos = [await photo('a/x.jpg', 'one'), await photo('b/x.jpg', 'two')];
    const dry = await exportPhotos(photos, target, { mode: 'move', dryRun: true });
    await expect(stat(target)).rejects.toThrow(/ENOENT/);
    expect(await exportPhotos(photos, target, { mode: 'move' })).toEqual(dry);
  });

  it('links lead to the photos, and a second run finds its own', async () => {
    const one = await photo('one.jpg', 'one');
    await exportPhotos([one], target, { mode: 'link' });
    expect(await readlink(join(target, 'one.jpg'))).toBe(one.path);
    const { photos } = await exportPhotos([one], target, { mode: 'link' });
    expect(photos).toEqual([{ path: one.path, to: join(target, 'one.jpg'), state: 'there' }]);
  });

  it('a move ends what a killed one began, and never removes the only name of a photo', async () => {
    const [whole, begun, copied, inPlace] = await Promise.all(
      ['whole.jpg', 'begun.jpg', 'copied.jpg', 'in-place.jpg'].map((name) => photo(name, name)),
    );
    await mkdir(target);
    await link(begun!.path, join(target, 'begun.jpg')); // killed between the two names, on one disk
    await writeFile(join(target, 'copied.jpg'), 'copied.jpg'); // and between two disks
    await writeFile(join(target, '.polar-00000000-0000-4000-8000-000000000000.partial'), 'half');
    await exportPhotos([whole!, begun!, copied!], target, { mode: 'move' });
    expect(await names()).toEqual(['begun.jpg', 'copied.jpg', 'whole.jpg']);
    expect((await stat(join(target, 'whole.jpg'))).mtimeMs).toBe(TAKEN);
    const library = join(base, 'library');
    expect(await readdir(library)).toEqual(['in-place.jpg']);
    await symlink(library, join(base, 'alias'));
    const { photos } = await exportPhotos([inPlace!], join(base, 'alias'), { mode: 'move' });
    expect(photos).toEqual([{ path: inPlace!.path, to: inPlace!.path, state: 'there' }]);
    expect(await readdir(library)).toEqual(['in-place.jpg']);
  });

  it('an export into a folder refuses a folder that cannot be written, and a file, in one line', async () => {
    const one = await photo('one.jpg', 'one');
    await expect(exportPhotos([one], '/proc/polar')).rejects.toThrow(
      /^\/proc\/polar: cannot be written \(ENOENT\)/,
    );
    await writeFile(target, 'a file');
    await expect(exportPhotos([one], target)).rejects.toThrow(/out: cannot be written \(EEXIST\)/);
    expect((await lstat(one.path)).isFile()).toBe(true);
  });

  it('an export into a folder cuts a name whose number would not fit, between characters', async () => {
    const long = `${'ü'.repeat(125)}.jpg`; // 254 bytes
    const given = [await photo(`a/${long}`, 'one'), await photo(`b/${long}`, 'two')];
    const { photos } = await exportPhotos(given, target);
    expect(photos.map(({ to }) => basename(to))).toEqual([long, `${'ü'.repeat(123)} (2).jpg`]);
  });
});

describe('an export into one file', () => {
  it('a zip archive holds every photo under a name of its own, overwrites nothing and is whole or not there', async () => {
    const photos = [
      await photo('a/x.jpg', 'one'),
      await photo('b/X.jpg', 'two'),
      await photo('c/z.jpg', 'gone'),
    ];
    await rm(photos[2]!.path);
    const file = join(target, 'rex.zip');
    const { photos: written, skipped } = await zipPhotos(photos, file);
    expect(written.map(({ to }) => to)).toEqual(['x.jpg', 'X (2).jpg']);
    expect(skipped).toEqual([{ path: photos[2]!.path, reason: 'no such file; check the path' }]);
    const entries = Object.entries(unzipSync(await readFile(file)));
    expect(entries.map(([name, bytes]) => `${name} ${Buffer.from(bytes)}`)).toEqual([
      'x.jpg one',
      'X (2).jpg two',
    ]);
    expect(await names()).toEqual(['rex.zip']);
    await expect(zipPhotos(photos, file)).rejects.toThrow(/rex\.zip: exists already/);
    const stopped = zipPhotos(photos, join(target, 'other.zip'), { signal: AbortSignal.abort() });
    await expect(stopped).rejects.toThrow(/aborted/);
    expect(await names()).toEqual(['rex.zip']);
  });

  it('a list is replaced if polar wrote it, and names no path with a line break', async () => {
    const file = join(base, 'rex.m3u8');
    await writeAlbumFile(['/a/one.jpg', '/a/two\nlines.jpg'], file, { title: 'Rex\nin the snow' });
    const list = '#EXTM3U\n#POLAR-ALBUM\n#PLAYLIST:Rex in the snow\n#EXTINF:-1,one.jpg\n/a/one.jpg\n';
    expect(await readFile(file, 'utf8')).toBe(list);
    const { photos } = await writeAlbumFile(['/a/three.jpg'], file, { title: 'Rex' });
    expect(photos).toEqual(['/a/three.jpg']);
    await writeFile(file, '#EXTM3U\n/music.mp3\n');
    await expect(writeAlbumFile([], file, { title: 'Rex' })).rejects.toThrow(/is no list that polar wrote/);
  });
});
