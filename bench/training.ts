/**
 * How long it takes to learn concepts with a model of ViT-L/14's size (random weights), and how that compares
 * with training over all 77 tokens of every prompt in the same engine.
 *
 *     npx tsx bench/training.ts
 */
import { matrixOf, normalizeRows } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { personalize } from '../src/polar/personalize.ts';
import { samplePrompts } from '../src/polar/prompts.ts';
import { PythonRandom } from '../src/polar/random/python.ts';
import { buildFullLengthTraining } from './full-length-training.ts';
import { benchFolder, machine, median, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const PROMPTS = 5;
const ITERATIONS = 500;
const CONCEPTS = 20;
const TURNS = 3;

const clip = await loadClip(await randomClip('ViT-L/14', benchFolder, tokenizerFile));
const { width: D, dimension: P } = clip;
const T = clip.config.text.contextLength;
const wave = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(seed + 0.7 * i) * 0.05);
const task = (seed: number) => ({
  prompts: samplePrompts(PROMPTS, 'sks dog', new PythonRandom(seed)),
  features: normalizeRows(matrixOf(wave(PROMPTS * P, seed), P)),
  seed,
});

/** Seconds of training alone: the first iteration comes after the tower has run. */
async function seconds(tasks: ReturnType<typeof task>[]): Promise<number> {
  let first = 0;
  let last = 0;
  await personalize(clip, tasks, {
    iterations: ITERATIONS + 1,
    onIteration: (iteration) => {
      last = performance.now();
      if (iteration === 0) first = last;
    },
  });
  return (last - first) / 1000;
}

const rows = PROMPTS * T;
const full = await clip.openGraph('full-length', buildFullLengthTraining, { prepack: true });
const fullFeeds = {
  x: { data: wave(rows * D, 1), dims: [rows, D] },
  normed: { data: wave(rows * D, 2), dims: [rows, D] },
  probabilities: { data: new Float32Array(rows * T).fill(1 / T), dims: [PROMPTS, T, T] },
  end: { data: new BigInt64Array(PROMPTS).fill(9n), dims: [PROMPTS, 1] },
  features: { data: task(0).features.data, dims: [PROMPTS, P] },
  A: { data: wave(D, 3), dims: [1, D] },
  B: { data: wave(D, 4), dims: [1, D] },
};
await full.run(fullFeeds);
await seconds([task(0)]); // both are warm

// Taken in turns, so that whatever else the machine does falls on both alike.
const all = Array.from({ length: CONCEPTS }, (_, seed) => task(seed));
const ones: number[] = [];
const fulls: number[] = [];
const alls: number[] = [];
for (let turn = 0; turn < TURNS; turn++) {
  ones.push(await seconds([task(0)]));
  fulls.push(await median(9, () => full.run(fullFeeds)));
  alls.push(await seconds(all));
}
const [one, fullIteration, together] = [ones, fulls, alls].map(
  (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!,
) as [number, number, number];
const range = (times: number[]) => `${times[0]!.toFixed(2)} to ${times.at(-1)!.toFixed(2)} s`;
await clip.close();

const perIteration = (one * 1000) / ITERATIONS;
console.log(`machine: ${machine()}`);
console.log(
  `model: ViT-L/14 size, random weights; ${PROMPTS} prompts a concept, ${ITERATIONS} iterations, medians of ${TURNS} turns`,
);
console.log(`one concept: ${one.toFixed(2)} s (${range(ones)}), ${perIteration.toFixed(2)} ms an iteration`);
console.log(`${CONCEPTS} concepts together: ${together.toFixed(2)} s (${range(alls)})`);
console.log(
  `${CONCEPTS} concepts together against one by one: ${((CONCEPTS * one) / together).toFixed(1)} times faster`,
);
console.log(`all ${T} tokens of every prompt: ${fullIteration.toFixed(1)} ms an iteration`);
console.log(`against all ${T} tokens: ${(fullIteration / perIteration).toFixed(0)} times faster`);
