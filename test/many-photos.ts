import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const background = { r: 25, g: 90, b: 120 };
let drawn: Promise<Buffer> | undefined;

/**
 * The bytes of the i-th of many photos: one small picture, cheap to decode, with other bytes behind its end mark, so
 * that each has a hash of its own.
 */
export async function manyPhoto(i: number): Promise<Buffer> {
  drawn ??= sharp({ create: { width: 48, height: 32, channels: 3, background } })
    .jpeg()
    .toBuffer();
  return Buffer.concat([await drawn, Buffer.from([i, i >> 8])]);
}

/** Fills a folder, made where it is missing, with `count` photos: `0.jpg`, `1.jpg`, … */
export async function writeManyPhotos(folder: string, count: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i++) await writeFile(join(folder, `${i}.jpg`), await manyPhoto(i));
}
