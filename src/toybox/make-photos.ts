import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { writeBeside } from '../node/files.ts';
import { captionOf } from './captions.ts';
import { lookAlike, openToybox, PERSONAL_THINGS, personalCast } from './personal.ts';
import { WorldRandom } from './random.ts';
import { sampleScene } from './sample.ts';
import { drawAll, type MakeOptions, type Picture, SceneSet } from './scene-set.ts';
import { SETTINGS, settingNumber } from './settings.ts';

const TRUTH = 'toybox.json';
const EXAMPLES = 5;
const OWN = 9;
const LOOK_ALIKES = 8;
const TOGETHER = 5;
const OTHERS = 160;
const FIRST_DAY = Date.UTC(2024, 0, 7, 12);
const DAY = 86_400_000;

/** Result of {@link makeToyboxPhotos}. */
export interface ToyboxPhotos {
  /** The folder to index. */
  readonly library: string;
  readonly photos: number;
  /** Personal things: name, class and the folder with five photos to learn them from. */
  readonly things: readonly {
    readonly name: string;
    readonly className: string;
    readonly examples: string;
  }[];
}

/** Ground truth of a picture of {@link makeToyboxPhotos}, a row of its `toybox.json`. */
export interface ToyboxPhoto {
  /** Name in the library. */
  readonly file: string;
  readonly caption: string;
  /** One of `SETTINGS`' names. */
  readonly setting: string;
  /** Names of the personal things in it. */
  readonly shows: readonly string[];
}

/** Ground truth of the pictures that {@link makeToyboxPhotos} wrote to a folder, by file name. */
export async function readToyboxPhotos(path: string): Promise<ReadonlyMap<string, ToyboxPhoto>> {
  const photos = JSON.parse(await readFile(join(path, TRUTH), 'utf8')) as ToyboxPhoto[];
  return new Map(photos.map((photo) => [photo.file, photo]));
}

/**
 * Writes a small photo library of the Toybox world: `<path>/library` with personal things in many places, look-alikes
 * and everyday scenes, taken over two years; five pictures to learn each personal thing from in `<path>/<name>`; and
 * `<path>/toybox.json`, which says what every picture shows.
 */
export async function makeToyboxPhotos(path: string, options: MakeOptions = {}): Promise<ToyboxPhotos> {
  const personal = PERSONAL_THINGS.slice(0, 3);
  const toybox = await openToybox(personal);
  const data = new SceneSet((options.seed ?? 0) + 900);
  const { random } = data;
  const shows = new Map<string, string[]>();
  const settings = [...SETTINGS.keys()];
  for (const [index, { name }] of personal.entries()) {
    // Everybody has been to the beach and in the snow, so that there is something to ask for.
    const places = [settingNumber('beach'), settingNumber('snow'), ...random.sample(settings, OWN - 2)];
    for (const setting of places) shows.set(data.add([personalCast(toybox, index)], setting), [name]);
    const alike = [
      settingNumber('beach'),
      settingNumber('snow'),
      ...random.sample(settings, LOOK_ALIKES - 2),
    ];
    for (const setting of alike) data.add([lookAlike(toybox, index, random)], setting);
    const other = (index + 1) % personal.length;
    for (const setting of random.sample(settings, TOGETHER)) {
      const image = data.add([personalCast(toybox, index), personalCast(toybox, other)], setting);
      shows.set(image, [name, personal[other]!.name]);
    }
  }
  for (let i = 0; i < OTHERS; i++) data.addScene(sampleScene(toybox.world, data.nextSeed()));

  const library = random.sample(data.pictures, data.pictures.length).map((picture, index): Picture => {
    const taken = new Date(FIRST_DAY + Math.floor((index * 730) / data.pictures.length) * DAY);
    return { ...picture, name: join('library', `IMG_${String(index + 1).padStart(4, '0')}.jpg`), taken };
  });
  const examples = personal.flatMap(({ name }, index) =>
    random.sample(settings, EXAMPLES).map((setting, i): Picture => {
      data.add([personalCast(toybox, index)], setting);
      return { ...data.pictures.at(-1)!, name: join(name, `${name}_${i + 1}.jpg`) };
    }),
  );
  const nameOf = new Map(data.pictures.map(({ name, scene }) => [scene.seed, name]));
  const truth = library.map(
    ({ name, scene }): ToyboxPhoto => ({
      file: basename(name),
      caption: captionOf(toybox.extended, scene, new WorldRandom(scene.seed, 3), { isComplete: true }),
      setting: SETTINGS[scene.setting]!.name,
      shows: shows.get(nameOf.get(scene.seed)!) ?? [],
    }),
  );
  await writeBeside(join(path, TRUTH), `${JSON.stringify(truth, null, 1)}\n`);
  await drawAll(toybox, [...library, ...examples], path, options);
  return {
    library: join(path, 'library'),
    photos: library.length,
    things: personal.map(({ name, className }) => ({ name, className, examples: join(path, name) })),
  };
}
