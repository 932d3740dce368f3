import type { Benchmark } from './benchmark.ts';
import type { Result } from './results.ts';
export async function writeReport(
  _file: string,
  _benchmark: Benchmark,
  _results: readonly Result[],
): Promise<void> {}
