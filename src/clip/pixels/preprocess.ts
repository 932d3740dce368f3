import { PolarError } from '../../errors.ts';
import type { DecodedImage } from './picture.ts';
import { resampleBicubic, resampleNearest } from './resample.ts';

/** What `preprocessor_config.json` says. */
export interface PreprocessorConfig {
  /** Shorter side after resizing, in pixels. */
  readonly resizeTo: number;
  /** Side of the centre crop, in pixels. */
  readonly cropTo: number;
  /** Red, green, blue; in [0, 1]. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Changes whenever the same file would give other pixels; embeddings of different versions are never mixed. */
export const PREPROCESSING_VERSION = '2';

const BICUBIC = 3; // PIL.Image.Resampling.BICUBIC
const NEEDED_STEPS = ['do_resize', 'do_center_crop', 'do_rescale'];
const MAX_SIDE = 10_000; // pixels; no image tower comes near it

/** A parsed JSON file, and what messages call it. */
export type ParsedFile = readonly [json: unknown, file: string];

/**
 * Reads how pictures are prepared from the files that a model has: from the `image_processor` of
 * `processor_config.json`, where transformers 5 writes it, else from `preprocessor_config.json`, as transformers does.
 *
 * @throws PolarError when neither says it, or says anything but CLIP's own pipeline
 */
export function readPreprocessor(
  processor: ParsedFile | undefined,
  preprocessor: ParsedFile | undefined,
): PreprocessorConfig {
  const nested = (processor?.[0] as { image_processor?: unknown } | null | undefined)?.image_processor;
  if (nested !== undefined) return readPreprocessorConfig(nested, `${processor![1]}: image_processor`);
  if (preprocessor !== undefined) return readPreprocessorConfig(...preprocessor);
  throw new PolarError(
    `${processor?.[1] ?? 'preprocessor_config.json'}: no image_processor in it, and no preprocessor_config.json beside it; download the model again`,
  );
}

/** Reads `preprocessor_config.json`; only CLIP's own pipeline (bicubic resize, centre crop, normalise) is accepted. */
export function readPreprocessorConfig(json: unknown, file: string): PreprocessorConfig {
  const config = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const refuse = (what: string): PolarError =>
    new PolarError(
      `${file}: ${what}; expected the preprocessing of a CLIP model, choose another model`,
      'unreadable',
    );
  const side = (key: string, ...names: string[]): number => {
    const value = config[key];
    const sizes: unknown[] =
      typeof value === 'object' && value !== null
        ? names.map((name) => (value as Record<string, unknown>)[name])
        : [value];
    const [found] = sizes;
    const isSide = typeof found === 'number' && Number.isInteger(found) && found >= 1 && found <= MAX_SIDE;
    if (!isSide || sizes.some((size) => size !== found)) throw refuse(`${key} is ${JSON.stringify(value)}`);
    return found;
  };
  const colours = (key: string): [number, number, number] => {
    const value = config[key];
    if (!Array.isArray(value) || value.length !== 3 || !value.every((x) => Number.isFinite(x))) {
      throw refuse(`${key} is ${JSON.stringify(value)}`);
    }
    return value as [number, number, number];
  };
  if ((config.resample ?? BICUBIC) !== BICUBIC)
    throw refuse(`resample is ${JSON.stringify(config.resample)}`);
  for (const [key, value] of Object.entries(config)) {
    const isNeeded = NEEDED_STEPS.includes(key);
    const isKnown = isNeeded || key === 'do_normalize' || key === 'do_convert_rgb';
    // A step that is left out, or one that is not known, gives other pixels than the tower was trained on.
    if (isNeeded ? value === false : !isKnown && key.startsWith('do_') && value !== false && value !== null) {
      throw refuse(`${key} is ${JSON.stringify(value)}`);
    }
  }
  const { rescale_factor: factor = 1 / 255 } = config;
  if (typeof factor !== 'number' || Math.abs(factor * 255 - 1) > 1e-6) {
    throw refuse(`rescale_factor is ${JSON.stringify(factor)}, not 1/255`);
  }
  const isNormalised = config.do_normalize !== false;
  const result: PreprocessorConfig = {
    resizeTo: side('size', 'shortest_edge'),
    cropTo: side('crop_size', 'height', 'width'),
    mean: isNormalised ? colours('image_mean') : [0, 0, 0],
    std: isNormalised ? colours('image_std') : [1, 1, 1],
  };
  if (result.cropTo > result.resizeTo) {
    throw refuse(`crop_size ${result.cropTo} is larger than size ${result.resizeTo}`);
  }
  if (result.std.some((x) => x <= 0)) throw refuse(`image_std is ${JSON.stringify(result.std)}`);
  return result;
}

/**
 * CLIP's preprocessing: shorter side to n by antialiased bicubic, centre crop, RGB, normalise.
 *
 * @returns `[3, S, S]`, S = `config.cropTo`
 */
export function preprocess(image: DecodedImage, config: PreprocessorConfig): Float32Array {
  const { resizeTo, cropTo, mean, std } = config;
  const { width, height } = image;
  // The longer side is cut to a whole number, as torchvision's Resize does.
  const toWidth = width <= height ? resizeTo : Math.trunc((resizeTo * width) / height);
  const toHeight = width <= height ? Math.trunc((resizeTo * height) / width) : resizeTo;
  const window = {
    left: roundHalfEven((toWidth - cropTo) / 2),
    top: roundHalfEven((toHeight - cropTo) / 2),
    width: cropTo,
    height: cropTo,
  };
  const rgb = toRgb(image, resize(image, toWidth, toHeight, window));
  const area = cropTo * cropTo;
  const pixels = new Float32Array(3 * area);
  const [scaleR, scaleG, scaleB] = [1 / (255 * std[0]), 1 / (255 * std[1]), 1 / (255 * std[2])];
  const [shiftR, shiftG, shiftB] = [mean[0] / std[0], mean[1] / std[1], mean[2] / std[2]];
  for (let i = 0, at = 0; i < area; i++, at += 3) {
    pixels[i] = rgb[at]! * scaleR - shiftR;
    pixels[area + i] = rgb[at + 1]! * scaleG - shiftG;
    pixels[2 * area + i] = rgb[at + 2]! * scaleB - shiftB;
  }
  return pixels;
}

type Window = Parameters<typeof resampleBicubic>[4];

function resize(image: DecodedImage, toWidth: number, toHeight: number, window: Window): Uint8Array {
  if (image.model === 'palette') return resampleNearest(image.data, image, toWidth, toHeight, window);
  const data = image.model === 'rgba' ? premultiplied(image.data) : image.data;
  return resampleBicubic(data, image, toWidth, toHeight, window);
}

/** Resampled samples of the picture's colour model to RGB, by Pillow's formulas. */
function toRgb(image: DecodedImage, samples: Uint8Array): Uint8Array {
  if (image.channels === 3) return samples;
  const count = samples.length / image.channels;
  const rgb = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) {
      rgb[3 * i + c] =
        image.model === 'grey'
          ? samples[i]!
          : image.model === 'cmyk'
            ? inkToLight(samples[4 * i + c]!, samples[4 * i + 3]!)
            : unpremultiplied(samples[4 * i + c]!, samples[4 * i + 3]!);
    }
  }
  return rgb;
}

function premultiplied(rgba: Uint8Array): Uint8Array {
  const result = new Uint8Array(rgba);
  for (let i = 0; i < rgba.length; i += 4) {
    for (let c = i; c < i + 3; c++) result[c] = multiply255(rgba[c]!, rgba[i + 3]!);
  }
  return result;
}

function unpremultiplied(colour: number, alpha: number): number {
  return alpha === 0 || alpha === 255 ? colour : Math.min(255, Math.trunc((255 * colour) / alpha));
}

function inkToLight(ink: number, black: number): number {
  const light = 255 - black;
  return Math.max(0, light - multiply255(ink, light));
}

/** a * b / 255, rounded as Pillow's MULDIV255 does. */
function multiply255(a: number, b: number): number {
  const t = a * b + 128;
  return ((t >> 8) + t) >> 8;
}

/** Python's `round`: halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor % 2) : Math.round(x);
}
