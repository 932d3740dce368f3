import { join } from 'node:path';
import { writeBeside } from '../node/files.ts';
import { captionOf } from './captions.ts';
import { lookAlike, openToybox, PERSONAL_THINGS, personalCast, type Toybox } from './personal.ts';
import { WorldRandom } from './random.ts';
import { sampleScene } from './sample.ts';
import type { Cast } from './scene.ts';
import { drawAll, type MakeOptions, SceneSet } from './scene-set.ts';
import { SETTINGS } from './settings.ts';
import { trainingDrawings } from './world.ts';

const TRAIN_IMAGES = 5;
const SETTINGS_EACH = 8;
const COMPANIONS_EACH = 4;
const PAIRS = 40;
const LOOK_ALIKES_EACH = 12;
const OTHERS = 200;

interface Row {
  readonly LABEL: string;
  readonly CONCEPTS: readonly number[];
  readonly GTS: readonly string[];
  readonly 'ADDITIONAL GTS': string[];
  readonly KIND: string;
  readonly ENV: string;
}

/**
 * Writes a data set of the Toybox world in ConCon-Chi's layout: 20 personal things with five training images each;
 * queries with one thing in a setting, beside another thing, and with two personal things; as negatives things of the
 * same classes in the same settings, and other scenes. `toybox_captions.json` has a caption for every pool image.
 */
export async function makeConConChi(path: string, options: MakeOptions = {}): Promise<void> {
  const toybox = await openToybox(PERSONAL_THINGS);
  const data = new SceneSet(options.seed ?? 0);
  const train = PERSONAL_THINGS.map((_, concept) => trainRow(toybox, data, concept));
  const test = testRows(toybox, data);
  const annotations = join(path, 'data', 'annotations');
  const concepts = PERSONAL_THINGS.map(({ className, name }) => ({ coarse: className, fine: name }));
  const write = (file: string, rows: readonly Row[]) => {
    const json = { concepts, max_gts: TRAIN_IMAGES, max_concepts: 2, data: rows };
    return writeBeside(join(annotations, file), `${JSON.stringify(json, null, 1)}\n`);
  };
  await write('train.json', train);
  await write('test.json', test);
  const captions = data.pictures.map(({ name, scene }): [string, string] => [
    `data/images/${name}`,
    captionOf(toybox.extended, scene, new WorldRandom(scene.seed, 3), { isComplete: true }),
  ]);
  await writeBeside(
    join(path, 'toybox_captions.json'),
    `${JSON.stringify(Object.fromEntries(captions), null, 1)}\n`,
  );
  await drawAll(toybox, data.pictures, join(path, 'data', 'images'), options);
}

function trainRow(toybox: Toybox, data: SceneSet, concept: number): Row {
  const settings = data.random.sample([...SETTINGS.keys()], TRAIN_IMAGES);
  const images = settings.map((setting) => data.add([personalCast(toybox, concept)], setting));
  return row('*', [concept], images, 'train');
}

function testRows(toybox: Toybox, data: SceneSet): Row[] {
  const { random } = data;
  const rows: Row[] = [];
  // Where a picture of a query shows what another asks for, it is that one's additional ground truth.
  const inSetting = new Map<string, Row>();
  for (const concept of PERSONAL_THINGS.keys()) {
    const settings = random.sample([...SETTINGS.keys()], SETTINGS_EACH);
    for (const setting of settings) {
      const images = Array.from({ length: 1 + random.below(2) }, () =>
        data.add([personalCast(toybox, concept)], setting),
      );
      const query = row(`* ${SETTINGS[setting]!.phrases[0]}`, [concept], images, 'context');
      inSetting.set(`${concept} ${setting}`, query);
      rows.push(query);
    }
    for (const setting of random.sample(settings, COMPANIONS_EACH)) {
      const companion = otherThing(toybox, random);
      const image = data.add([personalCast(toybox, concept), companion], setting);
      inSetting.get(`${concept} ${setting}`)!['ADDITIONAL GTS'].push(image);
      const { name } = toybox.world.things[companion.thing]!;
      const label = `* next to ${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
      rows.push(row(`${label} ${SETTINGS[setting]!.phrases[0]}`, [concept], [image], 'context'));
    }
  }
  for (let i = 0; i < PAIRS; i++) {
    const pair = [i % PERSONAL_THINGS.length, random.below(PERSONAL_THINGS.length - 1)] as [number, number];
    if (pair[1] >= pair[0]) pair[1]++;
    const setting = random.below(SETTINGS.length);
    const image = data.add(
      pair.map((concept) => personalCast(toybox, concept)),
      setting,
    );
    for (const concept of pair) inSetting.get(`${concept} ${setting}`)?.['ADDITIONAL GTS'].push(image);
    rows.push(row(`* and * ${SETTINGS[setting]!.phrases[0]}`, pair, [image], 'context'));
  }
  for (const concept of PERSONAL_THINGS.keys()) {
    for (let i = 0; i < LOOK_ALIKES_EACH; i++) {
      const image = data.add([lookAlike(toybox, concept, random)], random.below(SETTINGS.length));
      rows.push(row(PERSONAL_THINGS[concept]!.className, [], [image], 'negative'));
    }
  }
  for (let i = 0; i < OTHERS; i++) {
    rows.push(row('', [], [data.addScene(sampleScene(toybox.world, data.nextSeed()))], 'negative'));
  }
  return rows;
}

function otherThing({ world }: Toybox, random: WorldRandom): Cast {
  const thing = random.below(world.things.length);
  return { thing, drawing: random.pick(trainingDrawings(world.things[thing]!)), look: {} };
}

const row = (LABEL: string, CONCEPTS: readonly number[], GTS: readonly string[], KIND: string): Row => ({
  LABEL,
  CONCEPTS,
  GTS,
  'ADDITIONAL GTS': [],
  KIND,
  ENV: 'toybox',
});
