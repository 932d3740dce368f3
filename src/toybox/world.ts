import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import type { Sprite } from './canvas.ts';

/** A nameable thing and its drawings, as `set:icon`. */
export interface Thing {
  readonly name: string;
  readonly category: string;
  readonly drawings: readonly string[];
}

const FOLDER = fileURLToPath(new URL('../../models/toybox-world/', import.meta.url));

/** The drawings and words of the world; `side` of a drawing in pixels. */
export interface World {
  readonly side: number;
  readonly things: readonly Thing[];
}

/** Reads the list of things that ships with the package. */
export async function readWorld(): Promise<World> {
  return JSON.parse(await readFile(`${FOLDER}world.json`, 'utf8')) as World;
}

/** The drawing of a thing that training never sees: another set's for each thing. */
export function heldOutDrawing(thing: Thing): number {
  let hash = 7;
  for (const letter of thing.name) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
  return hash % thing.drawings.length;
}

/** The drawings of a thing that training sees. */
export function trainingDrawings(thing: Thing): number[] {
  const heldOut = heldOutDrawing(thing);
  return thing.drawings.flatMap((_, index) => (index === heldOut ? [] : [index]));
}

/** Reads a thing's drawings. Each is premultiplied and halved when it is first drawn: a set of photos shows few. */
export async function readSprites(thing: Thing, side: number): Promise<Sprite[]> {
  const { data, info } = await sharp(`${FOLDER}things/${thing.name.replaceAll(' ', '-')}.webp`)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return thing.drawings.map((_, index) => {
    let sprite: Sprite | undefined;
    return {
      get levels() {
        sprite ??= spriteOf(side, premultiplied(data, info.width, index * side, side));
        return sprite.levels;
      },
    };
  });
}

/** The square of this side at `left` in an RGBA picture: premultiplied pixels `[side, side, 4]`. */
function premultiplied(data: Uint8Array, width: number, left: number, side: number): Float32Array {
  const pixels = new Float32Array(side * side * 4);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = (y * width + left + x) * 4;
      const alpha = data[from + 3]! / 255;
      const to = (y * side + x) * 4;
      if (alpha === 0) continue; // most of a drawing is empty
      for (let k = 0; k < 3; k++) pixels[to + k] = data[from + k]! * alpha;
      pixels[to + 3] = alpha;
    }
  }
  return pixels;
}

/** A sprite from premultiplied pixels `[side, side, 4]`. */
export function spriteOf(side: number, data: Float32Array): Sprite {
  const levels = [{ side, data }];
  for (let half = side / 2; half >= 12; half /= 2) {
    const { data: from, side: wide } = levels.at(-1)!;
    const to = new Float32Array(half * half * 4);
    for (let y = 0; y < half; y++) {
      for (let x = 0; x < half; x++) {
        for (let k = 0; k < 4; k++) {
          const at = (2 * y * wide + 2 * x) * 4 + k;
          to[(y * half + x) * 4 + k] =
            (from[at]! + from[at + 4]! + from[at + wide * 4]! + from[at + wide * 4 + 4]!) / 4;
        }
      }
    }
    levels.push({ side: half, data: to });
  }
  return { levels };
}
