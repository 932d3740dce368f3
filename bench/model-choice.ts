/**
 * The share that an image tower has of the speed of a bare matrix product on this machine, for the estimate by which a
 * model is chosen where several are cached (src/node/machine-speed.ts): measured in turns, five each.
 *
 *     npx tsx bench/model-choice.ts [ViT-B/32]
 */
import { imageFlops } from '../src/clip/cost.ts';
import { loadClip } from '../src/index.ts';
import { measureSpeed } from '../src/node/machine-speed.ts';
import { benchFolder, machine, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const [size = 'ViT-B/32'] = process.argv.slice(2);
const PICTURES = 8;
const clip = await loadClip(await randomClip(size as 'ViT-B/32', benchFolder, tokenizerFile));
const side = clip.config.vision.imageSize;
const pixels = new Float32Array(PICTURES * 3 * side * side).fill(0.1);
await clip.encodePixels(pixels, PICTURES);
const shares: number[] = [];
for (let turn = 0; turn < 5; turn++) {
  const estimated = await measureSpeed();
  const started = performance.now();
  await clip.encodePixels(pixels, PICTURES);
  const seconds = (performance.now() - started) / 1000;
  shares.push((PICTURES * imageFlops(clip.config)) / seconds / estimated);
}
console.log(`machine: ${machine()}`);
console.log(`${size}: ${shares.sort((a, b) => a - b)[2]!.toFixed(2)} of the estimated speed (1 is exact)`);
await clip.close();
