import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { areaOfSums, areaUnderRoc, rankSums } from '../../src/metrics/index.js';

describe('the area under the ROC curve', () => {
  test('of scores with ties is what scikit-learn gives', () => {
    // sklearn.metrics.roc_auc_score([0,0,1,1,1,0], [.1,.4,.35,.8,.4,.4])
    expect(areaUnderRoc([0.1, 0.4, 0.35, 0.8, 0.4, 0.4], [0, 0, 1, 1, 1, 0])).toBeCloseTo(6 / 9, 12);
    expect(areaUnderRoc([1, 2, 3], [false, false, true])).toBe(1);
    expect(areaUnderRoc([1, 1, 1], [1, 0, 0])).toBe(0.5);
    expect(areaUnderRoc([1, 2], [1, 1])).toBeNaN();
    expect(() => areaUnderRoc([1], [1, 0])).toThrow('positives');
  });

  test('from the sums of dialogues is that of all utterances, to what ranks can tell', () => {
    const stream = randomStream(1, 0, 0);
    const positive = Array.from({ length: 3000 }, () => stream.uniform() < 0.2);
    const scores = positive.map((yes) => stream.normal() + (yes ? 1 : 0));
    const { rows, width, dialogues } = rankSums(
      scores,
      positive,
      positive.map((_, i) => Math.floor(i / 10)),
    );
    expect(dialogues.length).toBe(300);
    const sum = new Float64Array(width);
    rows.forEach((value, at) => {
      sum[at % width] += value;
    });
    expect(areaOfSums(sum)).toBeCloseTo(areaUnderRoc(scores, positive), 3);
    expect(areaOfSums(sum)).toBeGreaterThan(0.7);
    expect(areaOfSums(new Float64Array(width))).toBe(0.5);
  });

  test('few utterances are ranked exactly, ties included', () => {
    const scores = [3, 1, 2, 2, 5, 1];
    const positive = [1, 0, 1, 0, 1, 1];
    const { rows, width } = rankSums(scores, positive, ['a', 'a', 'a', 'a', 'a', 'a']);
    expect(areaOfSums(rows.subarray(0, width))).toBeCloseTo(areaUnderRoc(scores, positive), 12);
  });
});
