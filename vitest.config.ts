import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'tools/**/*.test.ts'],
    // Tests that start real processes take seconds each, on a machine that runs several files at once far longer.
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});
