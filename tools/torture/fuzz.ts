import { PolarError } from '../../src/errors.ts';
import { mutate, randomFrom } from './mutate.ts';
import type { Reader } from './readers.ts';

// What a damaged file may cost at most; far more than any of these small ones takes, on a loaded machine too.
const MAX_MS = 5000;
const MAX_BYTES = 500e6;
const MAX_MESSAGE = 6000;

/** A file that a reader did not take as it should: the seed makes it again. */
export interface Finding {
  readonly reader: string;
  readonly seed: number;
  readonly problem: string;
}

/** Reads the damaged file of a seed; it must be read, or refused in one line, in little time and memory. */
export async function fuzzOnce(reader: Reader, seed: number): Promise<Finding | undefined> {
  const bytes = mutate(reader.sound, randomFrom(seed));
  const started = performance.now();
  const memory = process.memoryUsage();
  let problem: string | undefined;
  try {
    await reader.read(bytes);
  } catch (error) {
    if (!(error instanceof PolarError)) {
      problem = error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`;
    } else if (/\n/.test(error.message) || error.message.length > MAX_MESSAGE || error.message === '') {
      problem = `a message of ${error.message.length} characters: ${error.message.slice(0, 200)}`;
    }
  }
  const after = process.memoryUsage();
  const taken = performance.now() - started;
  const grown = after.heapUsed + after.arrayBuffers - memory.heapUsed - memory.arrayBuffers;
  if (taken > MAX_MS) problem ??= `took ${Math.round(taken)} ms`;
  if (grown > MAX_BYTES) problem ??= `took ${Math.round(grown / 1e6)} MB`;
  return problem === undefined ? undefined : { reader: reader.name, seed, problem };
}
