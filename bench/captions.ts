/**
 * Caption recall@10 with 20 concepts at ViT-L/14 size (random weights): every caption through the tower once,
 * against encoding every caption again for each concept, of which one encoding is measured and multiplied. Both
 * are timed in turns, a chunk of the captions each, so that whatever else the machine does falls on both alike.
 *
 *     npx tsx bench/captions.ts [captions.json]
 *
 * Without a caption file, 4,008 made-up captions of the same length are used.
 */
import { evaluateCaptions, readCaptionFile } from '../src/benchmarks/index.ts';
import { matrixOf, normalizeRows } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { benchFolder, machine, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const CAPTIONS = 4008; // ConCon-Chi's pool
const CONCEPTS = 20;
// Different texts a turn: as many as `evaluateCaptions` takes at a time, so that the turns add up to one evaluation.
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

await evaluateCaptions(clip, { pool, captions: captions.slice(0, 64), checkpoints: concepts.slice(0, 1) }); // graphs are loaded
const different = [...new Set(texts)];
let once = 0;
let plain = 0; // seconds of encoding and ranking every different caption with plain CLIP
for (let start = 0; start < different.length; start += PART) {
  const part = new Set(different.slice(start, start + PART));
  const turn = captions.filter(({ text }) => part.has(text));
  once += await timed(() => evaluateCaptions(clip, { pool, captions: turn, checkpoints: concepts }));
  plain += await timed(() => evaluateCaptions(clip, { pool, captions: turn, checkpoints: [] }));
}
await clip.close();

const again = plain * (captions.length / different.length) * (1 + CONCEPTS);
console.log(`machine: ${machine()}`);
console.log(
  `model: ViT-L/14 size, random weights; ${captions.length} captions (${different.length} different), ${CONCEPTS} concepts`,
);
console.log(`tower once, then one row for each concept: ${once.toFixed(1)} s`);
console.log(
  `every caption again for each concept: ${again.toFixed(0)} s (plain CLIP on the ${different.length} different ones: ${plain.toFixed(1)} s)`,
);
console.log(`ratio: ${(again / once).toFixed(1)} times faster`);
console.log(`peak memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`);
