import { totalmem } from 'node:os';

/** Bytes that all work of one kind in this process may hold at once; who wants more waits, first come first served. */
export class MemoryBudget {
  readonly limit: number;
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];
  #held = 0;

  /** @param limit bytes */
  constructor(limit: number) {
    this.limit = limit;
  }

  /**
   * Runs `work` once `bytes` are free. Work that wants more than there are at all runs alone.
   *
   * Work that holds bytes of a budget must never wait for more of the same budget, or all could wait for each other.
   */
  async use<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const wanted = Math.min(bytes, this.limit);
    if (this.#waiting.length > 0 || this.#held + wanted > this.limit) {
      await new Promise<void>((start) => this.#waiting.push({ bytes: wanted, start }));
    } else this.#held += wanted;
    try {
      return await work();
    } finally {
      this.#held -= wanted;
      while (this.#waiting.length > 0 && this.#held + this.#waiting[0]!.bytes <= this.limit) {
        const next = this.#waiting.shift()!;
        this.#held += next.bytes;
        next.start();
      }
    }
  }
}

// A container may have less memory than its machine; without a limit Node reports 0, or more than there is.
const constrained = process.constrainedMemory();
const memory = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();

const MB = 2 ** 20;
const share = (part: number, low: number, high: number): number =>
  Math.min(Math.max(memory / part, low * MB), high * MB);

/** Files of pictures that are held in memory: one of the usual 400 MB, or a hundred photos of a phone. */
export const READING = new MemoryBudget(share(16, 128, 512));

/** What decoders and decoded pictures take; a picture that needs more than this is refused. */
export const DECODING = new MemoryBudget(share(8, 256, 2048));

/** Bytes of the largest file that is read as a picture. */
export const MAX_PICTURE_BYTES = 2 * READING.limit;
