import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The machine that figures were taken on. */
export function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} cores of ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
}

/** Where the made-up models are kept between runs. */
export const benchFolder = fileURLToPath(new URL('../.tmp/bench', import.meta.url));

/** `tokenizer.json` with CLIP's vocabulary: `POLAR_BENCH_TOKENIZER`, or the one that ships with polar. */
export const tokenizerFile =
  process.env.POLAR_BENCH_TOKENIZER ??
  fileURLToPath(new URL('../models/clip/tokenizer.json', import.meta.url));

/** Memory of this process in MB: all of it, and the part that is private (not backed by the weights file). */
export function memory(): { readonly peak: number; readonly resident: number; readonly private: number } {
  const status = readFileSync('/proc/self/status', 'utf8');
  const read = (key: string) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
  return { peak: read('VmHWM'), resident: read('VmRSS'), private: read('RssAnon') };
}

/** Lets the peak begin anew. */
export const forgetPeak = (): void => writeFileSync('/proc/self/clear_refs', '5');

/** Median of the times of `runs` calls, in milliseconds. */
export async function median(runs: number, call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    await call();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)]!;
}

/** The `index`-th of a list of sentences of usual length, with about a dozen tokens. */
export const sentence = (index: number): string =>
  `a photo of ${['a dog', 'a cat', 'a red car', 'two people', 'a small house'][index % 5]} near the number ${index} on a street`;
