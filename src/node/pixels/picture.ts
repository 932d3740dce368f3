import type { Metadata, Sharp, SharpOptions } from 'sharp';
import type { Box, ColourModel, DecodedImage } from '../../clip/pixels/picture.ts';
import { PassingError, PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { requireMemory, type Target } from './decoding-memory.ts';
import { decodeHeic } from './heic-thread.ts';
import { DECODING } from './memory-budget.ts';
import { withPictureFile } from './photo-file.ts';
import { isRawName, rawPreview } from './raw-preview.ts';

/** A picture: path of a file, the bytes of one, or bytes with what messages call them. */
export type ImageSource = string | Uint8Array | { readonly name: string; readonly bytes: Uint8Array };

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
 * @throws PolarError naming the file when it is no picture, truncated, or takes more memory than is allowed
 *
 * @example
 * ```ts
 * import { decodeImage } from 'polar-vl';
 *
 * const { width, height, channels } = await decodeImage('rex1.jpg', { orientation: 'honour' });
 * console.log(width > 0, height > 0, channels); //=> true true 3
 * ```
 */
export function decodeImage(source: ImageSource, options: DecodeOptions = {}): Promise<DecodedImage> {
  return withDecodedImage(source, options, async (image) => image);
}

/**
 * Decodes as `decodeImage` and works with the pixels, which count towards the process's budget until `use` is done.
 *
 * @throws PolarError as `decodeImage`
 */
export async function withDecodedImage<T>(
  source: ImageSource,
  options: DecodeOptions,
  use: (image: DecodedImage) => Promise<T>,
): Promise<T> {
  return withPicture(source, async (picture) => {
    const { name, metadata } = picture;
    return DECODING.use(requireMemory(name, metadata, targetOf(metadata, options)), async () =>
      use(
        await orDamaged(name, async () =>
          metadata.compression === 'hevc'
            ? decodeHevc(picture, options)
            : // Half pictures are refused, but not the many photos with a harmless oddity in their headers.
              decode(picture.open({ failOn: 'truncated', ignoreIcc: true }), metadata, options, name),
        ),
      ),
    );
  });
}

/** Loaded with the first picture: a search, and learning from photos that are indexed, decode none. */
const loadDecoder = async () => (await import('sharp')).default;

/** A picture whose header was read. */
export interface OpenPicture {
  /** What messages call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly metadata: Metadata;
  /** The decoder, to be told what to do. */
  open(options: Pick<SharpOptions, 'failOn' | 'ignoreIcc'>): Sharp;
}

/**
 * Reads a picture's header and works with it; a file's bytes count towards the process's budget until `use` is done.
 *
 * @throws PolarError when it is no picture, or of a format that is not read
 */
export async function withPicture<T>(
  source: ImageSource,
  use: (picture: OpenPicture) => Promise<T>,
): Promise<T> {
  if (typeof source === 'string') {
    return withPictureFile(source, ({ bytes }) => withPicture({ name: source, bytes }, use));
  }
  const { name, bytes: file } = source instanceof Uint8Array ? { name: 'picture', bytes: source } : source;
  if (file.length === 0) throw new PolarError(`${name}: ${tell('photo.empty')}`, 'unreadable');
  const bytes = isRawName(name) ? rawPreview(name, file) : file;
  const sharp = await loadDecoder();
  // Memory is the limit, not the number of pixels.
  const open: OpenPicture['open'] = (options) =>
    sharp(bytes, { ...options, limitInputPixels: false }).timeout({ seconds: DECODE_TIMEOUT_S });
  let metadata: Metadata;
  try {
    metadata = await open({}).metadata();
  } catch (error) {
    throw new PolarError(
      `${name}: ${tell('photo.none', { why: reason(error), formats: EXPECTED })}`,
      'unreadable',
    );
  }
  if (!FORMATS.has(metadata.format)) {
    throw new PolarError(
      `${name}: ${tell('photo.format', { format: metadata.format, formats: EXPECTED })}`,
      'unreadable',
    );
  }
  return use({ name, bytes, metadata, open });
}

// A photo takes a tenth of a second to some seconds; a file that was made to take hours must end.
const DECODE_TIMEOUT_S = 120;

/** What the decoder cannot do is the picture's fault, unless time or memory ran out. */
export async function orDamaged<T>(name: string, decoding: () => Promise<T>): Promise<T> {
  try {
    return await decoding();
  } catch (error) {
    if (error instanceof PolarError) throw error;
    const why = reason(error);
    if (/^timeout/.test(why)) {
      const limit = DECODE_TIMEOUT_S / 60;
      throw new PassingError(`${name}: ${tell('photo.slow', { limit })}`, 'ETIMEDOUT');
    }
    if (error instanceof RangeError || /allocat|out of memory/i.test(why)) {
      throw new PassingError(`${name}: ${tell('photo.too-little-memory', { why })}`, 'ENOMEM');
    }
    throw new PolarError(`${name}: ${tell('photo.damaged', { why })}`, 'unreadable');
  }
}

/** Whether the decoder shrinks the picture, and so how large it comes out. */
function targetOf(metadata: Metadata, { shrinkTo, box }: DecodeOptions): Target {
  const { width, height } = metadata;
  const shorter = Math.min(width, height);
  const shrinks =
    shrinkTo !== undefined &&
    box === undefined &&
    colourModel(metadata) !== 'palette' &&
    shorter >= SHRINK_FROM * shrinkTo;
  if (!shrinks) return { width, height, shrinks };
  const scale = shrinkTo / shorter;
  return { width: Math.ceil(width * scale), height: Math.ceil(height * scale), shrinks };
}

async function decodeHevc(picture: OpenPicture, options: DecodeOptions): Promise<DecodedImage> {
  const { opaque, width, height } = await openHevc(picture);
  const metadata = {
    width,
    height,
    channels: 3,
    hasAlpha: false,
    space: 'srgb',
    autoOrient: { width, height },
  };
  return decode(opaque, metadata as Metadata, options, picture.name);
}

/**
 * HEIC, which libvips is not built for: of several pictures the primary one, which need not be the first. The decoder
 * has applied the orientation already.
 */
export async function openHevc({
  bytes,
  metadata,
}: Pick<OpenPicture, 'bytes' | 'metadata'>): Promise<{ opaque: Sharp; width: number; height: number }> {
  const page = metadata.pagePrimary ?? 0;
  const { width, height, data } = await decodeHeic({ bytes, page }, DECODE_TIMEOUT_S * 1000);
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const sharp = await loadDecoder();
  return { opaque: sharp(pixels, { raw: { width, height, channels: 4 } }).removeAlpha(), width, height };
}

async function decode(
  picture: Sharp,
  metadata: Metadata,
  options: DecodeOptions,
  name: string,
): Promise<DecodedImage> {
  const { orientation = 'ignore', box, shrinkTo } = options;
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
  if (targetOf(metadata, options).shrinks) {
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
      `${name}: ${tell('photo.channels', { found: channels, wanted: CHANNELS[model], kind: model })}`,
      'unreadable',
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

function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.trim();
}
