/**
 * Whether a sentence with a thing finds more when likeness to the thing's training photos counts beside it.
 *
 *     npx tsx bench/fusion.ts [model]
 *
 * Two sets of the Toybox world, five seeds each. `hard`, in the manner of i-CIR: for each of 20 things and four settings
 * the pool holds the thing in that setting (what is asked for), the thing in other settings, look-alikes in that setting,
 * and other scenes. `ConCon-Chi`: the queries and the pool of `polar toybox make-conconchi` with the sentences of its
 * labels. Figures are mean average precision in per cent.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { type Matrix, normalizeRows, rowOf } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import type { Concept } from '../src/polar/concept/concept.ts';
import { learnFromFeatures } from '../src/polar/learn.ts';
import { encodeSentence, personalSentence, plainSentence } from '../src/polar/query/sentence.ts';
import { makeConConChi } from '../src/toybox/make-conconchi.ts';
import { lookAlike, openToybox, PERSONAL_THINGS, personalCast } from '../src/toybox/personal.ts';
import { sampleScene } from '../src/toybox/sample.ts';
import { drawScene, type Scene } from '../src/toybox/scene.ts';
import { SceneSet } from '../src/toybox/scene-set.ts';
import { SETTINGS } from '../src/toybox/settings.ts';
import { machine } from './machine.ts';

const SEEDS = Number(process.env.SEEDS ?? 5);
const EXAMPLES = 5;
const [SETTINGS_ASKED, SHOWN, ELSEWHERE, LOOK_ALIKES, OTHERS] = [4, 2, 6, 3, 300];

/** One question: a sentence with things in it, and the pictures of the pool that it asks for. */
interface Query {
  /** The column of the table that it counts in. */
  readonly group: string;
  readonly sentence: string;
  readonly wanted: ReadonlySet<number>;
}

interface DataSet {
  readonly concepts: readonly Concept[];
  readonly queries: readonly Query[];
  /** `[N, P]`, unit rows. */
  readonly pool: Matrix;
}

const clip = await loadClip(process.argv[2] ?? 'toybox');
const toybox = await openToybox(PERSONAL_THINGS);

const draw = (scene: Scene): Promise<Buffer> =>
  sharp(drawScene(scene, toybox.sprites, 320, 240), { raw: { width: 320, height: 240, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer();

const embed = async (pictures: readonly (string | Buffer)[]): Promise<Matrix> =>
  normalizeRows(await clip.encodeImages(pictures));

async function teach(examples: readonly Matrix[]): Promise<Concept[]> {
  const concepts: Concept[] = [];
  for (const [index, { name, className }] of PERSONAL_THINGS.entries()) {
    const features = examples[index]!;
    const hashes = Array.from({ length: features.rows }, (_, i) => `${index}-${i}`);
    const photos = { count: features.rows, read: async () => ({ features, hashes }) };
    concepts.push((await learnFromFeatures(clip, name, photos, { className })).concept);
  }
  return concepts;
}

async function hardSet(seed: number): Promise<DataSet> {
  const train = new SceneSet(1000 + seed);
  const settings = [...SETTINGS.keys()];
  const examples: Matrix[] = [];
  for (const thing of PERSONAL_THINGS.keys()) {
    const set = new SceneSet(2000 + 100 * seed + thing);
    for (const setting of train.random.sample(settings, EXAMPLES))
      set.add([personalCast(toybox, thing)], setting);
    examples.push(await embed(await Promise.all(set.pictures.map(({ scene }) => draw(scene)))));
  }
  const pool = new SceneSet(seed);
  const { random } = pool;
  const shown = new Map<string, Set<number>>();
  const put = (thing: number, setting: number): void => {
    const key = `${thing} ${setting}`;
    shown.set(key, (shown.get(key) ?? new Set()).add(pool.pictures.length));
    pool.add([personalCast(toybox, thing)], setting);
  };
  const asked: [thing: number, setting: number][] = [];
  for (const thing of PERSONAL_THINGS.keys()) {
    for (const setting of random.sample(settings, SETTINGS_ASKED)) {
      asked.push([thing, setting]);
      for (let i = 0; i < SHOWN; i++) put(thing, setting);
      for (let i = 0; i < LOOK_ALIKES; i++) pool.add([lookAlike(toybox, thing, random)], setting);
    }
    for (const setting of random.sample(settings, ELSEWHERE)) put(thing, setting);
  }
  for (let i = 0; i < OTHERS; i++) pool.addScene(sampleScene(toybox.world, pool.nextSeed()));
  return {
    concepts: await teach(examples),
    queries: asked.map(([thing, setting]) => ({
      group: 'hard',
      sentence: `${PERSONAL_THINGS[thing]!.name} ${SETTINGS[setting]!.phrases[0]}`,
      wanted: shown.get(`${thing} ${setting}`)!,
    })),
    pool: await embed(await Promise.all(pool.pictures.map(({ scene }) => draw(scene)))),
  };
}

interface Row {
  readonly LABEL: string;
  readonly CONCEPTS: readonly number[];
  readonly GTS: readonly string[];
  readonly 'ADDITIONAL GTS': readonly string[];
  readonly KIND: string;
}

function groupOf({ CONCEPTS, LABEL }: Row): string {
  if (CONCEPTS.length > 1) return 'two own things';
  return LABEL.includes(' next to ') ? 'with another thing' : 'one thing';
}

async function conConChi(seed: number): Promise<DataSet> {
  const base = await mkdtemp(join(tmpdir(), 'polar-fusion-'));
  await makeConConChi(base, { seed });
  const rows = async (file: string): Promise<Row[]> =>
    (JSON.parse(await readFile(join(base, 'data', 'annotations', file), 'utf8')) as { data: Row[] }).data;
  const [train, test] = [await rows('train.json'), await rows('test.json')];
  const images = (names: readonly string[]) => names.map((name) => join(base, 'data', 'images', name));
  const examples: Matrix[] = [];
  for (const { GTS } of train) examples.push(await embed(images(GTS)));
  const names = [...new Set(test.flatMap(({ GTS }) => GTS))];
  const pool = await embed(images(names));
  await rm(base, { recursive: true });
  const asked = test.filter(({ KIND }) => KIND === 'context');
  const queries = asked.map((row) => {
    const called = row.CONCEPTS.map((index) => PERSONAL_THINGS[index]!.name);
    return {
      group: `ConCon-Chi, ${groupOf(row)}`,
      sentence: row.LABEL.replaceAll('*', () => called.shift()!),
      wanted: new Set([...row.GTS, ...row['ADDITIONAL GTS']].map((name) => names.indexOf(name))),
    };
  });
  return { concepts: await teach(examples), queries, pool };
}

type Scores = Float64Array;

const dots = (pool: Matrix, query: Float32Array): Scores =>
  Float64Array.from({ length: pool.rows }, (_, row) => {
    const embedding = rowOf(pool, row);
    let sum = 0;
    for (let i = 0; i < query.length; i++) sum += embedding[i]! * query[i]!;
    return sum;
  });

const unit = (vector: Float32Array): Float32Array => {
  const norm = Math.hypot(...vector) || 1;
  return vector.map((x) => x / norm);
};

/** Scores less their mean, in standard deviations. */
function standard(scores: Scores): Scores {
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const deviation = Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / scores.length) || 1;
  return scores.map((x) => (x - mean) / deviation);
}

/** Scores less their mean, in units of the best; below the mean 0. */
function aboveMean(scores: Scores): Scores {
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const best = Math.max(...scores) - mean || 1;
  return scores.map((x) => Math.max(0, (x - mean) / best));
}

const combine = (a: Scores, b: Scores, how: (x: number, y: number) => number): Scores =>
  a.map((x, i) => how(x, b[i]!));

/** From 0 to 1, by the logistic function of the standardised scores. */
const logistic = (scores: Scores): Scores => standard(scores).map((x) => 1 / (1 + Math.exp(-x)));

interface Parts {
  /** Cosine to the sentence with the learnt updates, and to plain CLIP's with the classes instead of the names. */
  readonly personal: Scores;
  readonly plain: Scores;
  /** Of each thing: cosine to the mean of its training photos, and to the nearest of them. */
  readonly mean: readonly Scores[];
  readonly nearest: readonly Scores[];
}

const product = (text: Scores, likeness: readonly Scores[], map: (scores: Scores) => Scores): Scores =>
  likeness.map(map).reduce((a, b) => combine(a, b, (x, y) => x * y), map(text));
const sum = (text: Scores, likeness: readonly Scores[], weight: number): Scores =>
  likeness
    .map(standard)
    .reduce((a, b) => combine(a, b, (x, y) => x + (weight * y) / likeness.length), standard(text));

const METHODS: Readonly<Record<string, (parts: Parts) => Scores>> = {
  'POLAR alone': ({ personal }) => personal,
  'plain CLIP with the class': ({ plain }) => plain,
  'likeness alone': ({ mean }) => sum(mean[0]!, mean.slice(1), 1),
  'sum, POLAR + likeness': ({ personal, mean }) => sum(personal, mean, 1),
  'sum, POLAR + likeness / 2': ({ personal, mean }) => sum(personal, mean, 0.5),
  'sum, POLAR + likeness / 4': ({ personal, mean }) => sum(personal, mean, 0.25),
  'sum, POLAR + likeness / 8': ({ personal, mean }) => sum(personal, mean, 0.125),
  'product above the mean, POLAR x likeness': ({ personal, mean }) => product(personal, mean, aboveMean),
  'product above the mean, POLAR x nearest': ({ personal, nearest }) => product(personal, nearest, aboveMean),
  'product of logistic, POLAR x likeness': ({ personal, mean }) => product(personal, mean, logistic),
  'product above the mean, plain x likeness': ({ plain, mean }) => product(plain, mean, aboveMean),
  'product of logistic, plain x likeness': ({ plain, mean }) => product(plain, mean, logistic),
};

function averagePrecision(scores: Scores, wanted: ReadonlySet<number>): number {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  let found = 0;
  let precision = 0;
  for (const [place, index] of order.entries()) if (wanted.has(index)) precision += ++found / (place + 1);
  return precision / wanted.size;
}

/** Mean average precision of each method in each group of queries. */
async function evaluate({ concepts, queries, pool }: DataSet): Promise<Map<string, Record<string, number>>> {
  const groups = new Map<string, Record<string, number>>();
  for (const { group, sentence, wanted } of queries) {
    const personal = personalSentence(sentence, concepts);
    const own = personal.concepts.map(({ features }) =>
      Array.from({ length: features!.rows }, (_, row) => rowOf(features!, row)),
    );
    const centre = (photos: readonly Float32Array[]) =>
      unit(photos.reduce((a, b) => a.map((x, i) => x + b[i]!), new Float32Array(pool.columns)));
    const parts: Parts = {
      personal: dots(pool, unit(await encodeSentence(clip, personal))),
      plain: dots(pool, unit(await encodeSentence(clip, plainSentence(sentence, concepts)))),
      mean: own.map((photos) => dots(pool, centre(photos))),
      nearest: own.map((photos) =>
        photos.map((photo) => dots(pool, photo)).reduce((a, b) => combine(a, b, Math.max)),
      ),
    };
    const size = queries.filter((query) => query.group === group).length;
    const totals = groups.get(group) ?? {};
    for (const [name, method] of Object.entries(METHODS))
      totals[name] = (totals[name] ?? 0) + averagePrecision(method(parts), wanted) / size;
    groups.set(group, totals);
  }
  return groups;
}

// Of each group of queries: the figures of the five seeds, by method.
const results = new Map<string, Record<string, number>[]>();
for (const make of [hardSet, conConChi]) {
  for (let seed = 0; seed < SEEDS; seed++) {
    for (const [group, figures] of await evaluate(await make(seed)))
      results.set(group, [...(results.get(group) ?? []), figures]);
  }
}
await clip.close();

function cell(values: readonly number[]): string {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return `${(100 * mean).toFixed(1)} ± ${(100 * deviation).toFixed(1)}`;
}

const line = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);
line(['ranking', ...results.keys()]);
line(['---', ...[...results].map(() => '---:')]);
for (const name of Object.keys(METHODS)) {
  line([name, ...[...results.values()].map((seeds) => cell(seeds.map((figures) => figures[name]!)))]);
}
console.error(machine());
