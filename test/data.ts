import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Absolute path of a file of the reference figures: a CLIP of width 32 with random weights, and the released Python
 * code's results with it (`test/README.md` describes each file).
 */
export const golden = (path: string): string => join(here, 'golden', path);

/** The model of the reference figures, in the layout of Hugging Face: 4 MB, real architecture, random weights. */
export const TINY_CLIP: string = golden('tiny-clip');

/** A dozen real photos of animals and things, at most 320 px: `dog/00.jpg`, … (credits in `PHOTOS.md`). */
export const PHOTOS: string = join(here, 'photos');

/** How many those are. */
export const PHOTO_COUNT: number = readdirSync(PHOTOS, { recursive: true }).filter((name) =>
  String(name).endsWith('.jpg'),
).length;

/** Absolute path of one of them, as `dog/00`. */
export const photo = (name: string): string => join(PHOTOS, `${name}.jpg`);

/**
 * Absolute path of a file of the other families' reference figures: tiny models with random weights, and what
 * transformers and openai/CLIP compute with them (`test/README.md` describes each file).
 */
export const goldenModel = (path: string): string => join(here, 'golden-models', path);
