import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { FAMILIES } from '../../src/clip/families/describe.ts';
import { createTokenizer } from '../../src/clip/tokenizer.ts';

/** The side of the pictures that the model sees. */
export const SIDE = 80;
/** The longest text of the training, in tokens. */
export const LONGEST = 40;

/** Toybox's own tokenizer. */
export async function openTokenizer(): Promise<ReturnType<typeof createTokenizer>> {
  const file = fileURLToPath(new URL('../../models/toybox/tokenizer.json', import.meta.url));
  const json: unknown = JSON.parse(await readFile(file, 'utf8'));
  return createTokenizer(json, file, LONGEST, FAMILIES.clip.texts(json, file));
}

/** Averages blocks of 2 x 2 pixels. */
export function halve(pixels: Uint8Array, side: number): Uint8Array {
  const out = new Uint8Array(side * side * 3);
  const row = side * 2 * 3;
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let k = 0; k < 3; k++) {
        const at = 2 * y * row + 6 * x + k;
        out[(y * side + x) * 3 + k] =
          (pixels[at]! + pixels[at + 3]! + pixels[at + row]! + pixels[at + row + 3]! + 2) >> 2;
      }
    }
  }
  return out;
}
