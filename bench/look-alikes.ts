/**
 * Whether `polar learn --not` tells a personal thing from its look-alikes: 20 things of the Toybox world, each in all
 * 16 settings, against as many photos of one other thing of its class, the neighbour's dog as it were, or each of
 * another one; learnt from 5 photos of it, without and with 5 photos of what it is not. None of the photos of a test was
 * seen in learning.
 *
 *     npx tsx bench/look-alikes.ts [seeds]
 */
import sharp from 'sharp';
import { composeUpdates } from '../src/clip/update.ts';
import { type Matrix, normalizeRows, rowOf } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { personalize } from '../src/polar/personalize.ts';
import { samplePrompts } from '../src/polar/prompts.ts';
import { PythonRandom } from '../src/polar/random/python.ts';
import { lookAlike, openToybox, PERSONAL_THINGS, personalCast } from '../src/toybox/personal.ts';
import { WorldRandom } from '../src/toybox/random.ts';
import { compose, drawScene, type Scene } from '../src/toybox/scene.ts';
import { SETTINGS } from '../src/toybox/settings.ts';
import { machine } from './machine.ts';

const seeds = Number(process.argv[2] ?? 3);
const EXAMPLES = 5;
const LAMBDAS = [0.35, 0.1, 0.01];
const toybox = await openToybox(PERSONAL_THINGS);
const clip = await loadClip('toybox');
const settings = [...SETTINGS.keys()];
const identifiers = PERSONAL_THINGS.map(({ className }) => `sks ${className}`);
// "a photo of sks dog", then the same in each setting.
const texts = await Promise.all(
  identifiers.map((identifier) =>
    clip.freezeTexts([
      `a photo of ${identifier}`,
      ...SETTINGS.map(({ phrases }) => `a photo of ${identifier} ${phrases[0]}`),
    ]),
  ),
);

/** Features of one thing's photos. */
interface Album {
  readonly examples: Matrix;
  readonly not: Matrix;
  /** One in each setting, of the thing and of its look-alikes. */
  readonly own: Matrix;
  readonly others: Matrix;
}

/** One thing's figures: own photos against look-alikes, and the one in the setting that a sentence names. */
interface Figures {
  readonly auc: number;
  readonly map: number;
  readonly mrr: number;
}

const OTHERS = ['one other', 'many others'] as const;
const all = new Map<string, Figures[][]>(); // by the way of learning, then by seed
for (const [others, seed] of OTHERS.flatMap((kind) =>
  Array.from({ length: seeds }, (_, i) => [kind, i] as const),
)) {
  const albums = await drawAlbums(seed, others);
  for (const regWeight of LAMBDAS) {
    for (const apart of [false, true]) {
      const tasks = albums.map(({ examples, not }, thing) => ({
        prompts: samplePrompts(EXAMPLES, identifiers[thing]!, new PythonRandom(seed)),
        features: examples,
        lookAlikes: apart ? not : undefined,
        seed,
      }));
      const learnt = await personalize(clip, tasks, { regWeight });
      const figures: Figures[] = [];
      for (const [thing, update] of learnt.entries()) {
        const queries = normalizeRows(await clip.encodeFrozen(texts[thing]!, composeUpdates([update])));
        figures.push(judge(queries, albums[thing]!));
      }
      const name = `| ${others} | ${regWeight} | ${apart ? 'with' : 'without'} |`;
      all.set(name, [...(all.get(name) ?? []), figures]);
    }
  }
}
await clip.close();

console.log(`machine: ${machine()}; ${seeds} seeds`);
console.log('| against | lambda | --not | AUC | mAP | in context, mRR |\n|---|---|---|---:|---:|---:|');
for (const [name, bySeed] of all) {
  const cell = (key: keyof Figures) => {
    const means = bySeed.map((figures) => mean(figures.map((figure) => figure[key])));
    return `${(100 * mean(means)).toFixed(1)} (${means.map((value) => (100 * value).toFixed(1)).join(', ')})`;
  };
  console.log(`${name} ${cell('auc')} | ${cell('map')} | ${cell('mrr')} |`);
}

async function drawAlbums(seed: number, others: (typeof OTHERS)[number]): Promise<Album[]> {
  const albums: Album[] = [];
  let next = 500_000_000 + seed * 100_000;
  for (const thing of PERSONAL_THINGS.keys()) {
    const random = new WorldRandom(500_000_000 + seed * 100_000 + thing, 7);
    const own = (setting: number) => compose([personalCast(toybox, thing)], setting, next++);
    const rival = lookAlike(toybox, thing, random);
    const other = (setting: number) =>
      compose([others === 'one other' ? rival : lookAlike(toybox, thing, random)], setting, next++);
    albums.push({
      examples: await encode(random.sample(settings, EXAMPLES).map(own)),
      not: await encode(random.sample(settings, EXAMPLES).map(other)),
      own: await encode(settings.map(own)),
      others: await encode(settings.map(other)),
    });
  }
  return albums;
}

async function encode(scenes: readonly Scene[]): Promise<Matrix> {
  const photos = scenes.map((scene) =>
    sharp(drawScene(scene, toybox.sprites, 320, 240), { raw: { width: 320, height: 240, channels: 3 } })
      .jpeg({ quality: 88 })
      .toBuffer(),
  );
  return normalizeRows(await clip.encodeImages(await Promise.all(photos)));
}

function judge(queries: Matrix, { own, others }: Album): Figures {
  const alone = rowOf(queries, 0);
  const [mine, theirs] = [scores(own, alone), scores(others, alone)];
  const above = (score: number, list: readonly number[]) => list.filter((other) => other > score).length;
  const ranked = [...mine].sort((a, b) => b - a);
  return {
    auc: 1 - mean(mine.map((score) => above(score, theirs) / theirs.length)),
    map: mean(ranked.map((score, i) => (i + 1) / (i + 1 + above(score, theirs)))),
    mrr: mean(
      settings.map((setting) => {
        const query = rowOf(queries, setting + 1);
        const list = scores(own, query);
        return 1 / (1 + above(list[setting]!, [...list, ...scores(others, query)]));
      }),
    ),
  };
}

function scores(photos: Matrix, query: Float32Array): number[] {
  return Array.from({ length: photos.rows }, (_, row) =>
    rowOf(photos, row).reduce((sum, x, i) => sum + x * query[i]!, 0),
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
