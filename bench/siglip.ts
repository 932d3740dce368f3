/**
 * A SigLIP 2 at the size of ViT-B/16 (random weights): time and memory of a search's text, of the image tower, of
 * learning, and the price of a text's pads. Each case in a process of its own.
 *
 *     npx tsx bench/siglip.ts
 */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildTextGraph } from '../src/clip/graphs/text.ts';
import { matrixOf, normalizeRows } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { personalize } from '../src/polar/personalize.ts';
import { samplePrompts } from '../src/polar/prompts.ts';
import { PythonRandom } from '../src/polar/random/python.ts';
import { benchFolder, machine, median, memory, sentence } from './machine.ts';
import { randomClip } from './random-clip.ts';

// Gemma's pipeline with few words: the real one has 256,000 tokens in 34 MB of JSON, which takes time and memory too.
const tokenizer = fileURLToPath(
  new URL('../test/golden-models/siglip2/model/tokenizer.json', import.meta.url),
);
const [what] = process.argv.slice(2);
const directory = await randomClip('ViT-B/16-SigLIP2', benchFolder, tokenizer);
const MB = 2 ** 20;

/** The process's memory now and at its highest, in words. */
function used(): string {
  const { peak, resident, private: own } = memory();
  return `${resident.toFixed(0)} MB resident (highest ${peak.toFixed(0)}), of which ${own.toFixed(0)} MB private`;
}

const cases: Readonly<Record<string, () => Promise<void>>> = {
  async text() {
    const before = used();
    const started = performance.now();
    const clip = await loadClip(directory);
    const opened = performance.now();
    await clip.encodeTexts([sentence(0)]);
    const first = performance.now();
    const again = await median(9, () => clip.encodeTexts([sentence(1)]));
    console.log(`text: before ${before}; after ${used()}`);
    console.log(
      `text: opened in ${(opened - started).toFixed(0)} ms, the first sentence ${(first - opened).toFixed(0)} ms, a further one ${again.toFixed(0)} ms`,
    );
    await clip.close();
  },

  async image() {
    const clip = await loadClip(directory);
    const pixels = new Float32Array(3 * clip.config.vision.imageSize ** 2);
    const started = performance.now();
    await clip.encodePixels(pixels, 1);
    const first = performance.now() - started;
    const again = await median(5, () => clip.encodePixels(pixels, 1));
    console.log(
      `image: the first picture ${first.toFixed(0)} ms, a further one ${again.toFixed(0)} ms; ${used()}`,
    );
    await clip.close();
  },

  async training() {
    const clip = await loadClip(directory);
    const features = normalizeRows(
      matrixOf(
        Float32Array.from({ length: 5 * clip.dimension }, (_, i) => Math.sin(i * i)),
        clip.dimension,
      ),
    );
    const task = { prompts: samplePrompts(5, 'sks dog', new PythonRandom(0)), features, seed: 0 };
    for (const forward of ['released', 'exact'] as const) {
      const started = performance.now();
      await personalize(clip, [task], { forward });
      const time = performance.now() - started;
      console.log(
        `training: 500 iterations of 5 photos, ${forward} forward, loading included: ${(time / 1000).toFixed(1)} s; ${used()}`,
      );
    }
    await clip.close();
  },

  async pads() {
    const clip = await loadClip(directory);
    const session = await clip.openGraph('text', buildTextGraph, { prepack: false });
    const run = (length: number) => () =>
      session.run({
        tokens: { data: new BigInt64Array(length).fill(5n), dims: [1, length] },
        end: { data: BigInt64Array.of(BigInt(length - 1)), dims: [1] },
      });
    const ratios: number[] = [];
    for (let i = 0; i < 7; i++) ratios.push((await median(3, run(64))) / (await median(3, run(13))));
    ratios.sort((a, b) => a - b);
    console.log(
      `pads: 64 tokens take ${ratios[3]!.toFixed(1)} times as long as 13 (a dozen words, which is all that CLIP would read)`,
    );
    await clip.close();
  },
};

if (what === undefined) {
  console.log(`machine: ${machine()}`);
  console.log(
    `model: ${(statSync(`${directory}/model.safetensors`).size / MB).toFixed(0)} MB on disk, of which 750 MB are the token table`,
  );
  for (const name of Object.keys(cases)) {
    const self = fileURLToPath(import.meta.url);
    process.stdout.write(
      execFileSync(process.execPath, ['--import', 'tsx', self, name], { encoding: 'utf8' }),
    );
  }
} else {
  await cases[what]!();
}
