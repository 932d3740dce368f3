/**
 * Ways to ask that are not in the program unless they win here: each part of a query scaled by its own distribution,
 * other weights, prompt templates averaged, crops of each photo indexed too, and recent examples counting more.
 *
 *     npx tsx bench/query-parts.ts [model] [parts, small or changed]
 *
 * The Toybox world, three seeds. Ten things, each in four settings that are asked for and in three others, with look-alikes
 * in those settings, and 200 other scenes; for the crops 200 scenes with one small thing. Figures are mean average precision
 * in per cent.
 */
import sharp from 'sharp';
import { dot, type Matrix, normalizeRows, rowsOf, stackRows } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import type { Concept } from '../src/polar/concept/concept.ts';
import { learnFromFeatures } from '../src/polar/learn.ts';
import { encodeSentence, personalSentence } from '../src/polar/query/sentence.ts';
import { lookAlike, openToybox, PERSONAL_THINGS, personalCast } from '../src/toybox/personal.ts';
import { sampleScene } from '../src/toybox/sample.ts';
import { type Cast, compose, drawScene, type Scene } from '../src/toybox/scene.ts';
import { SceneSet } from '../src/toybox/scene-set.ts';
import { SETTINGS } from '../src/toybox/settings.ts';
import { machine } from './machine.ts';

const SEEDS = Number(process.env.SEEDS ?? 3);
const [EXAMPLES, ASKED, SHOWN, LOOK_ALIKES, OTHERS, SMALL] = [5, 4, 2, 3, 200, 200];
const [WIDTH, HEIGHT] = [320, 240];
const TEMPLATES = ['*', 'a photo of *', 'an image of *', 'a picture that shows *', 'this is *'];

const clip = await loadClip(process.argv[2] ?? 'toybox');
const THINGS = PERSONAL_THINGS.slice(0, 10);
const toybox = await openToybox(PERSONAL_THINGS);
const settings = [...SETTINGS.keys()];

const results = new Map<string, number[][]>(); // of each way the figures of its questions, by seed
function note(way: string, seed: number, value: number): void {
  const seeds = results.get(way) ?? [];
  seeds[seed] = [...(seeds[seed] ?? []), value];
  results.set(way, seeds);
}

const pixels = (scene: Scene) =>
  sharp(drawScene(scene, toybox.sprites, WIDTH, HEIGHT), {
    raw: { width: WIDTH, height: HEIGHT, channels: 3 },
  });
const embed = async (pictures: readonly Buffer[]): Promise<Float32Array[]> =>
  rowsOf(normalizeRows(await clip.encodeImages(pictures)));
const draw = (scenes: readonly Scene[]) =>
  Promise.all(scenes.map((scene) => pixels(scene).jpeg({ quality: 88 }).toBuffer()));

const unit = (vector: Float32Array): Float32Array => {
  const norm = Math.hypot(...vector) || 1;
  return vector.map((x) => x / norm);
};
const add = (...parts: readonly (readonly [Float32Array, number])[]): Float32Array =>
  parts[0]![0].map((_, i) => parts.reduce((sum, [part, weight]) => sum + weight * part[i]!, 0));

/** Standard deviation of a query's scores over the pool: a part divided by it counts by its own distribution. */
function spreadOf(query: Float32Array, pool: readonly Float32Array[]): number {
  const scores = pool.map((photo) => dot(query, photo));
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  return Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / scores.length) || 1;
}

function averagePrecision(scores: readonly number[], wanted: ReadonlySet<number>): number {
  const order = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  let found = 0;
  let precision = 0;
  for (const [place, index] of order.entries()) if (wanted.has(index)) precision += ++found / (place + 1);
  return precision / wanted.size;
}

const encode = async (text: string, concepts: readonly Concept[] = []): Promise<Float32Array> =>
  unit(await encodeSentence(clip, personalSentence(text, concepts)));

async function teach(thing: number, features: Matrix): Promise<Concept> {
  const { name, className } = THINGS[thing]!;
  const hashes = Array.from({ length: features.rows }, (_, i) => `${thing}-${i}`);
  const photos = { count: features.rows, read: async () => ({ features, hashes }) };
  return (await learnFromFeatures(clip, name, photos, { className })).concept;
}

/** Parts of a query, and templates. */
async function askParts(seed: number): Promise<void> {
  const set = new SceneSet(5000 + seed);
  const { random } = set;
  const shows: { thing: number; own: boolean; setting: number }[] = [];
  const put = (cast: Cast, thing: number, own: boolean, setting: number) => {
    set.add([cast], setting);
    shows.push({ thing, own, setting });
  };
  const asked: (readonly [thing: number, setting: number])[] = [];
  const concepts: Concept[] = [];
  const examples: Float32Array[][] = [];
  for (const thing of THINGS.keys()) {
    const own = new SceneSet(6000 + 100 * seed + thing);
    for (const setting of own.random.sample(settings, EXAMPLES))
      own.add([personalCast(toybox, thing)], setting);
    examples.push(await embed(await draw(own.pictures.map(({ scene }) => scene))));
    concepts.push(await teach(thing, stackRows(examples.at(-1)!, clip.dimension)));
    const some = random.sample(settings, ASKED + 3);
    for (const setting of some.slice(0, ASKED)) {
      asked.push([thing, setting]);
      for (let i = 0; i < SHOWN; i++) put(personalCast(toybox, thing), thing, true, setting);
      for (let i = 0; i < LOOK_ALIKES; i++) put(lookAlike(toybox, thing, random), thing, false, setting);
    }
    for (const setting of some.slice(ASKED)) put(personalCast(toybox, thing), thing, true, setting);
  }
  for (let i = 0; i < OTHERS; i++) set.addScene(sampleScene(toybox.world, set.nextSeed()));
  const pool = await embed(await draw(set.pictures.map(({ scene }) => scene)));
  const count = (way: string, query: Float32Array, isWanted: (of: (typeof shows)[number]) => boolean) => {
    const wanted = new Set([...shows.keys()].filter((index) => isWanted(shows[index]!)));
    note(
      way,
      seed,
      averagePrecision(
        pool.map((photo) => dot(query, photo)),
        wanted,
      ),
    );
  };
  for (const [thing, setting] of asked) {
    const { name, className } = THINGS[thing]!;
    const phrase = SETTINGS[setting]!.phrases[0]!;
    const isIt = (of: (typeof shows)[number]) => of.thing === thing && of.own && of.setting === setting;
    const sentence = await encode(`a photo ${phrase}`);
    const [like] = examples[thing]!;
    const [s, l] = [1 / spreadOf(sentence, pool), 1 / spreadOf(like!, pool)];
    for (const weight of [0.25, 0.5, 1, 2, 4]) {
      count(
        `sentence and --like: directions, likeness x ${weight}`,
        add([sentence, 1], [like!, weight]),
        isIt,
      );
      count(
        `sentence and --like: scaled, likeness x ${weight}`,
        add([sentence, s], [like!, l * weight]),
        isIt,
      );
    }
    const plain = await encode(`a photo of a ${className}`);
    const not = await encode(`a photo ${phrase}`);
    const isElsewhere = (of: (typeof shows)[number]) => of.thing === thing && of.setting !== setting;
    const [p, n] = [1 / spreadOf(plain, pool), 1 / spreadOf(not, pool)];
    for (const weight of [0, 0.25, 0.5, 1]) {
      count(`class and --not: directions, x ${weight}`, add([plain, 1], [not, -weight]), isElsewhere);
      count(`class and --not: scaled, x ${weight}`, add([plain, p], [not, -n * weight]), isElsewhere);
    }
    const isClass = (of: (typeof shows)[number]) => of.thing === thing && of.setting === setting;
    for (const [what, text, known, isWanted] of [
      ['class in a setting', `a ${className} ${phrase}`, [], isClass],
      ['thing in a setting', `${name} ${phrase}`, concepts, isIt],
    ] as const) {
      const all = await Promise.all(TEMPLATES.map((template) => encode(template.replace('*', text), known)));
      count(`${what}: the sentence as it is`, all[0]!, isWanted);
      count(`${what}: "a photo of" before it`, all[1]!, isWanted);
      count(
        `${what}: ${TEMPLATES.length} templates averaged`,
        add(...all.map((one) => [one, 1] as const)),
        isWanted,
      );
    }
  }
}

/** Whole pictures, and four overlapping quarters and the middle beside each. */
async function askSmall(seed: number): Promise<void> {
  const set = new SceneSet(7000 + seed);
  const { random } = set;
  const shown: number[] = [];
  for (let i = 0; i < SMALL; i++) {
    const thing = random.below(toybox.world.things.length);
    const scene = compose([{ thing, drawing: 0, look: {} }], random.below(settings.length), set.nextSeed());
    const size = random.between(0.14, 0.22);
    set.addScene({ ...scene, things: scene.things.map((placed) => ({ ...placed, size })) });
    shown.push(thing);
  }
  const scenes = set.pictures.map(({ scene }) => scene);
  const [w, h] = [Math.round(WIDTH * 0.6), Math.round(HEIGHT * 0.6)];
  const corners = [0, WIDTH - w].flatMap((left) => [0, HEIGHT - h].map((top) => ({ left, top })));
  const places = [...corners, { left: (WIDTH - w) >> 1, top: (HEIGHT - h) >> 1 }];
  const whole = await embed(await draw(scenes));
  const crops: Float32Array[][] = [];
  for (const place of places) {
    const parts = scenes.map((scene) =>
      pixels(scene)
        .extract({ ...place, width: w, height: h })
        .jpeg({ quality: 88 })
        .toBuffer(),
    );
    crops.push(await embed(await Promise.all(parts)));
  }
  for (const thing of new Set(shown)) {
    const query = await encode(`a photo of a ${toybox.world.things[thing]!.name}`);
    const wanted = new Set([...shown.keys()].filter((index) => shown[index] === thing));
    const alone = whole.map((photo) => dot(query, photo));
    const best = alone.map((score, i) => Math.max(score, ...crops.map((crop) => dot(query, crop[i]!))));
    note('a small thing: whole photos', seed, averagePrecision(alone, wanted));
    note('a small thing: five crops too, the best counts', seed, averagePrecision(best, wanted));
  }
}

/** A thing that changed: six examples of an early look, two of the later one. Both are it. */
async function askRecent(seed: number): Promise<void> {
  const set = new SceneSet(8000 + seed);
  const { random } = set;
  const both: [before: number[], after: number[]][] = [];
  const examples: Scene[][] = [];
  for (const thing of THINGS.keys()) {
    const looks = [lookAlike(toybox, thing, random), personalCast(toybox, thing)] as const;
    const own = new SceneSet(9000 + 100 * seed + thing);
    const in8 = own.random.sample(settings, 8);
    for (const [i, setting] of in8.entries()) own.add([looks[i < 6 ? 0 : 1]], setting);
    examples.push(own.pictures.map(({ scene }) => scene));
    const [before, after] = looks.map((look) =>
      random.sample(settings, 6).map((setting) => {
        set.add([look], setting);
        return set.pictures.length - 1;
      }),
    );
    both.push([before!, after!]);
  }
  for (let i = 0; i < OTHERS; i++) set.addScene(sampleScene(toybox.world, set.nextSeed()));
  const pool = await embed(await draw(set.pictures.map(({ scene }) => scene)));
  for (const thing of THINGS.keys()) {
    const features = await embed(await draw(examples[thing]!));
    const recent = features.slice(6);
    const ways = {
      'each example once': features,
      'recent ones three times': [...features, ...recent, ...recent],
      'recent ones alone': recent,
    };
    for (const [way, rows] of Object.entries(ways)) {
      const concept = await teach(thing, stackRows(rows, clip.dimension));
      const query = await encode(`a photo of ${THINGS[thing]!.name}`, [concept]);
      const scores = pool.map((photo) => dot(query, photo));
      const [before, after] = both[thing]!;
      note(
        `a thing that changed, recent photos of it: ${way}`,
        seed,
        averagePrecision(scores, new Set(after)),
      );
      note(
        `a thing that changed, all photos of it: ${way}`,
        seed,
        averagePrecision(scores, new Set([...before, ...after])),
      );
    }
  }
}

const QUESTIONS = { parts: askParts, small: askSmall, changed: askRecent };
for (const [name, ask] of Object.entries(QUESTIONS)) {
  if (process.argv[3] !== undefined && process.argv[3] !== name) continue;
  for (let seed = 0; seed < SEEDS; seed++) await ask(seed);
}
await clip.close();

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
console.log('| asked | mAP, % |\n| --- | ---: |');
for (const [way, seeds] of results) {
  const means = seeds.map(mean);
  const deviation = Math.sqrt(mean(means.map((value) => (value - mean(means)) ** 2)));
  console.log(`| ${way} | ${(100 * mean(means)).toFixed(1)} ± ${(100 * deviation).toFixed(1)} |`);
}
console.error(machine());
