import type { Reporter, TestModule } from 'vitest/node';

/** Fails a run in which a test is skipped, and names it: on a build server every test has to run. */
export default class NoSkips implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    if (skipped.length === 0) return;
    const names = skipped.map(({ module, fullName }) => `  ${module.relativeModuleId}: ${fullName}`);
    process.stderr.write(`\n${skipped.length} skipped, which fails a run under CI:\n${names.join('\n')}\n`);
    process.exitCode = 1;
  }
}
