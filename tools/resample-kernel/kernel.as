// The two passes of src/clip/pixels/resample.ts in AssemblyScript: WebAssembly with four sums at once, to the bit what plain
// integer arithmetic gives. `npx tsx tools/resample-kernel/build.ts` writes it into src/clip/pixels/resample-kernel.ts.
//
// Addresses are of bytes in the module's memory. Reads go up to 3 bytes beyond a row of samples, writes up to 15
// beyond a row of results: the caller leaves room.

const PRECISION_BITS: i32 = 22;
const HALF: i32 = 1 << (PRECISION_BITS - 1);

/** Four bytes at an address as four 32-bit numbers. */
@inline
function four(at: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
}

/** Two, or four, groups of four sums as bytes, clamped. */
@inline
function bytes(a: v128, b: v128, c: v128, d: v128): v128 {
  const low = i16x8.narrow_i32x4_s(i32x4.shr_s(a, PRECISION_BITS), i32x4.shr_s(b, PRECISION_BITS));
  const high = i16x8.narrow_i32x4_s(i32x4.shr_s(c, PRECISION_BITS), i32x4.shr_s(d, PRECISION_BITS));
  return i8x16.narrow_i16x8_u(low, high);
}

/**
 * Resamples rows across.
 *
 * @param data rows of pixels of `channels` (at most 4) bytes, `dataStride` bytes apart
 * @param result rows `resultStride` bytes apart; every result of a row overwrites what the one before wrote too much
 * @param taps for each of `width` results the first pixel and the number of weights
 * @param weights `weightStride` numbers for each result
 */
export function across(
  data: usize,
  dataStride: i32,
  rows: i32,
  channels: i32,
  result: usize,
  resultStride: i32,
  width: i32,
  taps: usize,
  weights: usize,
  weightStride: i32,
): void {
  for (let y = 0; y < rows; y++) {
    let to = result + y * resultStride;
    for (let x = 0; x < width; x++) {
      let at = data + y * dataStride + load<i32>(taps + 8 * x) * channels;
      let weight = weights + 4 * x * weightStride;
      const end = weight + 4 * load<i32>(taps + 8 * x, 4);
      let sums = i32x4.splat(HALF);
      for (; weight < end; weight += 4) {
        sums = i32x4.add(sums, i32x4.mul(four(at), v128.load32_splat(weight)));
        at += channels;
      }
      v128.store32_lane(to, bytes(sums, sums, sums, sums), 0);
      to += channels;
    }
  }
}

/** Resamples rows down: one row of `length` bytes out of `count` rows, `stride` bytes apart. */
export function down(
  rows: usize,
  stride: i32,
  count: i32,
  weights: usize,
  result: usize,
  length: i32,
): void {
  for (let x = 0; x < length; x += 16) {
    let a = i32x4.splat(HALF);
    let b = a;
    let c = a;
    let d = a;
    let at = rows + x;
    for (let t = 0; t < count; t++) {
      const weight = v128.load32_splat(weights + 4 * t);
      const all = v128.load(at);
      const low = i16x8.extend_low_i8x16_u(all);
      const high = i16x8.extend_high_i8x16_u(all);
      a = i32x4.add(a, i32x4.mul(i32x4.extend_low_i16x8_u(low), weight));
      b = i32x4.add(b, i32x4.mul(i32x4.extend_high_i16x8_u(low), weight));
      c = i32x4.add(c, i32x4.mul(i32x4.extend_low_i16x8_u(high), weight));
      d = i32x4.add(d, i32x4.mul(i32x4.extend_high_i16x8_u(high), weight));
      at += stride;
    }
    v128.store(result + x, bytes(a, b, c, d));
  }
}
