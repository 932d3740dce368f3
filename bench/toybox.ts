/**
 * What Toybox knows, and what it shows about POLAR: writes the tables of `docs/toybox.md`.
 *
 *     npx tsx bench/toybox.ts
 *
 * The data set is made and evaluated with the same commands that anybody has: `polar toybox make-conconchi`,
 * `polar bench run`, `seeds` and `ablate`.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { type Matrix, normalizeRows, rowOf } from '../src/matrix.ts';
import { loadClip } from '../src/node/load-clip.ts';
import { captionOf } from '../src/toybox/captions.ts';
import { openToybox } from '../src/toybox/personal.ts';
import { WorldRandom } from '../src/toybox/random.ts';
import { sampleScene } from '../src/toybox/sample.ts';
import { compose, drawScene, type Scene } from '../src/toybox/scene.ts';
import { settingNumber } from '../src/toybox/settings.ts';
import { heldOutDrawing } from '../src/toybox/world.ts';
import { benchFolder, machine } from './machine.ts';

const SCENES = 1000;
const SEEDS = 5;
const LAMBDAS = ['0', '0.01', '0.1', '0.35', '1', '3'];
const root = fileURLToPath(new URL('..', import.meta.url));
const document = join(root, 'docs', 'toybox.md');

const toybox = await openToybox([]);
const clip = await loadClip('toybox');

/** A scene as a photo goes through the world: a JPEG of 320 x 240 pixels. */
const photo = (scene: Scene): Promise<Buffer> =>
  sharp(drawScene(scene, toybox.sprites, 320, 240), { raw: { width: 320, height: 240, channels: 3 } })
    .jpeg({ quality: 88 })
    .toBuffer();

/** For each query the number of candidates that are nearer than its own, ties in its favour. */
function ranks(queries: Matrix, candidates: Matrix, own: (query: number) => number): number[] {
  return Array.from({ length: queries.rows }, (_, query) => {
    const q = rowOf(queries, query);
    const score = (row: number) => rowOf(candidates, row).reduce((sum, value, i) => sum + value * q[i]!, 0);
    const mine = score(own(query));
    let nearer = 0;
    for (let row = 0; row < candidates.rows; row++) if (row !== own(query) && score(row) > mine) nearer++;
    return nearer;
  });
}

const share = (values: readonly boolean[]): string =>
  `${((100 * values.filter(Boolean).length) / values.length).toFixed(1)} %`;

const scenes = Array.from({ length: SCENES }, (_, index) => sampleScene(toybox.world, 700_000_000 + index));
const captions = scenes.map((scene) =>
  captionOf(toybox.world, scene, new WorldRandom(scene.seed, 3), { isComplete: true }),
);
const pictures: Matrix = normalizeRows(await clip.encodeImages(await Promise.all(scenes.map(photo))));
const texts = normalizeRows(await clip.encodeTexts(captions));
const found = ranks(texts, pictures, (query) => query);

const things = toybox.world.things;
const alone = things.map((thing, index) =>
  compose(
    [{ thing: index, drawing: heldOutDrawing(thing), look: {} }],
    settingNumber('studio'),
    710_000_000 + index,
  ),
);
const unseen = normalizeRows(await clip.encodeImages(await Promise.all(alone.map(photo))));
const names = normalizeRows(
  await clip.encodeTexts(
    things.map(({ name }) => `a photo of ${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`),
  ),
);
const classified = ranks(unseen, names, (query) => query);
await clip.close();

const work = join(benchFolder, 'toybox');
rmSync(work, { recursive: true, force: true }); // of another model, maybe
mkdirSync(work, { recursive: true });
const polar = (...args: string[]): string =>
  execFileSync(process.execPath, ['--import', 'tsx', join(root, 'src/cli/main.ts'), ...args], {
    cwd: work,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
const data = ['--data-path', 'conconchi', '--clip-model', 'toybox'];
const folder = (name: string) => ['--checkpoint-dir', join('checkpoints', name)];
polar('toybox', 'make-conconchi', 'conconchi');
const captionFile = join('conconchi', 'toybox_captions.json');
const main = ['conconchi', ...data, ...folder('main')];
polar('bench', 'run', ...main, '--captions', captionFile);
polar('bench', 'seeds', ...main, '--count', String(SEEDS));
polar('bench', 'ablate', ...main, 'lambda', ...LAMBDAS);
const table = polar('bench', 'ablate', ...main, 'forward', 'released', 'exact', '--markdown');
const exact = ['conconchi', ...data, ...folder('exact'), '--forward', 'exact'];
polar('bench', 'run', ...exact, '--captions', captionFile);
const exactTable = polar('bench', 'seeds', ...exact, '--count', String(SEEDS), '--markdown');
const compared = ['class-name', 'image', 'image-text'].map(
  (other) =>
    `POLAR against \`${other}\`, ${polar('bench', 'compare', ...main, 'polar', other)
      .trim()
      .replaceAll('\n', '; ')}`,
);

const output = `
Taken with \`npx tsx bench/toybox.ts\`.

| What Toybox knows | |
| --- | ---: |
| text to image recall@1, ${SCENES} unseen scenes with unseen captions | ${share(found.map((rank) => rank < 1))} |
| text to image recall@10, the same | ${share(found.map((rank) => rank < 10))} |
| class of an unseen drawing among ${things.length} things, zero-shot | ${share(classified.map((rank) => rank < 1))} |
| the same, right one among the first five | ${share(classified.map((rank) => rank < 5))} |

POLAR on the Toybox ConCon-Chi (our own world, our own figures; per cent), training forward \`released\`:

${table.trim()}

With training forward \`exact\`:

${exactTable.trim()}

Differences of the means with 95 % intervals by paired bootstrap:

${compared.map((line) => `- ${line}`).join('\n')}
`;
process.stdout.write(output);
process.stderr.write(`${machine()}\n`);
const [START, END] = ['<!-- bench/toybox.ts -->', '<!-- end -->'];
const text = readFileSync(document, 'utf8');
writeFileSync(
  document,
  `${text.slice(0, text.indexOf(START) + START.length)}\n${output}\n${text.slice(text.indexOf(END))}`,
);
