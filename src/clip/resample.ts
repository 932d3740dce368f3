/** Weights of one output sample: `weights[offset .. offset+count)` apply to the inputs from `start` on. */
interface Taps {
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  /** Room for weights of each output sample. */
  readonly stride: number;
}

// Pillow's 8-bit resampling keeps weights as fixed-point numbers with this many bits, and rounds to 8 bits after
// each pass; the same is done here so that the results are the same.
const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);
const BICUBIC_SUPPORT = 2;

/** A part of the resampled picture. */
interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Antialiased bicubic resampling as Pillow does it (separable, a = -0.5, support scaled when shrinking), of which
 * only `window` is computed. libvips' own kernel shrinks by boxes first and comes out 2 to 10 grey levels apart.
 *
 * @param data `[height, width, channels]`
 * @returns `[window.height, window.width, channels]` of the picture resampled to `toWidth` x `toHeight`
 */
export function resampleBicubic(
  data: Uint8Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: number },
  toWidth: number,
  toHeight: number,
  window: Window,
): Uint8Array {
  const across = taps(width, toWidth, window.left, window.width);
  const down = taps(height, toHeight, window.top, window.height);
  const firstRow = down.start[0]!;
  const lastRow = down.start[window.height - 1]! + down.count[window.height - 1]!;
  const rowBytes = window.width * channels;
  const rows = new Uint8ClampedArray((lastRow - firstRow) * rowBytes);
  for (let y = firstRow; y < lastRow; y++) {
    const from = y * width * channels;
    const to = (y - firstRow) * rowBytes;
    if (channels === 3) resampleRow3(data, from, rows, to, across);
    else resampleRow(data, from, rows, to, across, channels);
  }
  const result = new Uint8ClampedArray(window.height * rowBytes);
  const sums = new Int32Array(rowBytes);
  for (let y = 0; y < window.height; y++) {
    sums.fill(HALF);
    const weights = down.weights.subarray(y * down.stride, y * down.stride + down.count[y]!);
    addRows(sums, rows, (down.start[y]! - firstRow) * rowBytes, weights);
    const to = y * rowBytes;
    for (let i = 0; i < rowBytes; i++) result[to + i] = sums[i]! >> PRECISION_BITS;
  }
  return new Uint8Array(result.buffer);
}

/** Nearest neighbour as Pillow picks it: the input under the centre of each output sample. */
export function resampleNearest(
  data: Uint8Array,
  { width, height, channels }: { readonly width: number; readonly height: number; readonly channels: number },
  toWidth: number,
  toHeight: number,
  window: Window,
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

// The case of nearly every photo, with the three sums in registers.
function resampleRow3(
  data: Uint8Array,
  from: number,
  rows: Uint8ClampedArray,
  to: number,
  across: Taps,
): void {
  const { start, count, weights, stride } = across;
  let out = to;
  for (let x = 0; x < start.length; x++) {
    let r = HALF;
    let g = HALF;
    let b = HALF;
    let at = from + start[x]! * 3;
    const end = x * stride + count[x]!;
    for (let t = x * stride; t < end; t++) {
      const weight = weights[t]!;
      // imul and |0 keep V8 in plain 32-bit arithmetic; the sums stay below 2^31.
      r = (r + Math.imul(data[at]!, weight)) | 0;
      g = (g + Math.imul(data[at + 1]!, weight)) | 0;
      b = (b + Math.imul(data[at + 2]!, weight)) | 0;
      at += 3;
    }
    rows[out] = r >> PRECISION_BITS;
    rows[out + 1] = g >> PRECISION_BITS;
    rows[out + 2] = b >> PRECISION_BITS;
    out += 3;
  }
}

function resampleRow(
  data: Uint8Array,
  from: number,
  rows: Uint8ClampedArray,
  to: number,
  { start, count, weights, stride }: Taps,
  channels: number,
): void {
  for (let x = 0; x < start.length; x++) {
    for (let c = 0; c < channels; c++) {
      let sum = HALF;
      for (let t = 0; t < count[x]!; t++) {
        sum += data[from + (start[x]! + t) * channels + c]! * weights[x * stride + t]!;
      }
      rows[to + x * channels + c] = sum >> PRECISION_BITS;
    }
  }
}

/** Adds neighbouring rows, the first one at `from`, each times its weight. */
function addRows(sums: Int32Array, rows: Uint8ClampedArray, from: number, weights: Int32Array): void {
  const n = sums.length;
  let t = 0;
  // Four at a time: the sums are loaded and stored a quarter as often, which halves the time.
  for (; t + 4 <= weights.length; t += 4) {
    const [a, b, c, d] = [weights[t]!, weights[t + 1]!, weights[t + 2]!, weights[t + 3]!];
    for (let i = 0, at = from + t * n; i < n; i++, at++) {
      const ab = (Math.imul(rows[at]!, a) + Math.imul(rows[at + n]!, b)) | 0;
      const cd = (Math.imul(rows[at + 2 * n]!, c) + Math.imul(rows[at + 3 * n]!, d)) | 0;
      sums[i] = sums[i]! + ab + cd;
    }
  }
  for (; t < weights.length; t++) {
    const a = weights[t]!;
    for (let i = 0, at = from + t * n; i < n; i++, at++) sums[i] = sums[i]! + Math.imul(rows[at]!, a);
  }
}

function taps(size: number, toSize: number, first: number, length: number): Taps {
  const scale = size / toSize;
  const filterScale = Math.max(scale, 1);
  const support = BICUBIC_SUPPORT * filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(length);
  const count = new Int32Array(length);
  const weights = new Int32Array(length * stride);
  const row = new Float64Array(stride);
  for (let i = 0; i < length; i++) {
    const center = (first + i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(size, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let x = low; x < high; x++) {
      row[x - low] = bicubic((x - center + 0.5) / filterScale);
      sum += row[x - low]!;
    }
    for (let t = 0; t < high - low; t++) {
      const weight = (row[t]! / sum) * 2 ** PRECISION_BITS;
      weights[i * stride + t] = Math.trunc(weight < 0 ? weight - 0.5 : weight + 0.5);
    }
    start[i] = low;
    count[i] = high - low;
  }
  return { start, count, weights, stride };
}

/** Keys' cubic convolution kernel with a = -0.5. */
function bicubic(x: number): number {
  const a = -0.5;
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return (((d - 5) * d + 8) * d - 4) * a;
  return 0;
}
