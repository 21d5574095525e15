import { describe, expect, it } from 'vitest';
import {
  accuracy,
  bootstrapIntervals,
  confusionMatrix,
  dialogueConfusions,
  dialogueSums,
  differenceOfRuns,
  joinRuns,
  macroF1,
  meanOverRuns,
  type SumMetric,
  weightedF1,
} from '../../src/metrics/index.js';
import { confusionsOf, simulate, simulation, trueConfusion } from './simulate.js';

const metrics = { accuracy, weightedF1, macroF1 };
const NAMES = ['accuracy', 'weightedF1', 'macroF1'] as const;
const meanOf: SumMetric = ([sum, count]) => sum / count;

describe('bootstrap over dialogues', () => {
  it('covers the truth 93 to 97 times in 100', () => {
    const truth = trueConfusion();
    const covered = { accuracy: 0, weightedF1: 0, macroF1: 0 };
    const simulations = 1000;
    for (let s = 0; s < simulations; s++) {
      const [sums] = confusionsOf(simulate(simulation(s), 80, 1, 1), 0);
      const intervals = bootstrapIntervals(sums, metrics, { seed: s, resamples: 400 });
      for (const name of NAMES) {
        const { lower, upper } = intervals[name];
        const value = metrics[name](truth);
        if (lower <= value && value <= upper) covered[name]++;
      }
    }
    for (const name of NAMES) {
      expect(covered[name] / simulations, name).toBeGreaterThanOrEqual(0.93);
      expect(covered[name] / simulations, name).toBeLessThanOrEqual(0.97);
    }
  }, 60_000);

  it('is wider than one over utterances, which takes the likeness within a dialogue for knowledge', () => {
    const data = simulate(simulation(1), 200, 1, 1);
    const width = (dialogueOf: number[]) => {
      const sums = dialogueConfusions(data.labels, data.predictions[0][0], dialogueOf, 3);
      const { lower, upper } = bootstrapIntervals(sums, { accuracy }, { seed: 1, resamples: 2000 }).accuracy;
      return upper - lower;
    };
    expect(width(data.dialogueOf)).toBeGreaterThan(1.2 * width(data.labels.map((_, i) => i)));
  });

  it('gives the score of the data as they are, and the same interval for the same seed', () => {
    const data = simulate(simulation(2), 40, 1, 1);
    const [sums] = confusionsOf(data, 0);
    const intervals = bootstrapIntervals(sums, metrics, { seed: 5, resamples: 500 });
    const confusion = confusionMatrix(data.labels, data.predictions[0][0], 3);
    for (const name of NAMES) {
      expect(intervals[name].estimate).toBe(metrics[name](confusion));
      expect(intervals[name].lower).toBeLessThan(intervals[name].estimate);
      expect(intervals[name].upper).toBeGreaterThan(intervals[name].estimate);
    }
    expect(bootstrapIntervals(sums, metrics, { seed: 5, resamples: 500 })).toEqual(intervals);
    expect(bootstrapIntervals(sums, metrics, { seed: 6, resamples: 500 })).not.toEqual(intervals);
  });

  it('has the standard error of the theory for a mean', () => {
    const random = simulation(3);
    const values = Array.from({ length: 400 }, () => random.normal());
    const sums = dialogueSums(
      values.flatMap((value) => [value, 1]),
      2,
      values.map((_, i) => i),
    );
    const { estimate, lower, upper } = bootstrapIntervals(sums, { mean: meanOf }, { seed: 1 }).mean;
    const mean = values.reduce((sum, value) => sum + value) / 400;
    const error = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0)) / 400;
    expect(estimate).toBeCloseTo(mean, 12);
    expect((upper - lower) / (2 * 1.96 * error)).toBeGreaterThan(0.97);
    expect((upper - lower) / (2 * 1.96 * error)).toBeLessThan(1.03);
  });

  it('of one dialogue is a point, of none nothing', () => {
    const one = dialogueConfusions([0, 1], [0, 0], ['a', 'a'], 2);
    expect(bootstrapIntervals(one, { accuracy }, { seed: 1, resamples: 50 }).accuracy).toEqual({
      estimate: 0.5,
      lower: 0.5,
      upper: 0.5,
    });
    const none = dialogueConfusions([-1], [0], ['a'], 2);
    const nothing = Number.NaN;
    expect(bootstrapIntervals(none, { accuracy }, { seed: 1 }).accuracy).toEqual({
      estimate: nothing,
      lower: nothing,
      upper: nothing,
    });
  });
});

describe('runs side by side', () => {
  const data = simulate(simulation(4), 60, 2, 3);
  const first = confusionsOf(data, 0);
  const second = confusionsOf(data, 1);
  const score = (system: number, run: number) =>
    macroF1(confusionMatrix(data.labels, data.predictions[system][run], 3));
  const mean = (system: number) => (score(system, 0) + score(system, 1) + score(system, 2)) / 3;

  it('give the interval of their mean', () => {
    const result = bootstrapIntervals(joinRuns(first), { f1: meanOverRuns(macroF1, 3) }, { seed: 1, resamples: 200 });
    expect(result.f1.estimate).toBeCloseTo(mean(0), 12);
  });

  it('give the interval of the difference of two configurations', () => {
    const sums = joinRuns([...first, ...second]);
    const result = bootstrapIntervals(sums, { f1: differenceOfRuns(macroF1, 3, 3) }, { seed: 1, resamples: 200 });
    expect(result.f1.estimate).toBeCloseTo(mean(0) - mean(1), 12);
    expect(result.f1.lower).toBeLessThan(result.f1.estimate);
    expect(result.f1.upper).toBeGreaterThan(result.f1.estimate);
  });
});
