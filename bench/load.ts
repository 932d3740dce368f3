/**
 * Time, memory and speed of loading the towers of a ViT-L/14-sized model, with and without ONNX Runtime's weight
 * prepacking; each case in a process of its own. The choices in src/clip rest on this table.
 *
 *     npx tsx bench/load.ts
 */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildImageGraph } from '../src/clip/graphs/image.ts';
import { buildTextGraph } from '../src/clip/graphs/text.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { benchFolder, machine, median, memory, sentence, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const [tower, packing] = process.argv.slice(2);
const directory = await randomClip('ViT-L/14', benchFolder, tokenizerFile);

if (tower === undefined) {
  console.log(`machine: ${machine()}`);
  const whole = statSync(`${directory}/model.safetensors`).size / 2 ** 20;
  console.log(`model: ViT-L/14 size, random weights, ${whole.toFixed(0)} MB on disk`);
  for (const name of ['text', 'image']) {
    for (const prepack of ['prepacked', 'as stored']) {
      const self = fileURLToPath(import.meta.url);
      process.stdout.write(
        execFileSync(process.execPath, ['--import', 'tsx', self, name, prepack], { encoding: 'utf8' }),
      );
    }
  }
} else {
  const clip = await loadClip(directory);
  const write = tower === 'text' ? buildTextGraph : buildImageGraph;
  const before = memory();
  const started = performance.now();
  let weights = 0;
  const session = await clip.openGraph(
    'bench',
    (config, source) =>
      write(config, (name, shape) => {
        const tensor = source(name, shape);
        weights += tensor.byteLength / 2 ** 20;
        return tensor;
      }),
    { prepack: packing === 'prepacked' },
  );
  const load = performance.now() - started;
  const { text, vision } = clip.config;
  const tokens = clip.tokenize(Array.from({ length: 32 }, (_, i) => sentence(i)));
  const length = Math.max(...tokens.map((ids) => ids.length));
  const padded = BigInt64Array.from(
    tokens.flatMap((ids) => Array.from({ length }, (_, i) => BigInt(ids[i] ?? 0))),
  );
  const feeds =
    tower === 'text'
      ? {
          tokens: { data: padded, dims: [32, length] },
          end: { data: BigInt64Array.from(tokens.map((ids) => BigInt(ids.length - 1))), dims: [32] },
        }
      : {
          pixels: {
            data: new Float32Array(4 * 3 * vision.imageSize ** 2).fill(0.1),
            dims: [4, 3, vision.imageSize, vision.imageSize],
          },
        };
  await session.run(feeds);
  const { peak, private: own } = memory();
  const time = await median(5, () => session.run(feeds));
  const unit = tower === 'text' ? `32 texts of ${length} tokens` : '4 pictures';
  const extra = peak - before.resident;
  console.log(
    `${tower} tower (${(weights).toFixed(0)} MB of weights, ${tower === 'text' ? text.layers : vision.layers} layers), ${packing}: ` +
      `loaded in ${load.toFixed(0)} ms; peak memory ${extra.toFixed(0)} MB, ${(extra / weights).toFixed(2)} times its weights ` +
      `(${(own - before.private).toFixed(0)} MB of it private); ${unit} in ${time.toFixed(0)} ms`,
  );
}
