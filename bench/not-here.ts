/**
 * How well "it is not here" can be told: precision and recall of that answer on the Toybox.
 *
 *     npx tsx bench/not-here.ts [model]
 *
 * In each of six libraries (200 scenes and more, a seed each) six of twelve learnt things are there, in three settings each,
 * and six are not, of which there are two look-alikes. It is asked for each thing, for it in a setting, and for 60 classes
 * of things of which half are there. The answer is "not here" where the best photo stands out less than a share of what
 * makes a result strong. The share is chosen on three libraries, as the largest at which nine in ten such answers are
 * right, and counted on the other three.
 */
import sharp from 'sharp';
import { dot, type Matrix, normalizeRows, rowsOf } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import type { Concept } from '../src/polar/concept/concept.ts';
import { learnFromFeatures } from '../src/polar/learn.ts';
import { measureBackground, relevanceLimits } from '../src/polar/query/relevance.ts';
import { encodeSentence, personalSentence } from '../src/polar/query/sentence.ts';
import { lookAlike, openToybox, PERSONAL_THINGS, personalCast } from '../src/toybox/personal.ts';
import { sampleScene } from '../src/toybox/sample.ts';
import { drawScene, type Scene } from '../src/toybox/scene.ts';
import { SceneSet } from '../src/toybox/scene-set.ts';
import { SETTINGS } from '../src/toybox/settings.ts';
import { machine } from './machine.ts';

const LIBRARIES = Number(process.env.LIBRARIES ?? 6);
const [EXAMPLES, SHOWN_IN, LOOK_ALIKES, OTHERS, CLASSES] = [5, 3, 2, 200, 60];
const PRECISION = 0.9;

/** One question: whether what it asks for is there, and how far the best photo stands out, in shares of a strong one. */
interface Outcome {
  readonly group: string;
  readonly isThere: boolean;
  readonly share: number;
}

const THINGS = PERSONAL_THINGS.slice(0, 12);
const clip = await loadClip(process.argv[2] ?? 'toybox');
const toybox = await openToybox(THINGS);

const draw = (scene: Scene): Promise<Buffer> =>
  sharp(drawScene(scene, toybox.sprites, 320, 240), { raw: { width: 320, height: 240, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer();

async function embed(set: SceneSet): Promise<Matrix> {
  return normalizeRows(
    await clip.encodeImages(await Promise.all(set.pictures.map(({ scene }) => draw(scene)))),
  );
}

async function teach(): Promise<Concept[]> {
  const concepts: Concept[] = [];
  for (const [thing, { name, className }] of THINGS.entries()) {
    const set = new SceneSet(3000 + thing);
    for (const setting of set.random.sample([...SETTINGS.keys()], EXAMPLES))
      set.add([personalCast(toybox, thing)], setting);
    const features = await embed(set);
    const hashes = Array.from({ length: features.rows }, (_, i) => `${thing}-${i}`);
    const photos = { count: features.rows, read: async () => ({ features, hashes }) };
    concepts.push((await learnFromFeatures(clip, name, photos, { className })).concept);
  }
  return concepts;
}

async function library(seed: number, concepts: readonly Concept[]): Promise<Outcome[]> {
  const set = new SceneSet(4000 + seed);
  const { random } = set;
  const settings = [...SETTINGS.keys()];
  const things = random.sample([...THINGS.keys()], THINGS.length);
  const present = new Set(things.slice(0, things.length / 2));
  const questions: { group: string; sentence: string; isThere: boolean }[] = [];
  for (const thing of things) {
    const { name } = THINGS[thing]!;
    const isThere = present.has(thing);
    const [elsewhere, ...shownIn] = random.sample(settings, 1 + SHOWN_IN);
    const inSetting = (setting: number) => `${name} ${SETTINGS[setting]!.phrases[0]}`;
    questions.push({ group: 'a learnt thing', sentence: `a photo of ${name}`, isThere });
    questions.push({ group: 'it in a setting', sentence: inSetting(elsewhere!), isThere: false });
    questions.push({ group: 'it in a setting', sentence: inSetting(shownIn[0]!), isThere });
    if (isThere) for (const setting of shownIn) set.add([personalCast(toybox, thing)], setting);
    else
      for (const setting of shownIn.slice(0, LOOK_ALIKES))
        set.add([lookAlike(toybox, thing, random)], setting);
  }
  for (let i = 0; i < OTHERS; i++) set.addScene(sampleScene(toybox.world, set.nextSeed()));
  const names = toybox.extended.things.map(({ name }) => name);
  const shown = new Set(set.pictures.flatMap(({ scene }) => scene.things.map(({ thing }) => names[thing]!)));
  const classes = [...new Set(toybox.world.things.map(({ name }) => name))];
  for (const isThere of [true, false]) {
    const those = classes.filter((name) => shown.has(name) === isThere);
    for (const name of random.sample(those, Math.min(CLASSES / 2, those.length)))
      questions.push({ group: 'a class', sentence: `a photo of a ${name}`, isThere });
  }
  const pool = rowsOf(await embed(set));
  const outcomes: Outcome[] = [];
  for (const { group, sentence, isThere } of questions) {
    const asked = personalSentence(sentence, concepts);
    const query = await encodeSentence(clip, asked);
    const background = measureBackground(query, pool);
    const own = asked.concepts.flatMap(({ features }) => rowsOf(features!));
    const { strong } = relevanceLimits(query, background, pool.length, own);
    const best = Math.max(...pool.map((photo) => dot(query, photo)));
    outcomes.push({ group, isThere, share: (best - background.mean) / (strong - background.mean) });
  }
  return outcomes;
}

/** Precision and recall of "not here" where the best photo stands out less than `limit`. */
function count(outcomes: readonly Outcome[], limit: number): { precision: number; recall: number } {
  const said = outcomes.filter(({ share }) => share < limit);
  const right = said.filter(({ isThere }) => !isThere).length;
  return {
    precision: right / said.length,
    recall: right / outcomes.filter(({ isThere }) => !isThere).length,
  };
}

const concepts = await teach();
const outcomes: Outcome[][] = [];
for (let seed = 0; seed < LIBRARIES; seed++) outcomes.push(await library(seed, concepts));
await clip.close();
const half = LIBRARIES / 2;
const [chosenOn, countedOn] = [outcomes.slice(0, half).flat(), outcomes.slice(half).flat()];
const percent = (value: number): string => (Number.isNaN(value) ? '-' : `${(100 * value).toFixed(0)} %`);
const line = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);

line(['asked for', 'there', 'not there', 'limit', 'precision', 'recall']);
line(['---', '---:', '---:', '---:', '---:', '---:']);
for (const group of ['a learnt thing', 'it in a setting', 'a class']) {
  const of = (all: readonly Outcome[]) => all.filter((outcome) => outcome.group === group);
  const limits = Array.from({ length: 40 }, (_, i) => (i + 1) / 20);
  const chosen = limits.filter((limit) => count(of(chosenOn), limit).precision >= PRECISION).at(-1);
  const there = of(countedOn).filter(({ isThere }) => isThere).length;
  for (const [name, limit] of [
    ['no result fair', 0.5],
    ['no result strong', 1],
    ['chosen', chosen],
  ] as const) {
    const { precision, recall } = count(of(countedOn), limit ?? 0);
    line([
      ...[group, String(there), String(of(countedOn).length - there)],
      ...[`${name}${limit === undefined ? ', none' : `, ${limit}`}`, percent(precision), percent(recall)],
    ]);
  }
}
console.error(machine());
