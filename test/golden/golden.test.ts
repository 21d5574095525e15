import { describe, expect, it } from 'vitest';
import { checkGolden } from '../../src/evaluation/golden.js';

const golden = new URL('../../../shared/golden/vega/', import.meta.url).pathname;

describe('the engine agrees with the released implementation', () => {
  for (const name of ['iemocap_small', 'meld_small', 'iemocap_no_anchor_branch']) {
    it(name, async () => {
      const lines = await checkGolden(golden + name);
      expect(lines.length).toBeGreaterThan(5);
      for (const { quantity, difference, tolerance } of lines) expect(difference, quantity).toBeLessThan(tolerance);
    });
  }
});
