import type { DecodedImage } from '../../clip/pixels/picture.ts';
import { cropToRgb, type PreprocessorConfig } from '../../clip/pixels/preprocess.ts';
import { PolarError } from '../../errors.ts';
import { type DecodeOptions, type ImageSource, withDecodedImage } from './picture.ts';

export type LoadPixelsOptions = DecodeOptions;

/**
 * Large photos are shrunk by the decoder to this many times the model's input, which bench/index.ts shows to keep the
 * embedding's cosine above 0.999, and resampled exactly from there.
 */
const SHRINK_FACTOR = 2;

/**
 * How photos of a library are decoded, for the index and for learning alike: a photo has one embedding, whoever asks
 * for it first.
 */
export const photoDecoding = ({ resizeTo }: PreprocessorConfig) =>
  ({ orientation: 'honour', shrinkTo: SHRINK_FACTOR * resizeTo }) as const satisfies DecodeOptions;

/** One picture of a batch: its pixels `[S, S, 3]`, or why there are none. */
export type LoadedPixels =
  | { readonly pixels: Uint8Array; readonly error: null }
  | { readonly pixels: null; readonly error: PolarError };

/** The pixels of a picture that must be there; why there are none is thrown else. */
export function pixelsOf(loaded: LoadedPixels): Uint8Array {
  if (loaded.pixels === null) throw loaded.error;
  return loaded.pixels;
}

/** Pixels of pictures `[S, S, 3]` as one batch `[N, S, S, 3]`. */
export function stackPixels(pictures: readonly Uint8Array[]): Uint8Array {
  const size = pictures[0]?.length ?? 0;
  const batch = new Uint8Array(pictures.length * size);
  for (const [row, picture] of pictures.entries()) batch.set(picture, row * size);
  return batch;
}

/** Decodes and crops pictures together, in order; one that cannot be read never stops the rest. */
export async function loadPixels(
  sources: readonly ImageSource[],
  config: PreprocessorConfig,
  options: LoadPixelsOptions = {},
): Promise<LoadedPixels[]> {
  return Promise.all(
    sources.map(async (source): Promise<LoadedPixels> => {
      try {
        const cropped = async (image: DecodedImage) => cropToRgb(image, config);
        return { pixels: await withDecodedImage(source, options, cropped), error: null };
      } catch (error) {
        if (error instanceof PolarError) return { pixels: null, error };
        throw error;
      }
    }),
  );
}
