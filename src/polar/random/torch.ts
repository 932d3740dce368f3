import { MersenneTwister } from './mersenne-twister.ts';

/**
 * `count` draws of `torch.manual_seed(seed); tensor.uniform_(low, high)` in float32 on a CPU: 24 random bits each.
 */
export function torchUniform(seed: number, count: number, low: number, high: number): Float32Array {
  const twister = new MersenneTwister(seed);
  const from = Math.fround(low);
  const range = Math.fround(Math.fround(high) - from);
  // The product is not rounded before the sum: torch's compiled loop uses a fused multiply-add.
  return Float32Array.from({ length: count }, () => (twister.next() & 0xffffff) * 2 ** -24 * range + from);
}

/**
 * A before training, `[R D]`: `torch.nn.init.kaiming_uniform_(A, a=sqrt(5))` on a `[R, D]` parameter, that is,
 * uniform between -1/sqrt(D) and 1/sqrt(D).
 */
export function kaimingUniformA(seed: number, width: number, rank = 1): Float32Array {
  const gain = Math.sqrt(2 / (1 + Math.sqrt(5) ** 2));
  const bound = Math.sqrt(3) * (gain / Math.sqrt(width));
  return torchUniform(seed, rank * width, -bound, bound);
}
