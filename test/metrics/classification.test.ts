import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import {
  accuracy,
  argmax,
  confusionMatrix,
  labelledPositions,
  macroF1,
  perClass,
  unweightedAverageRecall,
  weightedF1,
  weightedPrecision,
} from '../../src/metrics/index.js';

interface Golden {
  name: string;
  classes: number;
  labels: number[];
  predictions: number[];
  confusion: number[][];
  accuracy: number;
  weightedF1: number;
  macroF1: number;
  weightedPrecision: number;
  uar: number;
  precision: number[];
  recall: number[];
  f1: number[];
  support: number[];
}

const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../fixtures/metrics/classification.json', import.meta.url), 'utf8'),
);
const TOLERANCE = 1e-12;

function expectClose(actual: readonly number[], expected: readonly number[]) {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(TOLERANCE);
  });
}

describe('scores of a confusion matrix equal scikit-learn', () => {
  it.each(golden)('$name', (one) => {
    const confusion = confusionMatrix(one.labels, Int32Array.from(one.predictions), one.classes);
    expect([...confusion]).toEqual(one.confusion.flat());
    const classes = perClass(confusion);
    for (const score of ['precision', 'recall', 'f1', 'support'] as const)
      expectClose(
        classes.map((counts) => counts[score]),
        one[score],
      );
    expectClose(
      [accuracy, weightedF1, macroF1, weightedPrecision, unweightedAverageRecall].map((metric) => metric(confusion)),
      [one.accuracy, one.weightedF1, one.macroF1, one.weightedPrecision, one.uar],
    );
  });
});

describe('utterances without a label', () => {
  it('count nowhere', () => {
    const labels = Int32Array.of(-1, 1, 0, -1, 1);
    expect([...labelledPositions(labels, 2)]).toEqual([1, 2, 4]);
    expect([...confusionMatrix(labels, [0, 1, 1, 1, 0], 2)]).toEqual([0, 1, 1, 1]);
  });

  it('leave nothing measured where there are no others', () => {
    for (const labels of [[], [-1, -1]]) {
      const confusion = confusionMatrix(labels, new Int32Array(labels.length), 3);
      for (const metric of [accuracy, weightedF1, macroF1, weightedPrecision, unweightedAverageRecall])
        expect(metric(confusion)).toBeNaN();
      expect(perClass(confusion)).toEqual(Array(3).fill({ precision: 0, recall: 0, f1: 0, support: 0 }));
    }
  });
});

describe('wrong input is refused with a sentence', () => {
  it.each([
    ['lengths', () => confusionMatrix([0, 1], [0], 2), 'There are 1 predictions where 2 belong'],
    ['label', () => confusionMatrix([0, 2], [0, 1], 2), 'label at position 1 is 2; with 2 classes it must be 0 to 1'],
    ['prediction', () => confusionMatrix([-1, 0], [0, -1], 2), 'prediction at position 1 is -1'],
    ['fraction', () => labelledPositions([0.5], 2), 'label at position 0 is 0.5'],
    ['not a number', () => argmax([0.5, Number.NaN], 2), 'score of class 1 at position 0 is not a number'],
  ])('%s', (_, act, sentence) => {
    expect(act).toThrow(InputError);
    expect(act).toThrow(sentence);
  });
});

describe('argmax', () => {
  it('takes the first of equal scores', () => {
    expect([...argmax(Float32Array.of(0.4, 0.4, 0.2, 0, 0.5, 0.5, -3, -2, -2), 3)]).toEqual([0, 1, 1]);
  });

  it('of no rows is empty', () => {
    expect(argmax(new Float32Array(0), 7).length).toBe(0);
  });
});
