/**
 * Writes what `refine.py` composes its pictures from, and what it is measured on:
 * `<out>/drawings.u8` (`[N, 96, 96, 4]`, premultiplied) with `drawings.json` (which thing, from where, whether it has
 * colours of its own): the drawings that training may see and those of more sets, which do not ship;
 * `<out>/grounds.u8` (settings without things); `<out>/unseen.u8` (every thing in the drawing that is held out, the
 * pictures of `bench/toybox.ts`); `<out>/names.ids` (a text for each thing).
 *
 *     npx tsx tools/toybox/make-lessons.ts <out>
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openToybox } from '../../src/toybox/personal.ts';
import { compose, drawScene } from '../../src/toybox/scene.ts';
import { SETTINGS, settingNumber } from '../../src/toybox/settings.ts';
import { heldOutDrawing, type Thing, trainingDrawings } from '../../src/toybox/world.ts';
import { drawIcon, openIconSet } from './icons.ts';
import { halve, LONGEST, openTokenizer, SIDE } from './picture.ts';

/** Sets that training may see beside the world's own, and the family whose drawings they share an origin with. */
const MORE_SETS = [
  { set: 'openmoji', family: 'openmoji', isColoured: true },
  { set: 'emojione-v1', family: 'emojione', isColoured: true },
  { set: 'streamline-emojis', family: 'streamline', isColoured: true },
  { set: 'emojione-monotone', family: 'emojione', isColoured: false },
  { set: 'fluent-emoji-high-contrast', family: 'fluent-emoji', isColoured: false },
  { set: 'game-icons', family: 'game-icons', isColoured: false },
] as const;
/** Root mean square difference of two drawings on grey, from 0 to 1, under which one counts as a copy of the other. */
const COPY = 0.05;
const GROUNDS_EACH = 60;

const toybox = await openToybox([]);
const { things, side } = toybox.world;
const [out = ''] = process.argv.slice(2);
await mkdir(out, { recursive: true });

/** The finest picture of a drawing of the world, premultiplied bytes. */
const shipped = (thing: number, drawing: number): Uint8Array =>
  Uint8Array.from(toybox.sprites(thing)[drawing]!.levels[0]!.data, (value, i) =>
    Math.round(i % 4 === 3 ? value * 255 : value),
  );

async function render(svg: string): Promise<Uint8Array> {
  const bytes = Uint8Array.from(await drawIcon(svg, side).ensureAlpha().raw().toBuffer());
  for (let at = 0; at < bytes.length; at += 4) {
    for (let k = 0; k < 3; k++) bytes[at + k] = Math.round((bytes[at + k]! * bytes[at + 3]!) / 255);
  }
  return bytes;
}

function difference(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 4) {
    for (let k = 0; k < 3; k++) {
      const onGrey = (bytes: Uint8Array) => bytes[at + k]! + (128 * (255 - bytes[at + 3]!)) / 255;
      sum += (onGrey(a) - onGrey(b)) ** 2;
    }
  }
  return Math.sqrt(sum / (side * side * 3)) / 255;
}

const sets = await Promise.all(
  MORE_SETS.map(async (more) => ({ ...more, icon: await openIconSet(more.set) })),
);
const drawings: { thing: number; from: string; isColoured: boolean }[] = [];
const pixels: Uint8Array[] = [];
const counts = { shipped: 0, more: 0, copies: 0, sameFamily: 0 };

async function more(thing: Thing, index: number): Promise<void> {
  const [heldOutSet = '', icon = ''] = thing.drawings[heldOutDrawing(thing)]!.split(':');
  const heldOut = shipped(index, heldOutDrawing(thing));
  for (const { set, family, isColoured, icon: iconOf } of sets) {
    const svg = iconOf(icon) ?? iconOf(thing.name.replaceAll(' ', '-'));
    if (svg === undefined) continue;
    if (heldOutSet.startsWith(family)) {
      counts.sameFamily++;
      continue;
    }
    const bytes = await render(svg);
    if (difference(bytes, heldOut) < COPY) {
      counts.copies++;
      process.stderr.write(`${set}:${icon} is a copy of ${heldOutSet}:${icon}\n`);
      continue;
    }
    counts.more++;
    drawings.push({ thing: index, from: `${set}:${icon}`, isColoured });
    pixels.push(bytes);
  }
}

for (const [index, thing] of things.entries()) {
  for (const drawing of trainingDrawings(thing)) {
    counts.shipped++;
    drawings.push({ thing: index, from: thing.drawings[drawing]!, isColoured: true });
    pixels.push(shipped(index, drawing));
  }
  await more(thing, index);
}
await writeFile(join(out, 'drawings.u8'), Buffer.concat(pixels));
await writeFile(join(out, 'drawings.json'), `${JSON.stringify(drawings)}\n`);
process.stderr.write(`${JSON.stringify(counts)}\n`);

const picture = (scene: ReturnType<typeof compose>): Uint8Array =>
  halve(drawScene(scene, toybox.sprites, 2 * SIDE, 2 * SIDE), SIDE);
await writeFile(
  join(out, 'grounds.u8'),
  Buffer.concat(
    SETTINGS.flatMap((_, setting) =>
      Array.from({ length: GROUNDS_EACH }, (_, i) =>
        picture(compose([], setting, 3_000_000 + setting * GROUNDS_EACH + i)),
      ),
    ),
  ),
);
await writeFile(
  join(out, 'unseen.u8'),
  Buffer.concat(
    things.map((thing, index) =>
      picture(
        compose(
          [{ thing: index, drawing: heldOutDrawing(thing), look: {} }],
          settingNumber('studio'),
          710_000_000 + index,
        ),
      ),
    ),
  ),
);
const { tokenize } = await openTokenizer();
const ids = new Int16Array(things.length * LONGEST).fill(-1);
tokenize(things.map(({ name }) => `a photo of ${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`)).forEach(
  (row, index) => {
    ids.set(row, index * LONGEST);
  },
);
await writeFile(join(out, 'names.ids'), new Uint8Array(ids.buffer));
