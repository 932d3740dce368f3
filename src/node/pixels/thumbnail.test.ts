import sharp from 'sharp';
import { expect, it } from 'vitest';
import { makeThumbnail } from './thumbnail.ts';

const TILE = { width: 48, height: 36, fit: 'outside', format: 'webp', quality: 76 } as const;

it.each([
  [60, 20_000, 48, 4096],
  [20_000, 45, 4096, 36],
  [120, 90, 48, 36],
  [30, 20, 30, 20],
])(
  'a picture of %i x %i has a thumbnail of %i x %i, of one that is very long the middle',
  async (...sizes) => {
    const [width, height, across, down] = sizes;
    const ends = { create: { width, height, channels: 3, background: 'red' } } as const;
    const middle = {
      create: { width: Math.ceil(width / 2), height: Math.ceil(height / 2), channels: 3, background: 'blue' },
    } as const;
    const bytes = await sharp(ends)
      .composite([{ input: await sharp(middle).png().toBuffer() }])
      .png()
      .toBuffer();
    const small = await sharp(await makeThumbnail({ name: 'long.png', bytes }, TILE))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([small.info.width, small.info.height]).toEqual([across, down]);
    const at = small.info.channels * (Math.floor(down / 2) * across + Math.floor(across / 2));
    expect(small.data[at + 2]).toBeGreaterThan(small.data[at]!);
  },
);
