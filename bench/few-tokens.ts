/**
 * What one text costs the text tower of ViT-B/32's size (random weights): each dense layer as `Gemm`, as the tower is
 * usually written, and weight first, as it is written for a server that gets one text at a time. The forms take turns.
 * Beside each time stands the processor time, which a busy machine changes less.
 *
 *     npx tsx bench/few-tokens.ts
 */
import { resolveModel } from '../src/node/hub/fetch-model.ts';
import { openClip } from '../src/node/load-clip.ts';
import { benchFolder, machine, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const RUNS = 60;
const TEXTS = [
  'sks dog in the snow',
  'sks dog and a red car on a long road',
  'sks dog, a photo of a red car near the number 12 on a street',
  'sks dog and sks cat on the sofa in the living room with a red ball, a blue blanket, two cups of tea and a box of old books near the window',
];

const location = await resolveModel(await randomClip('ViT-B/32', benchFolder, tokenizerFile));
const forms = await Promise.all(
  [false, true].map(async (fewTexts) => ({
    name: fewTexts ? 'weight first' : 'Gemm',
    clip: await openClip(location, { sharesCores: true, fewTexts }),
  })),
);
const at = (values: number[], share: number) =>
  `${[...values].sort((a, b) => a - b)[Math.floor(share * values.length)]!.toFixed(1)} ms`;

console.log(`machine: ${machine()}`);
for (const text of TEXTS) {
  const runs = forms.map(({ name, clip }) => ({ name, clip, times: [] as number[], cpu: [] as number[] }));
  for (let run = 0; run < RUNS; run++) {
    for (const { clip, times, cpu } of runs) {
      const [started, used] = [performance.now(), process.cpuUsage()];
      await clip.encodeTexts([text]);
      times.push(performance.now() - started);
      const { user, system } = process.cpuUsage(used);
      cpu.push((user + system) / 1000);
    }
  }
  console.log(`${forms[0]!.clip.tokenize([text])[0]!.length} tokens`);
  for (const { name, times, cpu } of runs) {
    console.log(
      `  ${name}: median ${at(times, 0.5)}, 95 of 100 within ${at(times, 0.95)}, fastest ${at(times, 0)}; processor ${at(cpu, 0.5)}`,
    );
  }
}
for (const { clip } of forms) await clip.close();
