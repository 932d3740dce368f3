import type { Command } from 'commander';
import { registerCaptions } from './captions.ts';
import { registerRuns } from './run.ts';
import { registerSteps } from './steps.ts';

/** `polar bench`: the paper's benchmarks. */
export function register(bench: Command): void {
  registerSteps(bench);
  registerCaptions(bench);
  registerRuns(bench);
}
