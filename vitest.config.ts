import { configDefaults, defineConfig } from 'vitest/config';
import { hasSlurm } from './bench/slurm/cluster.mjs';
import { findChromium } from './test/browser/chromium.js';

const pageTests = 'test/browser/**';
const exclude = [...configDefaults.exclude];
if (findChromium() === undefined) {
  exclude.push(pageTests);
  console.warn(
    `The page tests (${pageTests}) are left out: there is no Chromium on the PATH. To get them: apt-get install chromium, or name one in CHROMIUM_PATH.`,
  );
}
if (!hasSlurm()) {
  exclude.push('test/slurm/**');
  console.warn(
    'The tests on a cluster (test/slurm) are left out: there is no SLURM. To get them: apt-get install slurmctld slurmd slurm-client munge, as root.',
  );
}

// `npm test` builds first: tests of the command line run dist, everything else runs from src.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.ts'],
    exclude,
    pool: 'forks',
    // One more than the smallest machine has cores: many tests wait for processes to end, or for a lease to run out.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
});
