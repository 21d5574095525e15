import { describe, expect, it } from 'vitest';
import { anchorWeight, learningRate } from '../../src/training/schedule.js';

describe('learningRate', () => {
  it('is constant by default', () => {
    expect(learningRate({ lr: 2, warmup: 0, cosine: false }, 1, 10)).toBe(2);
    expect(learningRate({ lr: 2, warmup: 0, cosine: false }, 10, 10)).toBe(2);
  });

  it('warms up linearly over a number or a fraction of the steps', () => {
    const rates = (warmup: number) =>
      [1, 2, 3, 4, 5].map((step) => learningRate({ lr: 1, warmup, cosine: false }, step, 8));
    expect(rates(4)).toEqual([0.25, 0.5, 0.75, 1, 1]);
    expect(rates(0.5)).toEqual(rates(4));
  });

  it('falls along half a cosine from the peak to almost zero', () => {
    const at = (step: number) => learningRate({ lr: 1, warmup: 10, cosine: true }, step, 110);
    expect(at(10)).toBe(1);
    expect(at(11)).toBe(1);
    expect(at(61)).toBeCloseTo(0.5, 12);
    expect(at(110)).toBeGreaterThan(0);
    expect(at(110)).toBeLessThan(0.001);
  });
});

describe('anchorWeight', () => {
  it('rises linearly over the epochs of the warm-up, and is 1 without one', () => {
    const weights = (anchorWarmup: number) => [1, 2, 3, 4, 5].map((step) => anchorWeight({ anchorWarmup }, step, 2));
    expect(weights(2)).toEqual([0.25, 0.5, 0.75, 1, 1]);
    expect(weights(0)).toEqual([1, 1, 1, 1, 1]);
  });
});
