import { MersenneTwister } from './mersenne-twister.ts';

/** CPython's `random.Random(seed)`, bit for bit, for the calls that the released code makes. */
export class PythonRandom {
  readonly #twister: MersenneTwister;

  /** @param seed a whole number; CPython uses its absolute value */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`the seed must be a whole number, found ${seed}`);
    const absolute = Math.abs(seed);
    const low = absolute >>> 0;
    const high = Math.floor(absolute / 2 ** 32);
    this.#twister = MersenneTwister.fromArray(high === 0 ? [low] : [low, high]);
  }

  /** `random.random()`: a float in [0, 1) with 53 bits. */
  random(): number {
    const a = this.#twister.next() >>> 5;
    const b = this.#twister.next() >>> 6;
    return (a * 67108864 + b) / 9007199254740992;
  }

  /** A whole number in [0, n), n below 2^32, as `random.randrange(n)` draws it. */
  below(n: number): number {
    const bits = 32 - Math.clz32(n);
    for (;;) {
      const drawn = this.#twister.next() >>> (32 - bits);
      if (drawn < n) return drawn;
    }
  }

  /** `random.sample(population, k)`: k elements without replacement. */
  sample<T>(population: readonly T[], k: number): T[] {
    const n = population.length;
    if (!Number.isInteger(k) || k < 0 || k > n) {
      throw new RangeError(`cannot draw ${k} of ${n} elements without replacement`);
    }
    // CPython keeps a pool where that takes less memory than a set of k indices.
    const setSize = 21 + (k > 5 ? 4 ** Math.ceil(Math.log(k * 3) / Math.log(4)) : 0);
    if (n <= setSize) {
      const pool = [...population];
      return Array.from({ length: k }, (_, i) => {
        const j = this.below(n - i);
        const drawn = pool[j]!;
        pool[j] = pool[n - i - 1]!;
        return drawn;
      });
    }
    const selected = new Set<number>();
    return Array.from({ length: k }, () => {
      let j = this.below(n);
      while (selected.has(j)) j = this.below(n);
      selected.add(j);
      return population[j]!;
    });
  }
}
