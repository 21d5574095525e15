import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  dialogueConfusions,
  dialogueSums,
  holm,
  type McNemar,
  macroF1,
  mcnemar,
  mcnemarOfCounts,
  pairedRandomisation,
  type SumMetric,
  weightedF1,
} from '../../src/metrics/index.js';
import { confusionsOf, simulate, simulation } from './simulate.js';

const golden: McNemar[] = JSON.parse(
  readFileSync(new URL('../fixtures/metrics/probabilities.json', import.meta.url), 'utf8'),
).mcnemar;

/** Share of simulations in which `test` says "different" at level 5 %. */
function rejections(simulations: number, test: (number: number) => number): number {
  let count = 0;
  for (let s = 0; s < simulations; s++) if (test(s) <= 0.05) count++;
  return count / simulations;
}

describe('paired approximate randomisation over dialogues', () => {
  // 199 resamples make 5 % a p-value that can be reached exactly.
  const resamples = 199;

  it.each([
    ['accuracy, one run', accuracy, 1],
    ['weighted F1, one run', weightedF1, 1],
    ['macro F1, three seeds', macroF1, 3],
  ] as const)(
    'finds a difference where there is none in 3 to 7 of 100 cases: %s',
    (_, metric, runs) => {
      const rate = rejections(1000, (s) => {
        const data = simulate(simulation(s), 60, 2, runs);
        return pairedRandomisation(confusionsOf(data, 0), confusionsOf(data, 1), metric, { seed: s, resamples }).pValue;
      });
      expect(rate).toBeGreaterThanOrEqual(0.03);
      expect(rate).toBeLessThanOrEqual(0.07);
    },
    60_000,
  );

  it('finds a difference where there is one', () => {
    const power = rejections(200, (s) => {
      const data = simulate(simulation(s), 60, 2, 1, 0.15);
      const [first, second] = [confusionsOf(data, 0), confusionsOf(data, 1)];
      return pairedRandomisation(first, second, weightedF1, { seed: s, resamples }).pValue;
    });
    expect(power).toBeGreaterThan(0.8);
  });

  it('nears the share of all swaps that are as extreme', () => {
    const data = simulate(simulation(7), 8, 2, 1, 0.2);
    const [[first], [second]] = [confusionsOf(data, 0), confusionsOf(data, 1)];
    const differences = Array.from({ length: 256 }, (_, swaps) => {
      const swapped = [0, 1].map((side) =>
        data.labels.map((_, i) => data.predictions[((swaps >> data.dialogueOf[i]) & 1) ^ side][0][i]),
      );
      const [a, b] = swapped.map((run) =>
        macroF1(
          dialogueConfusions(
            data.labels,
            run,
            data.labels.map(() => 0),
            3,
          ).rows,
        ),
      );
      return a - b;
    });
    const exact = differences.filter((d) => Math.abs(d) >= Math.abs(differences[0]) - 1e-12).length / 256;
    const { difference, pValue } = pairedRandomisation([first], [second], macroF1, { seed: 1, resamples: 20_000 });
    expect(difference).toBeCloseTo(differences[0], 12);
    expect(Math.abs(pValue - exact)).toBeLessThan(0.01);
    expect(exact).toBeLessThan(0.9);
  });

  it('does not depend on which comes first, and is the same for the same seed', () => {
    const data = simulate(simulation(8), 40, 2, 2, 0.05);
    const [first, second] = [confusionsOf(data, 0), confusionsOf(data, 1)];
    const there = pairedRandomisation(first, second, weightedF1, { seed: 9, resamples: 500 });
    const back = pairedRandomisation(second, first, weightedF1, { seed: 9, resamples: 500 });
    expect(back).toEqual({ difference: -there.difference, pValue: there.pValue });
  });

  it('gives p = 1 to a configuration compared with itself', () => {
    const runs = confusionsOf(simulate(simulation(9), 10, 1, 2), 0);
    expect(pairedRandomisation(runs, runs, accuracy, { seed: 1, resamples: 100 })).toEqual({
      difference: 0,
      pValue: 1,
    });
  });

  it('works on sums of anything, where rounding must not lose a difference as large as the one found', () => {
    const mean: SumMetric = ([sum, count]) => sum / count;
    const first = dialogueSums([0.1, 1, 0.2, 1, 0.3, 1], 2, [0, 1, 2]);
    const second = dialogueSums([0.7, 1, 0.8, 1, 0.9, 1], 2, [0, 1, 2]);
    const { difference, pValue } = pairedRandomisation([first], [second], mean, { seed: 1, resamples: 20_000 });
    expect(difference).toBeCloseTo(-0.6, 12);
    expect(Math.abs(pValue - 2 / 8)).toBeLessThan(0.01);
  });

  it('of no dialogue is nothing, and refuses unequal runs', () => {
    const none = dialogueConfusions([], [], [], 2);
    const nothing = Number.NaN;
    expect(pairedRandomisation([none], [none], accuracy, { seed: 1 })).toEqual({
      difference: nothing,
      pValue: nothing,
    });
    expect(() => pairedRandomisation([none], [none, none], accuracy, { seed: 1 })).toThrow(
      'One configuration has 1 runs, the other 2',
    );
  });
});

describe("McNemar's test", () => {
  it.each(golden)('$onlyFirst against $onlySecond equals SciPy', ({ onlyFirst, onlySecond, method, pValue }) => {
    const result = mcnemarOfCounts(onlyFirst, onlySecond);
    expect(result.method).toBe(method);
    if (method === 'exact') expect(Math.abs(result.pValue / pValue - 1)).toBeLessThan(1e-9);
    else expect(Math.abs(result.pValue - pValue)).toBeLessThan(1.2e-7);
  });

  it('counts utterances that one alone predicts rightly', () => {
    const result = mcnemar([0, 1, 1, 0, -1, 2], [0, 1, 0, 1, 0, 2], [1, 0, 1, 1, 1, 0]);
    expect(result).toMatchObject({ onlyFirst: 3, onlySecond: 1, method: 'exact' });
    expect(result.pValue).toBeCloseTo(10 / 16, 12);
  });

  it('of equal counts is 1, many or none', () => {
    expect(mcnemarOfCounts(0, 0)).toEqual({ pValue: 1, method: 'exact' });
    expect(mcnemarOfCounts(700, 700)).toEqual({ pValue: 1, method: 'chi-square' });
  });

  it('refuses predictions of other utterances', () => {
    expect(() => mcnemar([0, 1], [0, 1], [0])).toThrow('There are 1 predictions of the second where 2 belong');
  });
});

describe("Holm's correction", () => {
  it('corrects step by step, in the order given', () => {
    const corrected = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((p, i) => {
      expect(corrected[i]).toBeCloseTo(p, 12);
    });
  });

  it('never exceeds 1, and leaves a single test alone', () => {
    expect(holm([0.6, 0.7])).toEqual([1, 1]);
    expect(holm([0.03])).toEqual([0.03]);
    expect(holm([])).toEqual([]);
  });
});
