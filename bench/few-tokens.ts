/**
 * What one text costs the text tower of ViT-B/32's size (random weights): with the weights as they lie, and prepacked,
 * as a server that gets one text at a time has them. The two take turns. Beside each time stands the processor time,
 * which a busy machine changes less, and what no program does without: the time in which one core reads so many bytes of
 * weights, and the time of the arithmetic at the speed of a batch, where all cores compute and each weight is read once
 * for many texts.
 *
 *     npx tsx bench/few-tokens.ts
 */
import { resolveModel } from '../src/node/hub/fetch-model.ts';
import { openClip } from '../src/node/load-clip.ts';
import { benchFolder, machine, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const RUNS = 60;
const BATCH = 32;
const TEXTS = [
  'sks dog in the snow',
  'sks dog and a red car on a long road',
  'sks dog, a photo of a red car near the number 12 on a street',
  'sks dog and sks cat on the sofa in the living room with a red ball, a blue blanket, two cups of tea and a box of old books near the window',
];

const location = await resolveModel(await randomClip('ViT-B/32', benchFolder, tokenizerFile));
const ways = await Promise.all(
  [false, true].map(async (fewTexts) => ({
    name: fewTexts ? 'prepacked' : 'as they lie',
    clip: await openClip(location, { sharesCores: true, fewTexts }),
  })),
);
const { clip: packed } = ways[1]!;
const { width, mlpWidth, layers } = packed.config.text;
const weights = layers * (4 * width * width + 2 * width * mlpWidth);
const at = (values: number[], share: number) =>
  `${[...values].sort((a, b) => a - b)[Math.floor(share * values.length)]!.toFixed(1)} ms`;

/** Reads as many bytes as the weights have, none of them in a cache. */
const halves = [Buffer.alloc(2 * weights, 1), Buffer.alloc(2 * weights, 1)] as const;
function read(): number {
  const started = performance.now();
  if (halves[0].compare(halves[1]) !== 0) throw new Error('memory is not as it was written');
  return performance.now() - started;
}

console.log(`machine: ${machine()}`);
for (const text of TEXTS) {
  const runs = ways.map(({ name, clip }) => ({ name, clip, times: [] as number[], cpu: [] as number[] }));
  const reads: number[] = [];
  const batches: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    for (const { clip, times, cpu } of runs) {
      const [started, used] = [performance.now(), process.cpuUsage()];
      await clip.encodeTexts([text]);
      times.push(performance.now() - started);
      const { user, system } = process.cpuUsage(used);
      cpu.push((user + system) / 1000);
    }
    reads.push(read());
    if (run % 10 > 0) continue; // a batch takes as long as thirty texts
    const started = performance.now();
    await packed.encodeTexts(Array.from({ length: BATCH }, () => text));
    batches.push((performance.now() - started) / BATCH);
  }
  const { length } = packed.tokenize([text])[0]!;
  console.log(`${length} tokens, ${((2 * length * weights) / 1e9).toFixed(2)} GFLOP`);
  for (const { name, times, cpu } of runs) {
    console.log(
      `  ${name}: median ${at(times, 0.5)}, 95 of 100 within ${at(times, 0.95)}, fastest ${at(times, 0)}; processor ${at(cpu, 0.5)}`,
    );
  }
  console.log(
    `  bound: ${Math.round((4 * weights) / 1e6)} MB read in ${at(reads, 0.5)} by one core, fastest ${at(reads, 0)}; arithmetic as in a batch of ${BATCH}: ${at(batches, 0.5)}, fastest ${at(batches, 0)}`,
  );
}
for (const { clip } of ways) await clip.close();
