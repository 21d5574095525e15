import { expect, it } from 'vitest';
import { summarise } from '../../src/metrics/index.js';

it('gives the sample standard deviation', () => {
  expect(summarise([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ count: 8, mean: 5, sd: Math.sqrt(32 / 7), min: 2, max: 9 });
});

it('knows no spread of one value, and nothing of none', () => {
  expect(summarise([0.5])).toEqual({ count: 1, mean: 0.5, sd: Number.NaN, min: 0.5, max: 0.5 });
  const nothing = Number.NaN;
  expect(summarise([])).toEqual({ count: 0, mean: nothing, sd: nothing, min: nothing, max: nothing });
});
