/**
 * How long `polar search` takes from its start to its end, and where the time goes: the built command, a model of
 * ViT-B/32's size (random weights), a library of real photos.
 *
 *     npm run build && npx tsx bench/cold-start.ts <folder of photos>
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchFolder, machine, tokenizerFile } from './machine.ts';
import { randomClip } from './random-clip.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: npx tsx bench/cold-start.ts <folder of photos>');
const RUNS = 9;
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const model = await randomClip('ViT-B/32', benchFolder, tokenizerFile);
const env = {
  ...process.env,
  POLAR_HOME: join(benchFolder, 'cold-start'),
  HF_HUB_OFFLINE: '1',
  NODE_OPTIONS: '',
};
execFileSync(process.execPath, [main, 'index', folder, '--model', model], { env, stdio: 'inherit' });

const runs: { seconds: number; timing: string }[] = [];
for (let turn = 0; turn < RUNS; turn++) {
  const started = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [main, 'search', 'a dog on the beach', '--model', model, '--timing'],
    { env, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  runs.push({ seconds: (performance.now() - started) / 1000, timing: stderr });
}
runs.sort((a, b) => a.seconds - b.seconds);
const { seconds, timing } = runs[Math.floor(RUNS / 2)]!;
console.log(`machine: ${machine()}`);
console.log(
  `polar search, ViT-B/32 size: ${seconds.toFixed(2)} s (median of ${RUNS}, slowest ${runs.at(-1)!.seconds.toFixed(2)})`,
);
process.stdout.write(timing);
