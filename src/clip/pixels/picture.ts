/**
 * Colour models that are resampled as they are, before the conversion to RGB, because CLIP does it in that order:
 * palettes without interpolation, transparent pictures premultiplied, inks as inks.
 */
export type ColourModel = 'grey' | 'rgb' | 'rgba' | 'cmyk' | 'palette';

/** A decoded picture, 8 bits a channel: `data [height, width, channels]`. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  readonly model: ColourModel;
  readonly data: Uint8Array;
  /** Size of the whole picture, before a box was cut out or the decoder shrank it. */
  readonly original: { readonly width: number; readonly height: number };
}

/** A region of a picture in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Most pixels of a picture: Pillow's limit for its decompression-bomb error (twice its warning limit of 2^28 / 3),
 * so that pictures that Pillow would open open here too, and a small file cannot ask for gigabytes.
 */
export const MAX_PIXELS = 178_956_970;
