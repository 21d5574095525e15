import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../src/base/random.js';
import { minimise } from '../../../src/evaluation/baselines/lbfgs.js';
import { fitLogistic, logisticLoss, logProbabilities } from '../../../src/evaluation/baselines/logistic.js';

interface Golden {
  name: string;
  width: number;
  l2: number;
  weights: number[];
  labels: number[];
  rows: number[];
  coefficients: number[][];
  logProbabilities: number[][];
}

const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../../fixtures/logistic/golden.json', import.meta.url), 'utf8'),
);
const tableOf = ({ rows, width }: Golden) => ({ rows: Float32Array.from(rows), width });
const distance = (a: ArrayLike<number>, b: readonly number[]) =>
  b.reduce((worst, value, i) => Math.max(worst, Math.abs(value - a[i])), 0);

describe.each(golden)('logistic regression, $name', (one) => {
  const labels = Int32Array.from(one.labels);
  const loss = logisticLoss(tableOf(one), labels, one.weights, one.l2);
  const size = one.weights.length * (one.width + 1);

  it('has the gradient of its loss', () => {
    const stream = randomStream(1, 0, 0);
    const x = Float64Array.from({ length: size }, () => 0.5 * stream.normal());
    const [gradient, ignored] = [new Float64Array(size), new Float64Array(size)];
    loss(x, gradient);
    const h = 1e-6;
    const numeric = Array.from(x, (_, i) => {
      const moved = (by: number) =>
        loss(
          x.map((v, j) => (j === i ? v + by : v)),
          ignored,
        );
      return (moved(h) - moved(-h)) / (2 * h);
    });
    expect(distance(gradient, numeric)).toBeLessThan(1e-8);
  });

  it('solved to the end equals scikit-learn', () => {
    const { x, converged } = minimise(loss, new Float64Array(size), 1e-10);
    expect(converged).toBe(true);
    const weights = [...x].filter((_, i) => i % (one.width + 1) < one.width);
    expect(distance(weights, one.coefficients.flat())).toBeLessThan(1e-6);
    expect(distance(logProbabilities(tableOf(one), x), one.logProbabilities.flat())).toBeLessThan(1e-5);
  });

  it('is as good as solved where fitting stops, wherever it begins', () => {
    const best = minimise(loss, new Float64Array(size), 1e-10).value;
    const cold = fitLogistic(tableOf(one), labels, one.weights, one.l2);
    const strong = fitLogistic(tableOf(one), labels, one.weights, 1).x;
    const warm = fitLogistic(tableOf(one), labels, one.weights, one.l2, strong);
    for (const { value } of [cold, warm]) expect(value - best).toBeLessThan(1e-4);
  });

  it('leaves out what is not labelled', () => {
    const marked = labels.map((label, n) => (n < 2 ? -1 : label));
    const [kept, gradient, other] = [labels.slice(2), new Float64Array(size), new Float64Array(size)];
    const x = Float64Array.from({ length: size }, (_, i) => Math.sin(i));
    const rows = Float32Array.from(one.rows.slice(2 * one.width));
    const short = logisticLoss({ rows, width: one.width }, kept, one.weights, one.l2)(x, other);
    expect(logisticLoss(tableOf(one), marked, one.weights, one.l2)(x, gradient)).toBeCloseTo(short, 12);
    expect(distance(gradient, [...other])).toBeLessThan(1e-12);
  });
});

describe('minimise', () => {
  it('finds the minimum of a long valley', () => {
    const scales = [1, 1e2, 1e4];
    const quadratic = (x: Float64Array, gradient: Float64Array) => {
      let value = 0;
      scales.forEach((scale, i) => {
        gradient[i] = scale * (x[i] - i);
        value += (scale / 2) * (x[i] - i) ** 2;
      });
      return value;
    };
    const { x, converged } = minimise(quadratic, Float64Array.of(5, 5, 5), 1e-8);
    expect(converged).toBe(true);
    expect(distance(x, [0, 1, 2])).toBeLessThan(1e-7);
  });

  it('says where it did not get there', () => {
    const slope = (x: Float64Array, gradient: Float64Array) => {
      gradient[0] = 1;
      return x[0];
    };
    expect(minimise(slope, Float64Array.of(0), 1e-6, 3)).toMatchObject({ evaluations: 4, converged: false });
  });
});
