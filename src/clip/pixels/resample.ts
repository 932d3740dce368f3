import { PassingError } from '../../errors.ts';
import { RESAMPLE_KERNEL } from './resample-kernel.ts';

/** The inputs of each output sample and their weights. */
interface Taps {
  /** First input and number of inputs, in turn. */
  readonly ranges: Int32Array;
  /** `stride` of them for each output sample. */
  readonly weights: Int32Array;
  readonly stride: number;
}

// Pillow's 8-bit resampling keeps weights as fixed-point numbers with this many bits, and rounds to 8 bits after
// each pass; the same is done here so that the results are the same.
const PRECISION_BITS = 22;

/** Pillow's filters that models are trained with. */
export const FILTERS = {
  bicubic: { support: 2, weight: bicubic },
  bilinear: { support: 1, weight: (x: number) => Math.max(0, 1 - Math.abs(x)) },
} as const;
/** `bicubic` or `bilinear`. */
export type Interpolation = keyof typeof FILTERS;

/** A picture to be resampled. */
interface Source {
  /** `[height, width, channels]` */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** The size that a picture is resampled to, and the part of it that is computed. */
export interface Target {
  readonly toWidth: number;
  readonly toHeight: number;
  readonly window: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
}

// How much of a picture is handed to the kernel at once.
const STRIP_BYTES = 2 ** 20;

/**
 * Antialiased resampling as Pillow does it (separable, bicubic with a = -0.5, support scaled when shrinking), of which
 * only `window` is computed. libvips' own kernel shrinks by boxes first and comes out 2 to 10 grey levels apart.
 *
 * @returns `[window.height, window.width, channels]` of the picture resampled to `toWidth` x `toHeight`
 */
export function resample(
  { data, width, height, channels }: Source,
  { toWidth, toHeight, window }: Target,
  interpolation: Interpolation,
): Uint8Array {
  const across = taps(width, toWidth, window.left, window.width, interpolation);
  const down = taps(height, toHeight, window.top, window.height, interpolation);
  const firstRow = down.ranges[0]!;
  const lastRow = down.ranges.at(-2)! + down.ranges.at(-1)!;
  const line = width * channels;
  const stripRows = Math.max(1, Math.floor(STRIP_BYTES / line));
  const rowBytes = window.width * channels;
  const resultBytes = window.height * rowBytes;

  const space = new Space();
  const ranges = space.reserve(across.ranges.byteLength);
  const acrossWeights = space.reserve(across.weights.byteLength);
  const downWeights = space.reserve(down.weights.byteLength);
  const strip = space.reserve(stripRows * line);
  const rows = space.reserve((lastRow - firstRow) * rowBytes);
  const result = space.reserve(resultBytes);
  const kernel = openKernel(space.size);
  const bytes = new Uint8Array(kernel.memory.buffer);
  const write = (at: number, values: Int32Array) =>
    new Int32Array(bytes.buffer, at, values.length).set(values);
  write(ranges, across.ranges);
  write(acrossWeights, across.weights);
  write(downWeights, down.weights);

  for (let y = firstRow; y < lastRow; y += stripRows) {
    const count = Math.min(stripRows, lastRow - y);
    bytes.set(data.subarray(y * line, (y + count) * line), strip);
    const to = rows + (y - firstRow) * rowBytes;
    kernel.across(
      strip,
      line,
      count,
      channels,
      to,
      rowBytes,
      window.width,
      ranges,
      acrossWeights,
      across.stride,
    );
  }
  for (let y = 0; y < window.height; y++) {
    const [start, count] = [down.ranges[2 * y]!, down.ranges[2 * y + 1]!];
    const from = rows + (start - firstRow) * rowBytes;
    kernel.down(from, rowBytes, count, downWeights + 4 * y * down.stride, result + y * rowBytes, rowBytes);
  }
  return bytes.slice(result, result + resultBytes);
}

/** Lays out what the kernel's memory holds. */
class Space {
  size = 0;

  /** Address of `bytes` bytes, with room for the kernel's reads and writes beyond them. */
  reserve(bytes: number): number {
    const at = this.size;
    this.size += 16 * Math.ceil(bytes / 16) + 16;
    return at;
  }
}

/** The exports of tools/resample-kernel/kernel.as. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  across(...numbers: number[]): void;
  down(...numbers: number[]): void;
}

const PAGE = 2 ** 16; // bytes, of WebAssembly's memory
let opened: Kernel | undefined;

/** The shared kernel, its memory grown to at least `size` bytes. Contents are scratch. */
function openKernel(size: number): Kernel {
  try {
    opened ??= createKernel();
    const missing = size - opened.memory.buffer.byteLength;
    if (missing > 0) opened.memory.grow(Math.ceil(missing / PAGE));
    return opened;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new PassingError(
      `no memory for ${size} bytes to resize a picture with (${error.message}); close other programs, or allow more address space (ulimit -v unlimited)`,
      'ENOMEM',
    );
  }
}

function createKernel(): Kernel {
  const binary = Uint8Array.from(atob(RESAMPLE_KERNEL), (character) => character.charCodeAt(0));
  const memory = new engine.Memory({ initial: 1 });
  return new engine.Instance(new engine.Module(binary), { env: { memory } }).exports as unknown as Kernel;
}

// Node and browsers both have it; the types of neither are here, because this file is for both.
const { WebAssembly: engine } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (size: { readonly initial: number }) => Kernel['memory'];
    readonly Module: new (binary: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  };
};

/** Nearest neighbour as Pillow picks it: the input under the centre of each output sample. */
export function resampleNearest(
  { data, width, height, channels }: Source,
  { toWidth, toHeight, window }: Target,
): Uint8Array {
  const result = new Uint8Array(window.width * window.height * channels);
  let to = 0;
  for (let y = window.top; y < window.top + window.height; y++) {
    const row = Math.min(height - 1, Math.floor(((y + 0.5) * height) / toHeight)) * width;
    for (let x = window.left; x < window.left + window.width; x++) {
      const from = (row + Math.min(width - 1, Math.floor(((x + 0.5) * width) / toWidth))) * channels;
      for (let c = 0; c < channels; c++) result[to++] = data[from + c]!;
    }
  }
  return result;
}

function taps(
  size: number,
  toSize: number,
  first: number,
  length: number,
  interpolation: Interpolation,
): Taps {
  const filter = FILTERS[interpolation];
  const scale = size / toSize;
  const filterScale = Math.max(scale, 1);
  const support = filter.support * filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const ranges = new Int32Array(2 * length);
  const weights = new Int32Array(length * stride);
  const row = new Float64Array(stride);
  for (let i = 0; i < length; i++) {
    const center = (first + i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(size, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let x = low; x < high; x++) {
      row[x - low] = filter.weight((x - center + 0.5) / filterScale);
      sum += row[x - low]!;
    }
    for (let t = 0; t < high - low; t++) {
      const weight = (row[t]! / sum) * 2 ** PRECISION_BITS;
      weights[i * stride + t] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    ranges[2 * i] = low;
    ranges[2 * i + 1] = high - low;
  }
  return { ranges, weights, stride };
}

/** Keys' cubic convolution kernel with a = -0.5. */
function bicubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
}
