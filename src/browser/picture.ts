/// <reference path="./libheif.d.ts" />
import { type ColourModel, type DecodedImage, MAX_PIXELS } from '../clip/pixels/picture.ts';
import { PolarError } from '../errors.ts';

/** A picture as the browser holds it, to be closed after use. */
export interface OpenPicture {
  readonly bitmap: ImageBitmap;
  readonly model: ColourModel;
}

/**
 * Opens a picture with the browser's decoders (HEIC with a decoder of its own, where the browser has none). The EXIF
 * orientation is honoured, embedded colour profiles are ignored, as in the photo library.
 *
 * @throws PolarError naming the file when it is no picture, damaged or too large
 */
export async function openPicture(file: Blob): Promise<OpenPicture> {
  const name = nameOf(file);
  if (file.size === 0)
    throw new PolarError(`${name}: an empty file, expected a picture; replace it`, 'unreadable');
  const head = new Uint8Array(await file.slice(0, 32).arrayBuffer());
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(isHeic(head) ? await heicToBitmap(file) : file, {
      imageOrientation: 'from-image',
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'none',
    });
  } catch (error) {
    throw new PolarError(
      `${name}: not a picture that this browser can read (${error instanceof Error ? error.message : String(error)}); expected JPEG, PNG, WebP, AVIF, GIF or HEIC`,
      'unreadable',
    );
  }
  if (bitmap.width * bitmap.height > MAX_PIXELS) {
    const size = `${bitmap.width} x ${bitmap.height}`;
    bitmap.close();
    throw new PolarError(
      `${name}: ${size} pixels, more than the limit of ${MAX_PIXELS}; make it smaller`,
      'too-large',
    );
  }
  return { bitmap, model: colourModel(head) };
}

/** The pixels of an open picture, for CLIP's preprocessing. */
export function readPixels({ bitmap, model }: OpenPicture): DecodedImage {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, Math.min(height, BAND_ROWS));
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const channels = model === 'rgba' ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  // Band by band: the canvas of a photo of 50 megapixels would be 200 MB.
  for (let top = 0; top < height; top += BAND_ROWS) {
    const rows = Math.min(BAND_ROWS, height - top);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, top, width, rows, 0, 0, width, rows);
    const rgba = context.getImageData(0, 0, width, rows).data;
    const start = top * width * channels;
    if (channels === 4) data.set(rgba, start);
    else dropAlpha(rgba, data, start);
  }
  return { width, height, channels, model, data, original: { width, height } };
}

/** A small copy of an open picture, whose longer side has `side` pixels at most, as a JPEG or WebP file. */
export async function makeThumbnail({ bitmap }: OpenPicture, side: number): Promise<Blob> {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const width = Math.max(1, Math.round(bitmap.width * scale));
  const height = Math.max(1, Math.round(bitmap.height * scale));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, width, height);
  return canvas.convertToBlob({ type: 'image/webp', quality: 0.8 });
}

/** What messages call a file. */
export const nameOf = (file: Blob): string => (file instanceof File ? file.name : 'picture');

const BAND_ROWS = 512;

function dropAlpha(rgba: Uint8ClampedArray, to: Uint8Array, start: number): void {
  let at = start;
  for (let i = 0; i < rgba.length; i += 4) {
    to[at++] = rgba[i]!;
    to[at++] = rgba[i + 1]!;
    to[at++] = rgba[i + 2]!;
  }
}

const ascii = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));

const isHeic = (head: Uint8Array): boolean =>
  ascii(head, 4, 8) === 'ftyp' && /^(heic|heix|hevc|hevx|mif1|msf1)$/.test(ascii(head, 8, 12));

const PALETTE = 3; // colour type in a PNG's header, at byte 25

/** What CLIP resamples in a colour model of its own: palettes and transparent pictures. */
function colourModel(head: Uint8Array): ColourModel {
  if (ascii(head, 0, 3) === 'GIF') return 'palette';
  if (ascii(head, 1, 4) === 'PNG') return head[25] === PALETTE ? 'palette' : 'rgba';
  return head[0] === 0xff && head[1] === 0xd8 ? 'rgb' : 'rgba'; // JPEG has no transparency
}

async function heicToBitmap(file: Blob): Promise<Blob | ImageData> {
  const native = await createImageBitmap(file).catch(() => undefined);
  if (native !== undefined) {
    native.close();
    return file;
  }
  return decodePrimary(new Uint8Array(await file.arrayBuffer()));
}

/** Of several pictures the primary one, which need not be the first. */
async function decodePrimary(bytes: Uint8Array): Promise<ImageData> {
  const { default: libheif } = await import('libheif-js/wasm-bundle'); // two megabytes that few need
  await libheif.ready;
  const decoder = new libheif.HeifDecoder();
  const pictures = decoder.decode(bytes);
  try {
    const primary = pictures.find((picture) => picture.is_primary()) ?? pictures[0];
    if (primary === undefined) throw new Error('no picture in it');
    const image = new ImageData(primary.get_width(), primary.get_height());
    await new Promise<void>((resolve, reject) => {
      primary.display(image, (shown) => (shown === null ? reject(new Error('damaged')) : resolve()));
    });
    return image;
  } finally {
    for (const picture of pictures) picture.free();
    decoder.decoder.delete();
  }
}
