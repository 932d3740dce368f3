import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Compiles the package once before the tests that start it as a process, and for the browser the pages: the built
 * command starts in a third of the time that it takes through tsx, and it is what users run. `npm run check` has just
 * built it, and says so.
 */
export default function setup({ name }: TestProject): void {
  if (process.env.POLAR_IS_BUILT === '1') return;
  const isEnough = name !== 'browser' && existsSync(`${root}/dist/pages/app/index.html`);
  const command = isEnough ? ['run', 'tsc', '--', '-p', 'tsconfig.build.json'] : ['run', 'build'];
  execFileSync('npm', command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}
