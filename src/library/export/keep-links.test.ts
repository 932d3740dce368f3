import { createHash } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeLinkFolder } from './keep-links.ts';

let base: string;
let folder: string;
beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'polar-links-')));
  folder = join(base, 'links');
});
afterEach(() => rm(base, { recursive: true }));

async function photo(name: string) {
  const path = join(base, 'photos', name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, name);
  return { path, hash: createHash('sha256').update(name).digest('hex') };
}
const names = async () => (await readdir(folder)).filter((name) => !name.startsWith('.polar-')).sort();

it('links follow the photos that are wanted, across runs, and nothing else in the folder is touched', async () => {
  const [a, b, other] = [await photo('a.jpg'), await photo('b.jpg'), await photo('other/a.jpg')];
  await mkdir(folder);
  await writeFile(join(folder, 'a.jpg'), 'of a person'); // in the way
  await symlink(b.path, join(folder, 'b.jpg')); // a person's own link, to a photo that is wanted now
  const first = await takeLinkFolder(folder);
  await expect(takeLinkFolder(folder)).rejects.toMatchObject({ code: 'busy' });
  expect(await first.keep([a, b, other])).toMatchObject({ removed: [] });
  expect(await names()).toEqual(['a (2).jpg', 'a (3).jpg', 'a.jpg', 'b.jpg']);
  await first.close();
  const second = await takeLinkFolder(folder);
  const { photos, removed } = await second.keep([other]);
  expect(photos).toEqual([{ path: other.path, to: join(folder, 'a (3).jpg'), state: 'there' }]);
  expect(removed).toEqual([join(folder, 'a (2).jpg')]);
  await second.keep([]);
  await second.close();
  expect(await names()).toEqual(['a.jpg', 'b.jpg']);
  expect(await readFile(join(folder, 'a.jpg'), 'utf8')).toBe('of a person');
});

it('a link that leads elsewhere by now, or was noted by nobody, stays; a damaged note names none', async () => {
  const [a, b] = [await photo('a.jpg'), await photo('b.jpg')];
  const links = await takeLinkFolder(folder);
  await links.keep([a]);
  await rm(join(folder, 'a.jpg'));
  await symlink(b.path, join(folder, 'a.jpg'));
  expect((await links.keep([])).removed).toEqual([]);
  expect(await readlink(join(folder, 'a.jpg'))).toBe(b.path);
  for (const text of ['{', '[]', '{"../photos/a.jpg": 7}', JSON.stringify({ '../photos/b.jpg': b.path })]) {
    await writeFile(join(folder, '.polar-links.json'), text);
    expect((await links.keep([])).removed).toEqual([]);
  }
  await links.close();
  expect(await readdir(join(base, 'photos'))).toEqual(['a.jpg', 'b.jpg']);
});
