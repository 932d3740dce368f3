import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { photo } from '../../../test/data.ts';

/** Real pictures of things, of which small data sets are made. */
export interface ThingPhotos {
  /** Six things that are learnt, and their classes. */
  readonly learnt: readonly string[];
  readonly classes: readonly string[];
  /** Six things that stand beside them. */
  readonly beside: readonly string[];
  /** Three things that nothing is asked about. */
  readonly negatives: readonly string[];
  /** Six things of the set in DeepFashion2's layout. */
  readonly worn: readonly string[];
  /** The pictures of a thing, as `thing/00.jpg`. */
  list(thing: string): Promise<readonly string[]>;
  /** Writes one of them to a file. */
  put(picture: string, file: string): Promise<void>;
}

// Where the pictures of a thing are cut out of its photo: they overlap, and no two are the same.
const WINDOW = 200;
const CORNERS = [
  [0, 0],
  [100, 0],
  [0, 100],
  [100, 100],
  [50, 50],
  [30, 70],
] as const;

/** Each photo of the repository as a thing, its pictures cut out of it: real, alike, and with nothing to fetch. */
export const WINDOWS: ThingPhotos = {
  learnt: ['dog-00', 'dog6-00', 'can-00', 'vase-00', 'cat-00', 'dog-03'],
  classes: ['dog', 'dog', 'can', 'vase', 'cat', 'toy'],
  beside: ['cat-01', 'cat-02', 'dog-01', 'dog-02', 'dog6-01', 'dog6-02'],
  negatives: ['vase-01', 'dog-04', 'can-01'],
  worn: ['dog-00', 'dog-01', 'can-00', 'vase-01', 'vase-00', 'cat-00'],
  async list(thing) {
    // As in the real sets, not all things have the same number of photos.
    const count = /^(can|vase)/.test(thing) ? 6 : 5;
    return CORNERS.slice(0, count).map((_, i) => join(thing, `0${i}.jpg`));
  },
  async put(picture, file) {
    const [, thing, number] = /^([\w-]+)[/\\]0(\d)\.jpg$/.exec(picture)!;
    const [left, top] = CORNERS[Number(number)]!;
    await sharp(photo(thing!.replace('-', '/')))
      .extract({ left, top, width: WINDOW, height: WINDOW })
      .jpeg()
      .toFile(file);
  },
};

/** A temporary folder for one test file. */
export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'polar-bench-'));

/**
 * A small data set of real photos in ConCon-Chi's layout: three training photos of each of six things, the rest
 * and six negatives as the pool, queries with one and with two concepts, additional ground truth in and outside
 * the pool.
 */
export async function makeConConChi(path: string, things: ThingPhotos = WINDOWS): Promise<void> {
  const images = join(path, 'data', 'images');
  await mkdir(join(path, 'data', 'annotations'), { recursive: true });
  await mkdir(images, { recursive: true });
  const copy = async (photo: string): Promise<string> => {
    const name = photo.replace(/[/\\]/, '_');
    await things.put(photo, join(images, name));
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
  for (const [concept, name] of things.learnt.entries()) {
    const photos = await Promise.all((await things.list(name)).map(copy));
    train.push(row('*', [concept], photos.slice(0, 3), [], 'train'));
    own.push(photos.slice(3));
  }
  for (const [concept, [first, ...others]] of own.entries()) {
    const other = (concept + 1) % things.learnt.length;
    test.push(row('* on the floor', [concept], [first!], [...others, 'not_in_the_pool.jpg'], 'context'));
    if (others.length > 0) test.push(row('a close photo of *', [concept], others, [], 'context'));
    const both = await Promise.all([copy(join(things.beside[concept]!, '00.jpg'))]);
    test.push(row('* next to * in a room', [concept, other], both, [first!], 'context'));
  }
  for (const name of things.negatives) {
    test.push(
      row('a thing', [], await Promise.all((await things.list(name)).slice(0, 2).map(copy)), [], 'negative'),
    );
  }
  const concepts = things.classes.map((coarse) => ({ coarse }));
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
    `${index % 3 === 0 ? 'My' : `Number ${index}, a`} ${/^[a-z]+/.exec(name)![0]} in a photo.`,
  ]);
  await writeFile(join(path, 'captions.json'), JSON.stringify(Object.fromEntries(captions)));
}

/** A small data set of real photos in DeepFashion2's layout: four things, and a caption with a comma. */
export async function makeDeepFashion2(path: string, things: ThingPhotos = WINDOWS): Promise<void> {
  const images = join(path, 'train', 'image');
  await mkdir(images, { recursive: true });
  const sentences = [
    'a person stands on grass, facing left.',
    'the person is in a room.',
    'a person and another person sit on a chair.',
  ];
  const train: string[] = [];
  const captions: string[] = [];
  const classes: string[] = [];
  for (const [index, thing] of things.worn.entries()) {
    const code = 1000 + 7 * index;
    const photos = await things.list(thing);
    const names = photos.map((_, i) => `${String(index * 10 + i).padStart(6, '0')}.jpg`);
    for (const [i, photo] of photos.entries()) await things.put(photo, join(images, names[i]!));
    const held = 2;
    train.push([`codes_infer/${code}:`, ...names.slice(0, photos.length - held)].join('\n'));
    classes.push(`${code},${/^[a-z_]+/.exec(thing)![0].replace('_', ' ')}`);
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
