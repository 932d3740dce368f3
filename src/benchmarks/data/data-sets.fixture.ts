import { cp, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shared } from '../../../test/shared.ts';

/** The parity model: random weights, real architecture. */
export const TINY_CLIP = shared('golden/tiny-clip');

const CONCEPTS = ['dog', 'dog6', 'backpack', 'vase', 'teapot', 'rc_car'];
const CLASSES = ['dog', 'dog', 'backpack', 'vase', 'teapot', 'toy'];

async function photosOf(concept: string): Promise<string[]> {
  return (await readdir(shared(`data/photos/${concept}`))).sort().map((name) => join(concept, name));
}

/** A temporary folder for one test file. */
export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'polar-bench-'));

/**
 * A small data set of real photos in ConCon-Chi's layout: three training photos of each of six things, the rest
 * and six negatives as the pool, queries with one and with two concepts, additional ground truth in and outside
 * the pool.
 */
export async function makeConConChi(path: string): Promise<void> {
  const images = join(path, 'data', 'images');
  await mkdir(join(path, 'data', 'annotations'), { recursive: true });
  await mkdir(images, { recursive: true });
  const copy = async (photo: string): Promise<string> => {
    const name = photo.replace(/[/\\]/, '_');
    await cp(shared(join('data/photos', photo)), join(images, name));
    return name;
  };
  const train: object[] = [];
  const test: object[] = [];
  const row = (LABEL: string, CONCEPTS: number[], GTS: string[], additional: string[], KIND: string) => ({
    LABEL,
    CONCEPTS,
    GTS,
    'ADDITIONAL GTS': additional,
    KIND,
    ENV: 'indoor',
  });
  const own: string[][] = [];
  for (const [concept, name] of CONCEPTS.entries()) {
    const photos = await Promise.all((await photosOf(name)).map(copy));
    train.push(row('*', [concept], photos.slice(0, 3), [], 'train'));
    own.push(photos.slice(3));
  }
  for (const [concept, [first, ...others]] of own.entries()) {
    const other = (concept + 1) % CONCEPTS.length;
    test.push(row('* on the floor', [concept], [first!], [...others, 'not_in_the_pool.jpg'], 'context'));
    if (others.length > 0) test.push(row('a close photo of *', [concept], others, [], 'context'));
    const both = await Promise.all([
      copy(join(['cat', 'cat2', 'can', 'candle', 'clock', 'duck_toy'][concept]!, '00.jpg')),
    ]);
    test.push(row('* next to * in a room', [concept, other], both, [first!], 'context'));
  }
  for (const name of ['robot_toy', 'fancy_boot', 'poop_emoji']) {
    test.push(
      row('a thing', [], await Promise.all((await photosOf(name)).slice(0, 2).map(copy)), [], 'negative'),
    );
  }
  const concepts = CLASSES.map((coarse) => ({ coarse }));
  const write = (file: string, data: object[]) =>
    writeFile(
      join(path, 'data', 'annotations', file),
      JSON.stringify({ concepts, max_gts: 4, max_concepts: 2, data }),
    );
  await write('train.json', train);
  await write('test.json', test);
  const pool = test.flatMap((item) => (item as { GTS: string[] }).GTS);
  const captions = pool.map((name, index) => [
    `data/images/${name}`,
    `${index % 3 === 0 ? 'My' : `Number ${index}, a`} ${name.split('_')[0]?.replace(/\d/, '')} in a photo.`,
  ]);
  await writeFile(join(path, 'captions.json'), JSON.stringify(Object.fromEntries(captions)));
}

/** A small data set of real photos in DeepFashion2's layout: four things, and a caption with a comma. */
export async function makeDeepFashion2(path: string): Promise<void> {
  const images = join(path, 'train', 'image');
  await mkdir(images, { recursive: true });
  const things = ['dog', 'dog3', 'backpack', 'teapot', 'vase', 'fancy_boot'];
  const sentences = [
    'a person stands on grass, facing left.',
    'the person is in a room.',
    'a person and another person sit on a chair.',
  ];
  const train: string[] = [];
  const captions: string[] = [];
  const classes: string[] = [];
  for (const [index, thing] of things.entries()) {
    const code = 1000 + 7 * index;
    const photos = await photosOf(thing);
    const names = photos.map((_, i) => `${String(index * 10 + i).padStart(6, '0')}.jpg`);
    for (const [i, photo] of photos.entries())
      await cp(shared(join('data/photos', photo)), join(images, names[i]!));
    const held = 2;
    train.push([`codes_infer/${code}:`, ...names.slice(0, photos.length - held)].join('\n'));
    classes.push(`${code},${thing.replace(/\d/, '').replace('_', ' ')}`);
    names.slice(photos.length - held).forEach((name, i) => {
      captions.push(`train/image/${name},${code},"${sentences[(index + i) % sentences.length]}"`);
    });
  }
  const header = 'image_name,pair_id,caption';
  await writeFile(
    join(path, 'train_coarse_grained_names.csv'),
    ['unique_pair_ids,pair_id_categories', ...classes].join('\n'),
  );
  await writeFile(
    join(path, 'shortened_deepfashion2_captions.csv'),
    [header, ...[...captions].reverse()].join('\n'),
  );
  for (const split of ['test', 'validation']) {
    await writeFile(join(path, `${split}_fsl_train.txt`), `${train.join('\n\n')}\n`);
    await writeFile(join(path, `${split}_captions.csv`), [header, ...captions].join('\n'));
  }
}

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
  const folders = await readdir(shared('data/photos'), { withFileTypes: true });
  const photos = (
    await Promise.all(folders.filter((entry) => entry.isDirectory()).map((entry) => photosOf(entry.name)))
  ).flat();
  photos.sort();
  await mkdir(join(path, 'train', 'image'), { recursive: true });
  for (const [index, name] of [...names].sort().entries()) {
    const photo = photos[(index * 7) % photos.length]!;
    await symlink(shared(join('data/photos', photo)), join(path, 'train', 'image', name));
  }
}
