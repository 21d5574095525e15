import { defineConfig } from 'vitest/config';

// `npm test` builds first: tests of the command line run dist, everything else runs from src.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
