import { PolarError, quote } from '../../errors.ts';
import type { DecodedImage } from './picture.ts';
import { type Interpolation, resample, resampleNearest, type Target } from './resample.ts';

/** How a model wants pictures. */
export interface PreprocessorConfig {
  /** Side after resizing, in pixels: the shorter one, or both. */
  readonly resizeTo: number;
  /** The shorter side is resized to `resizeTo` and the other one in proportion, or both sides are. */
  readonly resize: 'shortest' | 'squash';
  readonly interpolation: Interpolation;
  /** Whether pictures are resized in their own colour model and made RGB afterwards, as CLIP does, or before. */
  readonly toRgb: 'after resizing' | 'before resizing';
  /** Side of the centre crop, in pixels. */
  readonly cropTo: number;
  /** Red, green, blue; in [0, 1]. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Changes whenever the same file would give other pixels; embeddings of different versions are never mixed. */
export const PREPROCESSING_VERSION = '2';

/** PIL.Image.Resampling */
const RESAMPLING: Readonly<Record<number, Interpolation>> = { 2: 'bilinear', 3: 'bicubic' };
const BICUBIC = 3;
const NEEDED_STEPS = ['do_resize', 'do_rescale'];
const KNOWN_STEPS = [...NEEDED_STEPS, 'do_center_crop', 'do_normalize', 'do_convert_rgb'];
const MAX_SIDE = 10_000; // pixels; no image tower comes near it

const refuse = (file: string, what: string): PolarError =>
  new PolarError(
    `${file}: ${what}; expected the preprocessing of a CLIP or SigLIP model, choose another model`,
    'unreadable',
  );

/** A parsed JSON file, and what messages call it. */
export type ParsedFile = readonly [json: unknown, file: string];

/**
 * Reads how pictures are prepared from the files that a model has: from the `image_processor` of
 * `processor_config.json`, where transformers 5 writes it, else from `preprocessor_config.json`, as transformers does.
 *
 * @throws PolarError when neither says it, or names a step that is not run here
 */
export function readPreprocessor(
  processor: ParsedFile | undefined,
  preprocessor: ParsedFile | undefined,
  toRgb?: PreprocessorConfig['toRgb'],
): PreprocessorConfig {
  const nested = (processor?.[0] as { image_processor?: unknown } | null | undefined)?.image_processor;
  if (nested !== undefined) return readPreprocessorConfig(nested, `${processor![1]}: image_processor`, toRgb);
  if (preprocessor !== undefined) return readPreprocessorConfig(...preprocessor, toRgb);
  throw new PolarError(
    `${processor?.[1] ?? 'preprocessor_config.json'}: no image_processor in it, and no preprocessor_config.json beside it; download the model again`,
    'unreadable',
  );
}

/**
 * Reads `preprocessor_config.json`: resize, centre crop, normalise.
 *
 * @param toRgb what the family does, which the file does not say
 */
export function readPreprocessorConfig(
  json: unknown,
  file: string,
  toRgb: PreprocessorConfig['toRgb'] = 'after resizing',
): PreprocessorConfig {
  const config = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const side = (key: string, value: unknown): number => {
    const sizes = Array.isArray(value) ? value : [value];
    const [found] = sizes as unknown[];
    const isSide = typeof found === 'number' && Number.isInteger(found) && found >= 1 && found <= MAX_SIDE;
    if (!isSide || sizes.some((size) => size !== found)) {
      throw refuse(file, `${key} is ${quote(config[key])}`);
    }
    return found;
  };
  // A plain number is the shorter side, as older exports have it.
  const sizeOf = (key: string) => {
    const value = config[key];
    if (typeof value !== 'object' || value === null) return { shortest: value };
    const { shortest_edge: shortest, height, width } = value as Record<string, unknown>;
    return shortest === undefined ? { both: [height, width] } : { shortest };
  };
  const interpolation = RESAMPLING[(config.resample ?? BICUBIC) as number];
  if (interpolation === undefined) throw refuse(file, `resample is ${quote(config.resample)}`);
  for (const [key, value] of Object.entries(config)) {
    const isOff = value === false || (value === null && !NEEDED_STEPS.includes(key));
    // A step that is left out, or one that is not known, gives other pixels than the tower was trained on.
    if (NEEDED_STEPS.includes(key) ? isOff : key.startsWith('do_') && !KNOWN_STEPS.includes(key) && !isOff) {
      throw refuse(file, `${key} is ${quote(value)}`);
    }
  }
  const { rescale_factor: factor = 1 / 255 } = config;
  if (typeof factor !== 'number' || Math.abs(factor * 255 - 1) > 1e-6) {
    throw refuse(file, `rescale_factor is ${quote(factor)}, not 1/255`);
  }
  const size = sizeOf('size');
  const resize = size.both === undefined ? 'shortest' : 'squash';
  const resizeTo = side('size', size.both ?? size.shortest);
  const isCropped = config.do_center_crop !== false && (resize === 'shortest' || config.crop_size != null);
  if (resize === 'shortest' && !isCropped) throw refuse(file, 'do_center_crop is false');
  const crop = sizeOf('crop_size');
  const cropTo = isCropped ? side('crop_size', crop.both ?? crop.shortest) : resizeTo;
  if (cropTo > resizeTo) throw refuse(file, `crop_size ${cropTo} is larger than size ${resizeTo}`);
  const isNormalised = config.do_normalize !== false;
  const colours = isNormalised
    ? { mean: config.image_mean, std: config.image_std }
    : { mean: [0, 0, 0], std: [1, 1, 1] };
  return preprocessorConfig({ resizeTo, resize, interpolation, toRgb, cropTo }, colours, file);
}

/**
 * A `PreprocessorConfig` whose mean and deviation are checked.
 *
 * @throws PolarError naming the file
 */
export function preprocessorConfig(
  sizes: Omit<PreprocessorConfig, 'mean' | 'std'>,
  { mean, std }: { readonly mean: unknown; readonly std: unknown },
  file: string,
): PreprocessorConfig {
  const colours = (key: string, value: unknown): [number, number, number] => {
    if (!Array.isArray(value) || value.length !== 3 || !value.every((x) => Number.isFinite(x))) {
      throw refuse(file, `${key} is ${quote(value)}`);
    }
    return value as [number, number, number];
  };
  const result = { ...sizes, mean: colours('image_mean', mean), std: colours('image_std', std) };
  if (result.std.some((x) => x <= 0)) throw refuse(file, `image_std is ${quote(result.std)}`);
  return result;
}

/**
 * A model's preprocessing up to the normalisation: resize with antialiasing, centre crop, RGB. Bytes are a quarter of
 * the floats that the tower makes of them, which counts where they go to another thread or a GPU.
 *
 * @returns `[S, S, 3]`, S = `config.cropTo`
 */
export function cropToRgb(image: DecodedImage, config: PreprocessorConfig): Uint8Array {
  const { cropTo } = config;
  const { toWidth, toHeight } = resizedSize(image, config);
  const window = {
    left: roundHalfEven((toWidth - cropTo) / 2),
    top: roundHalfEven((toHeight - cropTo) / 2),
    width: cropTo,
    height: cropTo,
  };
  const source = config.toRgb === 'before resizing' ? asRgb(image) : image;
  return toRgb(source, resize(source, { toWidth, toHeight, window }, config.interpolation));
}

/**
 * A model's preprocessing: `cropToRgb`, normalised.
 *
 * @returns `[3, S, S]`, S = `config.cropTo`
 */
export function preprocess(image: DecodedImage, config: PreprocessorConfig): Float32Array {
  const { cropTo, mean, std } = config;
  const rgb = cropToRgb(image, config);
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

/** Size of the whole picture after resizing, in pixels. */
function resizedSize({ width, height }: DecodedImage, { resize, resizeTo }: PreprocessorConfig) {
  if (resize === 'squash') return { toWidth: resizeTo, toHeight: resizeTo };
  // The longer side is cut to a whole number, as torchvision's Resize does.
  return width <= height
    ? { toWidth: resizeTo, toHeight: Math.trunc((resizeTo * height) / width) }
    : { toWidth: Math.trunc((resizeTo * width) / height), toHeight: resizeTo };
}

function resize(image: DecodedImage, target: Target, interpolation: Interpolation): Uint8Array {
  if (image.model === 'palette') return resampleNearest(image, target);
  const data = image.model === 'rgba' ? premultiplied(image.data) : image.data;
  return resample({ ...image, data }, target, interpolation);
}

/** The picture in RGB, without its transparency. */
function asRgb(image: DecodedImage): DecodedImage {
  const opaque = image.model === 'rgba' ? image.data.map((x, i) => (i % 4 === 3 ? 255 : x)) : image.data;
  return { ...image, channels: 3, model: 'rgb', data: toRgb(image, opaque) };
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
