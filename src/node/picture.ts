import { readFile } from 'node:fs/promises';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { type Box, type ColourModel, type DecodedImage, MAX_PIXELS } from '../clip/pixels/picture.ts';
import { PolarError } from '../errors.ts';

/** A picture: path of a file, or the bytes of one. */
export type ImageSource = string | Uint8Array;

export interface DecodeOptions {
  /** EXIF orientation: `ignore` (default) as CLIP does, `honour` as a photo library should. */
  readonly orientation?: 'ignore' | 'honour' | undefined;
  /** Only this part of the picture, measured after the orientation was applied. */
  readonly box?: Box | undefined;
  /**
   * Lets the decoder shrink a picture at least three times as large as it reads it, down to a shorter side of this
   * many pixels. Much faster for large photos; not the same to the last bit. Palettes are never shrunk.
   */
  readonly shrinkTo?: number | undefined;
}

// What the decoder calls the formats below. It reads SVG too, a program that draws as much as it likes.
const FORMATS: ReadonlySet<string> = new Set(['jpeg', 'png', 'webp', 'heif', 'tiff', 'gif']);
const EXPECTED = 'JPEG, PNG, WebP, AVIF, TIFF, GIF or HEIC';

/**
 * Decodes the first frame of a picture; embedded colour profiles are ignored, as CLIP does.
 *
 * @throws PolarError naming the file when it is no picture, truncated, or larger than the pixel limit
 *
 * @example
 * ```ts
 * import { decodeImage } from 'polar-vl';
 *
 * const { width, height, channels } = await decodeImage('rex1.jpg', { orientation: 'honour' });
 * console.log(width > 0, height > 0, channels); //=> true true 3
 * ```
 */
export async function decodeImage(source: ImageSource, options: DecodeOptions = {}): Promise<DecodedImage> {
  const name = typeof source === 'string' ? source : 'picture';
  const bytes = typeof source === 'string' ? await readPicture(source) : source;
  if (bytes.length === 0) throw new PolarError(`${name}: an empty file, expected a picture; replace it`);
  // `truncated` refuses half pictures but not the many photos with a harmless oddity in their headers.
  const open = () => sharp(bytes, { failOn: 'truncated', ignoreIcc: true, limitInputPixels: false });
  let metadata: Metadata;
  try {
    metadata = await open().metadata();
  } catch (error) {
    throw new PolarError(`${name}: not a picture that can be read (${reason(error)}); expected ${EXPECTED}`);
  }
  if (!FORMATS.has(metadata.format)) {
    throw new PolarError(
      `${name}: a picture in the format ${metadata.format}, which is not read; expected ${EXPECTED}`,
    );
  }
  const pixels = metadata.width * (metadata.pageHeight ?? metadata.height);
  if (pixels > MAX_PIXELS) {
    throw new PolarError(
      `${name}: ${metadata.width} x ${metadata.height} pixels, more than the limit of ${MAX_PIXELS}; make it smaller`,
    );
  }
  try {
    if (metadata.compression === 'hevc') return await decodeHevc(bytes, options, name);
    return await decode(open(), metadata, options, name);
  } catch (error) {
    if (error instanceof PolarError) throw error;
    throw new PolarError(`${name}: a damaged picture (${reason(error)}); replace it with an intact copy`);
  }
}

/** HEIC, which libvips is not built for; the decoder has applied the orientation already. */
async function decodeHevc(bytes: Uint8Array, options: DecodeOptions, name: string): Promise<DecodedImage> {
  const { default: decodeHeic } = await import('heic-decode'); // a megabyte of WebAssembly that few need
  const { width, height, data } = await decodeHeic({ buffer: bytes });
  const opaque = sharp(new Uint8Array(data), { raw: { width, height, channels: 4 } }).removeAlpha();
  const metadata = {
    width,
    height,
    channels: 3,
    hasAlpha: false,
    space: 'srgb',
    autoOrient: { width, height },
  };
  return decode(opaque, metadata as Metadata, options, name);
}

async function decode(
  picture: Sharp,
  metadata: Metadata,
  { orientation = 'ignore', box, shrinkTo }: DecodeOptions,
  name: string,
): Promise<DecodedImage> {
  const model = colourModel(metadata);
  if (orientation === 'honour') picture.autoOrient();
  if (box !== undefined) {
    const { width, height } = orientation === 'honour' ? metadata.autoOrient : metadata;
    const inside = box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0;
    if (!inside || box.left + box.width > width || box.top + box.height > height) {
      throw new PolarError(
        `${name}: the box ${box.left},${box.top},${box.width},${box.height} does not lie inside ${width} x ${height}; give left,top,width,height in pixels`,
      );
    }
    picture.extract({ left: box.left, top: box.top, width: box.width, height: box.height });
  }
  const shorter = Math.min(metadata.width, metadata.height);
  if (
    shrinkTo !== undefined &&
    box === undefined &&
    model !== 'palette' &&
    shorter >= SHRINK_FROM * shrinkTo
  ) {
    picture.resize({ width: shrinkTo, height: shrinkTo, fit: 'outside', kernel: 'cubic' });
  }
  if (model === 'cmyk') picture.pipelineColourspace('cmyk').toColourspace('cmyk');
  else if (model === 'grey') picture.toColourspace('b-w');
  else picture.toColourspace('srgb');
  if (model === 'rgb' || model === 'grey' || model === 'palette') picture.removeAlpha();
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const channels = info.channels as number;
  if (channels !== CHANNELS[model]) {
    throw new PolarError(
      `${name}: ${channels} channels, expected ${CHANNELS[model]} of a ${model} picture; save it as an ordinary JPEG or PNG`,
    );
  }
  const { width, height } = orientation === 'honour' ? metadata.autoOrient : metadata;
  return {
    width: info.width,
    height: info.height,
    channels: CHANNELS[model],
    model,
    data,
    original: { width, height },
  };
}

// Below this the decoder reads the whole picture anyway, and what it gives can as well be resampled exactly.
const SHRINK_FROM = 3;

const CHANNELS = { grey: 1, rgb: 3, rgba: 4, cmyk: 4, palette: 3 } as const;

function colourModel(metadata: Metadata): ColourModel {
  if (metadata.space === 'cmyk') return 'cmyk';
  if (metadata.isPalette && metadata.format === 'png') return 'palette';
  if (metadata.format === 'gif') return 'palette';
  if (metadata.hasAlpha) return 'rgba';
  return metadata.channels === 1 ? 'grey' : 'rgb';
}

async function readPicture(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PolarError(
      code === 'ENOENT'
        ? `${path}: no such file; check the path`
        : `${path}: cannot be read (${code}); check its permissions`,
    );
  }
}

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.trim();
}
