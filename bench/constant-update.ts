/**
 * How much of POLAR's update is the same for all texts. What a concept adds to a value is `B_h (A·c_h)`, so the figure
 * is about the numbers `A·c_h`: over sentences that name the thing in all 16 settings, and over sentences about other
 * things. 20 things of the Toybox world, each learnt from 5 pictures.
 *
 *     npx tsx bench/constant-update.ts [model ...]
 */
import sharp from 'sharp';
import type { FrozenTexts } from '../src/clip/index.ts';
import { normalizeRows } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { personalize } from '../src/polar/personalize.ts';
import { samplePrompts } from '../src/polar/prompts.ts';
import { PythonRandom } from '../src/polar/random/python.ts';
import type { PersonalizeTask } from '../src/polar/training-batch.ts';
import { openToybox, PERSONAL_THINGS, personalCast } from '../src/toybox/personal.ts';
import { compose, drawScene } from '../src/toybox/scene.ts';
import { SETTINGS } from '../src/toybox/settings.ts';
import { machine } from './machine.ts';

const EXAMPLES = 5;
const toybox = await openToybox(PERSONAL_THINGS);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** `A·c_h` of every text, `[texts][heads]`. */
function coefficients(
  A: Float32Array,
  { count, width, exact: { heads, contexts } }: FrozenTexts,
): number[][] {
  return Array.from({ length: count }, (_, text) =>
    Array.from({ length: heads }, (_, head) => {
      const at = (text * heads + head) * width;
      return A.reduce((sum, value, i) => sum + value * contexts[at + i]!, 0);
    }),
  );
}

/** Mean of the squares, and the part of it that the mean over texts makes, over all heads. */
function energy(rows: readonly number[][]): { all: number; constant: number } {
  const heads = rows[0]!.map((_, head) => rows.map((row) => row[head]!));
  return {
    all: mean(heads.map((values) => mean(values.map((value) => value ** 2)))),
    constant: mean(heads.map((values) => mean(values) ** 2)),
  };
}

console.log(`machine: ${machine()}`);
console.log('| model | the same in all sentences with the name | size without the name, with it 100 % |');
console.log('|---|---:|---:|');
for (const model of process.argv.length > 2 ? process.argv.slice(2) : ['toybox']) {
  const clip = await loadClip(model);
  let next = 500_000_000;
  const photo = (thing: number, setting: number) =>
    sharp(drawScene(compose([personalCast(toybox, thing)], setting, next++), toybox.sprites, 320, 240), {
      raw: { width: 320, height: 240, channels: 3 },
    })
      .jpeg({ quality: 88 })
      .toBuffer();
  const tasks: PersonalizeTask[] = [];
  for (const [thing, { className }] of PERSONAL_THINGS.entries()) {
    const photos = await Promise.all(Array.from({ length: EXAMPLES }, (_, i) => photo(thing, 3 * i)));
    tasks.push({
      prompts: samplePrompts(EXAMPLES, `sks ${className}`, new PythonRandom(0)),
      features: normalizeRows(await clip.encodeImages(photos)),
      seed: 0,
    });
  }
  const learnt = await personalize(clip, tasks);
  const figures: { constant: number; without: number }[] = [];
  for (const [thing, { A }] of learnt.entries()) {
    const inSettings = (what: string) =>
      clip.freezeTexts(SETTINGS.map(({ phrases }) => `a photo of ${what} ${phrases[0]}`));
    const other = PERSONAL_THINGS[(thing + 7) % PERSONAL_THINGS.length]!.className;
    const named = energy(coefficients(A, await inSettings(`sks ${PERSONAL_THINGS[thing]!.className}`)));
    const plain = energy(coefficients(A, await inSettings(`a ${other}`)));
    figures.push({ constant: named.constant / named.all, without: Math.sqrt(plain.all / named.all) });
  }
  await clip.close();
  const column = (key: 'constant' | 'without') => percent(mean(figures.map((figure) => figure[key])));
  console.log(`| ${model} | ${column('constant')} | ${column('without')} |`);
}
