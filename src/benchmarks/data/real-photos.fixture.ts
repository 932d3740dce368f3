import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { shared } from '../../../test/shared.ts';
import type { ThingPhotos } from './data-sets.fixture.ts';

const inShared = (picture: string): string => shared(join('data/photos', picture));

/** The model that the reference figures of `protocol/reference.fixture.json` were computed with. */
export const REFERENCE_CLIP = shared('golden/tiny-clip');

/** The photos that those figures were computed on. */
export const REAL_PHOTOS: ThingPhotos = {
  learnt: ['dog', 'dog6', 'backpack', 'vase', 'teapot', 'rc_car'],
  classes: ['dog', 'dog', 'backpack', 'vase', 'teapot', 'toy'],
  beside: ['cat', 'cat2', 'can', 'candle', 'clock', 'duck_toy'],
  negatives: ['robot_toy', 'fancy_boot', 'poop_emoji'],
  worn: ['dog', 'dog3', 'backpack', 'teapot', 'vase', 'fancy_boot'],
  async list(thing) {
    return (await readdir(inShared(thing))).sort().map((name) => join(thing, name));
  },
  put: (picture, file) => cp(inShared(picture), file),
};

/** The real DeepFashion2 annotations; each of their images is one of our photos, which repeat. */
export async function standInPhotos(path: string): Promise<void> {
  await cp(shared('data/pervl'), path, { recursive: true });
  const names = new Set<string>();
  for (const file of [
    'test_fsl_train.txt',
    'validation_fsl_train.txt',
    'test_captions.csv',
    'validation_captions.csv',
  ]) {
    for (const [name] of (await readFile(join(path, file), 'utf8')).matchAll(/\d{6}\.jpg/g)) names.add(name);
  }
  const folders = await readdir(inShared(''), { withFileTypes: true });
  const photos = (
    await Promise.all(
      folders.filter((entry) => entry.isDirectory()).map((entry) => REAL_PHOTOS.list(entry.name)),
    )
  ).flat();
  photos.sort();
  await mkdir(join(path, 'train', 'image'), { recursive: true });
  for (const [index, name] of [...names].sort().entries()) {
    const photo = photos[(index * 7) % photos.length]!;
    await symlink(inShared(photo), join(path, 'train', 'image', name));
  }
}
