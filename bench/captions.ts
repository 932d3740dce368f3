/**
 * Caption recall@10 with 20 concepts at ViT-L/14 size (random weights): every caption through the tower once,
 * against encoding every caption again for each concept, which is measured on a part and multiplied.
 *
 *     npx tsx bench/captions.ts [captions.json]
 *
 * Without a caption file, 4,008 made-up captions of the same length are used.
 */
import { evaluateCaptions, loadClip, normalizeRows, readCaptionFile } from '../src/index.ts';
import { matrixOf } from '../src/matrix.ts';
import { benchFolder, machine, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const CAPTIONS = 4008; // ConCon-Chi's pool
const CONCEPTS = 20;
const PART = 512;

const file = process.argv[2];
const THINGS = [
  'dog',
  'mug',
  'doll',
  'backpack',
  'clock',
  'robot',
  'vase',
  'bottle',
  'camera',
  'pillow',
  'lamp',
];
const PLACES = [
  'black office chair',
  'wooden table',
  'white bed',
  'red couch',
  'kitchen floor',
  'garden bench',
];
const texts =
  file === undefined
    ? Array.from({ length: CAPTIONS }, (_, i) => {
        const pick = (words: readonly string[], step: number) => words[Math.floor(i / step) % words.length]!;
        return `A ${pick(THINGS, 1)} with a ${pick(THINGS, 11)} is on a ${pick(PLACES, 121)} ${Math.floor(i / 726)}.`;
      })
    : (await readCaptionFile(file)).map(({ text }) => text);
const captions = texts.map((text, image) => ({ text, image }));

const clip = await loadClip(await randomClip('ViT-L/14', benchFolder, tokenizerFile));
const { width: D, dimension: P } = clip;
const wave = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(seed + 0.7 * i));
const pool = normalizeRows(matrixOf(wave(captions.length * P, 1), P));
const concept = (seed: number) => ({
  identifier: 'sks',
  rank: 1,
  A: normalizeRows(matrixOf(wave(D, seed), D)).data,
  B: wave(D, seed + 0.5).map((value) => 0.1 * value),
});
const concepts = Array.from({ length: CONCEPTS }, (_, seed) => concept(seed));
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

await evaluateCaptions(clip, pool, captions.slice(0, 64), concepts.slice(0, 1)); // graphs are loaded
// One encoding of a part of the captions and its ranks, before and after, so that a busy machine shows.
const part = captions.filter((_, i) => i % Math.floor(captions.length / PART) === 0).slice(0, PART);
const again = () => timed(() => evaluateCaptions(clip, pool, part, []));
const before = await again();
const once = await timed(() => evaluateCaptions(clip, pool, captions, concepts));
const after = await again();
await clip.close();

const naive = ((before + after) / 2) * (captions.length / part.length) * (1 + CONCEPTS);
console.log(`machine: ${machine()}`);
console.log(
  `model: ViT-L/14 size, random weights; ${captions.length} captions (${new Set(texts).size} different), ${CONCEPTS} concepts`,
);
console.log(`tower once, then one row for each concept: ${once.toFixed(1)} s`);
console.log(
  `every caption again for each concept: ${naive.toFixed(0)} s (from ${part.length} captions, ${before.toFixed(1)} s before and ${after.toFixed(1)} s after)`,
);
console.log(`ratio: ${(naive / once).toFixed(1)} times faster`);
console.log(`peak memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
