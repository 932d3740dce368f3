import type { Sharp } from 'sharp';
import { PolarError } from '../../errors.ts';
import { requireMemory } from './decoding-memory.ts';
import { DECODING } from './memory-budget.ts';
import { type ImageSource, openHevc, orDamaged, withPicture } from './picture.ts';

/** The size and format of a thumbnail. */
export interface ThumbnailShape {
  /** Pixels; a smaller picture is not enlarged. */
  readonly width: number;
  readonly height: number;
  /** `cover` cuts the picture to this shape, around what catches the eye. */
  readonly fit: 'inside' | 'outside' | 'cover';
  readonly format: 'webp' | 'jpeg';
  readonly quality: number;
}

/**
 * A small copy of a picture, upright, in sRGB, on white. The one way to a thumbnail, for every format that is indexed;
 * a damaged picture gives what can be read of it.
 *
 * @throws PolarError when it is no picture, or takes more memory than is allowed
 */
export function makeThumbnail(source: ImageSource, shape: ThumbnailShape): Promise<Uint8Array> {
  return withPicture(source, ({ bytes, name, metadata, open }) => {
    const { width, height } = metadata;
    const scale = Math.max(shape.width / width, shape.height / height);
    const shrinks = scale < 1;
    const target = shrinks
      ? { width: Math.ceil(width * scale), height: Math.ceil(height * scale), shrinks }
      : { width, height, shrinks };
    return DECODING.use(requireMemory(name, metadata, target), () =>
      orDamaged(name, async () => {
        const isHevc = metadata.compression === 'hevc';
        const picture = isHevc
          ? (await openHevc({ bytes, metadata })).opaque
          : open({ failOn: 'none' }).autoOrient();
        return encode(picture.toColourspace('srgb'), shape, metadata.autoOrient);
      }),
    );
  });
}

// Of a very long screenshot or panorama the middle: WebP has at most 16,383 pixels a side, and a tile shows less.
const LONGEST = 4096;

/** @param upright size of the picture */
function encode(
  picture: Sharp,
  { width, height, fit, format, quality }: ThumbnailShape,
  upright: { readonly width: number; readonly height: number },
): Promise<Buffer> {
  const scale = Math.min(1, Math.max(width / upright.width, height / upright.height));
  const [across, down] = [Math.ceil(upright.width * scale), Math.ceil(upright.height * scale)];
  const isLong = fit === 'outside' && Math.max(across, down) > LONGEST;
  const small = picture
    .resize(
      isLong
        ? {
            width: Math.min(across, LONGEST),
            height: Math.min(down, LONGEST),
            fit: 'cover',
            position: 'centre',
          }
        : { width, height, fit, withoutEnlargement: fit !== 'cover', position: 'attention' },
    )
    .flatten({ background: '#ffffff' });
  return (
    format === 'webp' ? small.webp({ quality, effort: 2 }) : small.jpeg({ quality, mozjpeg: true })
  ).toBuffer();
}

/** A JPEG to be put into a page; undefined where the picture is gone or cannot be read. */
export async function jpegUri(making: Promise<Uint8Array>): Promise<string | undefined> {
  try {
    return `data:image/jpeg;base64,${Buffer.from(await making).toString('base64')}`;
  } catch (error) {
    if (error instanceof PolarError) return undefined;
    throw error;
  }
}
