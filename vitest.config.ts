// A test's project is in its file's name, so that everybody finds it at once:
//   *.test.ts          unit: no process, no browser; at most 5 seconds a test. `npm test` runs these.
//   *.system.test.ts   starts programs, kills them, fills libraries, packs and installs the package
//   *.browser.test.ts  drives a real Chromium
//   *.shared.test.ts   needs ../shared (more reference data); registered only where that folder is
//   *.release.test.ts  makes a release, publishes it to a local registry and installs it
// `npm run check` runs all but the last: `npx vitest run --project release`, minutes long. test/README.md says more.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { hasShared } from './test/shared.ts';

const FOLDERS = '{src,test,bench,tools}/**/*';

// The files that a worker runs share its modules: most of a file's time was starting and importing. So they leave
// nothing behind in a module, the environment or a spied object, and a module that is replaced comes back.
const shareModules = { isolate: false };

/** A project of the files with this mark in their names. */
const slow = (name: string, options: { readonly isolate?: boolean } = {}) => ({
  extends: true as const,
  // Tests that start real processes take seconds each, on a machine that runs several files at once far longer.
  test: {
    name,
    ...options,
    include: [`${FOLDERS}.${name}.test.ts`],
    globalSetup: './test/build.ts',
    testTimeout: 240_000,
    hookTimeout: 120_000,
    // Looks again until it holds: one second, the default, is short where other files run beside.
    expect: { poll: { timeout: 60_000 } },
  },
});

export default defineConfig({
  test: {
    // One more than there are cores, since many tests wait for a process or a page. The default keeps a core for the
    // terminal, which on a machine of two halves the speed.
    maxWorkers: availableParallelism() + 1,
    // No test asks the machine for a GPU unless it says so itself.
    env: { POLAR_DEVICE: 'cpu' },
    reporters: process.env.CI ? ['default', './test/no-skips.ts'] : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${FOLDERS}.test.ts`],
          exclude: [`${FOLDERS}.*.test.ts`],
          testTimeout: 5_000,
          ...shareModules,
        },
      },
      slow('system', shareModules),
      slow('browser'),
      slow('release'),
      ...(hasShared ? [slow('shared')] : []),
    ],
  },
});
