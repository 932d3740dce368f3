import type { Command } from 'commander';
import { registerCaptions } from './bench-captions.ts';
import { registerRuns } from './bench-run.ts';
import { registerSteps } from './bench-steps.ts';

/** `polar bench`: the paper's benchmarks. */
export function register(program: Command): void {
  const bench = program
    .command('bench')
    .description("the paper's benchmarks: ConCon-Chi, DeepFashion2 and caption recall");
  registerSteps(bench);
  registerCaptions(bench);
  registerRuns(bench);
}
