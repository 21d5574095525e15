import { configDefaults, defineConfig } from 'vitest/config';
import { findChromium } from './test/browser/chromium.js';

const pageTests = 'test/browser/**';
const leaveOut = findChromium() === undefined;
if (leaveOut) {
  console.warn(
    `The page tests (${pageTests}) are left out: there is no Chromium on the PATH. To get them: apt-get install chromium, or name one in CHROMIUM_PATH.`,
  );
}

// `npm test` builds first: tests of the command line run dist, everything else runs from src.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    exclude: leaveOut ? [...configDefaults.exclude, pageTests] : configDefaults.exclude,
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
