import { expect, test } from 'vitest';
import { wilsonInterval } from '../../src/metrics/index.js';

test('has its known values, and a width where all succeeded', () => {
  // Computed apart, from the formula in the paper, in float64.
  expect(wilsonInterval(1, 10).lower).toBeCloseTo(0.7224672, 6);
  expect(wilsonInterval(1, 10).upper).toBeCloseTo(1, 12);
  expect(wilsonInterval(0, 10)).toEqual({ lower: 0, upper: expect.closeTo(0.2775328, 6) });
  expect(wilsonInterval(0.3, 20)).toEqual({ lower: expect.closeTo(0.1454772, 6), upper: expect.closeTo(0.518973, 6) });
});
