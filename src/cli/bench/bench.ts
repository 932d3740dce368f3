import type { Command } from 'commander';
import { registerCaptions } from './captions.ts';
import { registerRuns } from './run.ts';
import { registerSteps } from './steps.ts';

/** `polar bench`: the paper's benchmarks. */
export function register(program: Command): void {
  const bench = program
    .command('bench')
    .description("the paper's benchmarks: ConCon-Chi, DeepFashion2 and caption recall");
  registerSteps(bench);
  registerCaptions(bench);
  registerRuns(bench);
}
