import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import {
  accuracy,
  bootstrapIntervals,
  classF1,
  dialogueConfusions,
  dialogueTotals,
  macroF1,
  perClass,
  TOTALS_METRICS,
  unweightedAverageRecall,
  weightedF1,
} from '../../src/metrics/index.js';

describe('totals of classes', () => {
  const random = randomStream(1, 0, 0);
  const classCount = 7;
  const labels = Array.from({ length: 300 }, () => random.integer(classCount + 1) - 1);
  const predictions = labels.map((label) =>
    random.uniform() < 0.4 && label >= 0 ? label : random.integer(classCount - 1),
  );
  const dialogueOf = labels.map((_, i) => Math.floor(i / 11));
  const confusions = dialogueConfusions(labels, predictions, dialogueOf, classCount);

  it('give the very intervals that confusion matrices give', () => {
    const resampling = { seed: 3, resamples: 200 };
    const long = bootstrapIntervals(
      confusions,
      { weightedF1, macroF1, accuracy, uar: unweightedAverageRecall },
      resampling,
    );
    expect(bootstrapIntervals(dialogueTotals(confusions), TOTALS_METRICS, resampling)).toEqual(long);
  });

  it('give the F1 of each class', () => {
    const resampling = { seed: 3, resamples: 50 };
    for (let c = 0; c < classCount; c++) {
      const long = bootstrapIntervals(confusions, { f1: (sum) => perClass(sum)[c].f1 }, resampling);
      expect(bootstrapIntervals(dialogueTotals(confusions), { f1: classF1(c) }, resampling)).toEqual(long);
    }
  });

  it('are three numbers a class: the cost of resampling them grows with the classes, not with their square', () => {
    const many = dialogueConfusions(
      labels.map((label) => Math.max(label, 0)),
      predictions,
      dialogueOf,
      200,
    );
    expect(dialogueTotals(many).width).toBe(600);
  });
});
