import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodeImage } from './picture.ts';
import { makeThumbnail } from './thumbnail.ts';

it('a JPEG of 200 megapixels is shrunk while it is decoded', async () => {
  // 200 megapixels in half a megabyte.
  const create = { width: 20_000, height: 10_000, channels: 3, background: '#804020' } as const;
  const large = await sharp({ create, limitInputPixels: false }).jpeg().toBuffer();
  expect(large.length).toBeLessThan(3_000_000);
  const image = await decodeImage(large, { shrinkTo: 448 });
  expect(image).toMatchObject({ width: 896, height: 448, original: { width: 20_000, height: 10_000 } });
  const tile = await makeThumbnail(large, {
    ...{ width: 480, height: 360, fit: 'outside', format: 'webp', quality: 76 },
  });
  expect(await sharp(tile).metadata()).toMatchObject({ width: 720, height: 360, format: 'webp' });
});
