const N = 624;
const M = 397;

/** The MT19937 generator (Matsumoto & Nishimura 1998), which both CPython's `random` and PyTorch's CPU generator use. */
export class MersenneTwister {
  readonly #state = new Uint32Array(N);
  #index = N;

  /** `init_genrand`: PyTorch seeds with it. */
  constructor(seed: number) {
    const state = this.#state;
    state[0] = seed;
    for (let i = 1; i < N; i++) {
      const previous = state[i - 1]! ^ (state[i - 1]! >>> 30);
      state[i] = Math.imul(1812433253, previous) + i;
    }
  }

  /** `init_by_array`: CPython seeds with the 32-bit digits of the seed, lowest first. */
  static fromArray(key: readonly number[]): MersenneTwister {
    const twister = new MersenneTwister(19650218);
    const state = twister.#state;
    const mix = (i: number, factor: number) =>
      state[i]! ^ Math.imul(state[i - 1]! ^ (state[i - 1]! >>> 30), factor);
    let i = 1;
    const advance = () => {
      i++;
      if (i >= N) {
        state[0] = state[N - 1]!;
        i = 1;
      }
    };
    for (let k = 0; k < Math.max(N, key.length); k++) {
      const j = k % key.length;
      state[i] = mix(i, 1664525) + key[j]! + j;
      advance();
    }
    for (let k = 0; k < N - 1; k++) {
      state[i] = mix(i, 1566083941) - i;
      advance();
    }
    state[0] = 0x80000000;
    return twister;
  }

  /** The next 32 random bits. */
  next(): number {
    if (this.#index === N) this.#generate();
    let y = this.#state[this.#index++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  #generate(): void {
    const state = this.#state;
    for (let i = 0; i < N; i++) {
      const y = (state[i]! & 0x80000000) | (state[(i + 1) % N]! & 0x7fffffff);
      state[i] = state[(i + M) % N]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#index = 0;
  }
}
