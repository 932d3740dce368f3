/**
 * Writes training scenes for `train.py`: `<out>/<name>.u8` (pictures `[N, side, side, 3]`, drawn at twice the side and
 * halved, as a photo's preprocessing smooths it), `<out>/<name>.ids` (captions, `[N, 3, 40]` int16 with end-of-text
 * behind the last token) and `<out>/<name>.jsonl` (what is where).
 *
 *     npx tsx tools/toybox/make-training.ts <out> <name> <first seed> <count> [most things=3]
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { captionOf } from '../../src/toybox/captions.ts';
import { COLOUR_NAMES, PATTERNS } from '../../src/toybox/look.ts';
import { WorldRandom } from '../../src/toybox/random.ts';
import { sampleScene } from '../../src/toybox/sample.ts';
import { drawScene } from '../../src/toybox/scene.ts';
import { readSprites, readWorld } from '../../src/toybox/world.ts';
import { halve, LONGEST, openTokenizer, SIDE } from './picture.ts';

const CAPTIONS = 3;

async function write(stream: WriteStream, chunk: string | Uint8Array): Promise<void> {
  if (!stream.write(chunk)) await new Promise<void>((resolve) => stream.once('drain', () => resolve()));
}

const [out = '', name = '', first = '0', count = '1000', most = '3'] = process.argv.slice(2);
const world = await readWorld();
const sprites = await Promise.all(world.things.map((thing) => readSprites(thing, world.side)));
const { tokenize } = await openTokenizer();
await mkdir(out, { recursive: true });
const files = ['u8', 'ids', 'jsonl'].map((ending) => createWriteStream(join(out, `${name}.${ending}`)));
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const scene = sampleScene(world, seed, Number(most));
  const random = new WorldRandom(seed, 3);
  const ids = new Int16Array(CAPTIONS * LONGEST).fill(-1);
  const texts = Array.from({ length: CAPTIONS }, () =>
    captionOf(world, scene, random, { isComplete: false }),
  );
  tokenize(texts).forEach((row, index) => {
    ids.set(row, index * LONGEST);
  });
  const things = scene.things.map(({ thing, x, y, size, look }) => [
    thing,
    x,
    y,
    size,
    look.colour === undefined ? 0 : COLOUR_NAMES.indexOf(look.colour) + 1,
    look.pattern === undefined ? 0 : PATTERNS.indexOf(look.pattern) + 1,
  ]);
  await write(
    files[0]!,
    halve(
      drawScene(scene, (thing) => sprites[thing]!, 2 * SIDE, 2 * SIDE),
      SIDE,
    ),
  );
  await write(files[1]!, new Uint8Array(ids.buffer));
  await write(files[2]!, `${JSON.stringify({ texts, setting: scene.setting, things })}\n`);
}
for (const file of files) file.end();
