/**
 * How long `polar learn` takes from the command to the prompt: the built command, a model of ViT-L/14's size (random
 * weights), five photos. Once with photos that are new, whose embeddings the image tower computes, and once with photos
 * that are in the index, where it stays closed; in turns. The two concepts are compared number by number.
 *
 *     npm run build && npx tsx bench/learn.ts [folder of photos]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scanPhotos } from '../src/library/scan.ts';
import { ConceptStore } from '../src/node/concepts/concept-store.ts';
import { benchFolder, machine, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const folder = process.argv[2] ?? fileURLToPath(new URL('../test/photos', import.meta.url));
const TURNS = 3;
const PHOTOS = 5;
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const model = await randomClip('ViT-L/14', benchFolder, tokenizerFile);
const home = join(benchFolder, 'learn');
const env = { ...process.env, POLAR_HOME: home, HF_HUB_OFFLINE: '1', NODE_OPTIONS: '' };
execFileSync(process.execPath, [main, 'index', folder, '--model', model], { env, stdio: 'inherit' });
const photos = (await scanPhotos(folder)).photos.slice(0, PHOTOS).map(({ path }) => path);

/** Seconds of the whole command, and of reading and training. */
interface Run {
  readonly seconds: number;
  readonly learning: number;
}

function learn(name: string, index: string): Run {
  const args = ['learn', name, ...photos, '--class', 'dog', '--model', model, '--index', index];
  const started = performance.now();
  const run = spawnSync(process.execPath, [main, ...args, '--force', '--json'], { env, encoding: 'utf8' });
  const seconds = (performance.now() - started) / 1000;
  if (run.status !== 0) throw new Error(run.stderr);
  return { seconds, learning: (JSON.parse(run.stdout) as { seconds: number }).seconds };
}

const runs: Record<'new' | 'indexed', Run[]> = { new: [], indexed: [] };
for (let turn = 0; turn < TURNS; turn++) {
  runs.indexed.push(learn('Indexed', join(home, 'library')));
  runs.new.push(learn('New', join(home, 'empty')));
}
console.log(`machine: ${machine()}`);
console.log(`model: ViT-L/14 size, random weights; ${PHOTOS} photos, medians of ${TURNS} turns`);
for (const [kind, all] of Object.entries(runs)) {
  const { seconds, learning } = all.sort((a, b) => a.seconds - b.seconds)[Math.floor(TURNS / 2)]!;
  console.log(
    `${kind} photos: ${seconds.toFixed(2)} s from command to prompt (${all[0]!.seconds.toFixed(2)} to ${all.at(-1)!.seconds.toFixed(2)}), ${learning.toFixed(2)} s of them reading and training`,
  );
}
const store = new ConceptStore(join(home, 'concepts'));
const [a, b] = [await store.get('Indexed'), await store.get('New')];
const differences = [...a.A, ...a.B].map((x, i) =>
  Math.abs(x - (i < a.A.length ? b.A[i]! : b.B[i - a.A.length]!)),
);
console.log(`largest difference of the two concepts' numbers: ${Math.max(...differences)}`);
