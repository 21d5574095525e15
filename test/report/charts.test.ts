import { describe, expect, test } from 'vitest';
import type { ResultRow } from '../../src/evaluation/index.js';
import { classChart, LEAST_IN_BIN, pooled } from '../../src/report/charts/charts.js';

/** Numbers on the axis below the chart of a class whose F1 is `mean` with this interval. */
function axisOf(mean: number, lower: number, upper: number): number[] {
  const f1 = { mean, sd: null, values: [mean], interval: { lower, upper } };
  const row = { perClass: [{ class: 'joy', support: 12, f1, precision: mean, recall: mean }] } as unknown as ResultRow;
  const texts = [...classChart(row, 'label').matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  return texts.filter((text) => /^-?\d+$/.test(text)).map(Number);
}

describe('the axis of F1', () => {
  test.each([
    [1, 0.72, 1],
    [0, 0, 0.28],
    [0.5, 0.02, 0.99],
  ])('of %s (%s to %s) stays between 0 and 100', (mean, lower, upper) => {
    const axis = axisOf(mean, lower, upper);
    expect(axis.length).toBeGreaterThan(2);
    expect(Math.min(...axis)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...axis)).toBeLessThanOrEqual(100);
    expect(Math.min(...axis)).toBeLessThanOrEqual(100 * lower);
    expect(Math.max(...axis)).toBeGreaterThanOrEqual(100 * upper);
  });
});

describe('pooled', () => {
  const bin = (count: number, confidence: number, accuracy: number) => ({ count, confidence, accuracy });

  test('leaves no mark that stands for a few utterances, and keeps the sums', () => {
    const bins = [bin(1, 0.2, 0), bin(0, Number.NaN, Number.NaN), bin(12, 0.4, 0.5), bin(30, 0.6, 0.7), bin(2, 0.9, 0)];
    const wide = pooled(bins);
    expect(wide.map(({ count }) => count)).toEqual([13, 32]);
    expect(wide[0].confidence).toBeCloseTo((0.2 + 12 * 0.4) / 13, 12);
    expect(wide[1].accuracy).toBeCloseTo((30 * 0.7) / 32, 12);
  });

  test('few utterances in all are one mark', () => {
    expect(pooled([bin(2, 0.3, 0.5), bin(3, 0.8, 1)])).toEqual([
      bin(5, expect.closeTo(0.6, 12), expect.closeTo(0.8, 12)),
    ]);
    expect(LEAST_IN_BIN).toBeGreaterThan(5);
  });
});
