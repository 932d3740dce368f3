import { join } from 'node:path';
import { writeBeside } from '../node/files.ts';
import {
  lookAlike,
  openToybox,
  PERSONAL_CLOTHES,
  personalCast,
  type Toybox,
  thingNumber,
} from './personal.ts';
import type { Cast } from './scene.ts';
import { drawAll, type MakeOptions, SceneSet } from './scene-set.ts';
import { SETTINGS } from './settings.ts';
import { trainingDrawings } from './world.ts';

const TRAIN_IMAGES = 8;
const TEST_IMAGES = 6;
const LOOK_ALIKES = 40;
const PEOPLE = ['man', 'woman', 'boy', 'girl'];
const HEADER = 'image_name,pair_id,caption';

/**
 * Writes a data set of the Toybox world in the layout of DeepFashion2's personalised retrieval: clothes with a look of
 * their own, each beside a person; the first half of them is the test split, the second the validation split. Pool
 * images of the other split and people with other clothes lie in the folder as in the real one.
 */
export async function makeDeepFashion2(path: string, options: MakeOptions = {}): Promise<void> {
  const toybox = await openToybox(PERSONAL_CLOTHES);
  // ConCon-Chi's pictures have the seeds below.
  const data = new SceneSet((options.seed ?? 0) + 500);
  const half = PERSONAL_CLOTHES.length / 2;
  const captions: string[] = [];
  for (const split of ['test', 'validation'] as const) {
    const concepts = [...PERSONAL_CLOTHES.keys()].filter((concept) => concept < half === (split === 'test'));
    const train: string[] = [];
    const rows: string[] = [];
    for (const concept of concepts) {
      const images = Array.from({ length: TRAIN_IMAGES }, () =>
        worn(toybox, data, personalCast(toybox, concept), data.random.below(SETTINGS.length)),
      );
      train.push([`codes_infer/${codeOf(concept)}:`, ...images].join('\n'));
      const settings = data.random.sample([...SETTINGS.keys()], TEST_IMAGES);
      for (const setting of settings) {
        const image = worn(toybox, data, personalCast(toybox, concept), setting);
        const { phrases } = SETTINGS[setting]!;
        const said = `${data.random.pick(['a', 'the'])} person is ${data.random.pick(phrases)}.`;
        rows.push(`train/image/${image},${codeOf(concept)},"${said}"`);
      }
    }
    await writeBeside(join(path, `${split}_fsl_train.txt`), `${train.join('\n\n')}\n`);
    await writeBeside(join(path, `${split}_captions.csv`), lines([HEADER, ...rows]));
    captions.push(...rows);
  }
  for (let i = 0; i < LOOK_ALIKES; i++) {
    const concept = i % PERSONAL_CLOTHES.length;
    worn(toybox, data, lookAlike(toybox, concept, data.random), data.random.below(SETTINGS.length));
  }
  for (const kind of ['shortened', 'detailed']) {
    await writeBeside(join(path, `${kind}_deepfashion2_captions.csv`), lines([HEADER, ...captions]));
  }
  const classes = PERSONAL_CLOTHES.map(({ className }, concept) => `${codeOf(concept)},${className}`);
  await writeBeside(
    join(path, 'train_coarse_grained_names.csv'),
    lines(['unique_pair_ids,pair_id_categories', ...classes]),
  );
  await drawAll(toybox, data.pictures, join(path, 'train', 'image'), options);
}

const codeOf = (concept: number): number => 1000 + concept;

const lines = (rows: readonly string[]): string => `${rows.join('\n')}\n`;

/** A picture of somebody with this piece of clothing. */
function worn({ world }: Toybox, data: SceneSet, clothes: Cast, setting: number): string {
  const thing = thingNumber(world, data.random.pick(PEOPLE));
  const person = { thing, drawing: data.random.pick(trainingDrawings(world.things[thing]!)), look: {} };
  return data.add([person, clothes], setting);
}
