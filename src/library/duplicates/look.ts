import sharp from 'sharp';
import { withPhotoFile } from '../../node/pixels/photo-file.ts';
import { makeThumbnail } from '../../node/pixels/thumbnail.ts';

/** How a photo looks, whatever its size and format. */
export interface Look {
  /** Grey values of a picture of SIDE x SIDE pixels, with mean 0 and norm 1. */
  readonly pattern: Float32Array;
  /** Standard deviation of the Laplacian at a fixed size: higher is sharper. */
  readonly sharpness: number;
  /** Of the file. */
  readonly bytes: number;
}

const SIDE = 32;
// Pictures of one scene are compared at one size, or a small one would seem the sharper one.
const THUMBNAIL = { width: 512, height: 512, fit: 'inside', format: 'jpeg', quality: 92 } as const;

/**
 * Reads how a photo looks.
 *
 * @param path as the index has it
 * @throws PolarError when it cannot be read
 */
export function readLook(path: string): Promise<Look> {
  return withPhotoFile(path, async ({ bytes, size }) => {
    const small = await makeThumbnail({ name: path, bytes }, THUMBNAIL);
    const [{ sharpness }, grey] = await Promise.all([
      sharp(small).stats(),
      sharp(small).greyscale().resize(SIDE, SIDE, { fit: 'fill' }).raw().toBuffer(),
    ]);
    return { pattern: centred(grey), sharpness, bytes: size };
  });
}

function centred(grey: Uint8Array): Float32Array {
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  const pattern = Float32Array.from(grey, (value) => value - mean);
  const norm = Math.hypot(...pattern) || 1;
  return pattern.map((value) => value / norm);
}

/** Correlation of two looks, from -1 to 1: brightness and contrast do not count. */
export function likeness(a: Look, b: Look): number {
  return a.pattern.reduce((sum, value, i) => sum + value * b.pattern[i]!, 0);
}
