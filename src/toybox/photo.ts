import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { writeBeside } from '../node/files.ts';
import { HEIGHT, WIDTHS } from './drawn.ts';
import type { Toybox } from './personal.ts';
import { WorldRandom } from './random.ts';
import { drawScene, type Scene } from './scene.ts';

/** Draws a scene as a JPEG the size of a small photo, taken on this day. */
export async function writePhoto(toybox: Toybox, scene: Scene, file: string, taken?: Date): Promise<void> {
  const width = new WorldRandom(scene.seed, 4).pick(WIDTHS);
  const picture = sharp(drawScene(scene, toybox.sprites, width, HEIGHT), {
    raw: { width, height: HEIGHT, channels: 3 },
  }).jpeg({ quality: 88 });
  if (taken !== undefined) {
    const day = taken.toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
    picture.withExif({ IFD2: { DateTimeOriginal: day } });
  }
  await mkdir(dirname(file), { recursive: true });
  await writeBeside(file, await picture.toBuffer());
}
