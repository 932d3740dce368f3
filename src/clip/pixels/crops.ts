import type { Box, DecodedImage } from './picture.ts';

/** A crop's sides, in shares of the picture's: four corners that overlap by a fifth, and the middle. */
const SIDE = 0.6;

/**
 * Parts of a picture in which a small thing is large: its four corners and its middle, each 60 % of either side.
 *
 * @returns five pictures; they are made as they are asked for
 */
export function* cropsOf(image: DecodedImage): Generator<DecodedImage> {
  const width = Math.max(1, Math.round(image.width * SIDE));
  const height = Math.max(1, Math.round(image.height * SIDE));
  const [right, bottom] = [image.width - width, image.height - height];
  for (const top of [0, bottom])
    for (const left of [0, right]) yield cutOut(image, { left, top, width, height });
  yield cutOut(image, { left: right >> 1, top: bottom >> 1, width, height });
}

function cutOut(image: DecodedImage, { left, top, width, height }: Box): DecodedImage {
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * image.width + left) * channels;
    data.set(image.data.subarray(from, from + width * channels), row * width * channels);
  }
  return { ...image, width, height, data };
}
