import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SplitOutputs } from '../../src/evaluation/index.js';
import { headScores, scoreHeads } from '../../src/evaluation/scoring.js';

interface Golden {
  name: string;
  classes: number;
  labels: number[];
  probabilities: number[];
  accuracy: number;
  weightedF1: number;
  macroF1: number;
  uar: number;
  perClass: [precision: number, recall: number, f1: number, support: number][];
  confusion: number[][];
  ece: number;
  brier: number;
  bins: [count: number, confidence: number, accuracy: number][];
  coverage: [coverage: number, accuracy: number][];
  coverageArea: number;
}

const golden: Golden[] = JSON.parse(readFileSync(new URL('../fixtures/metrics/heads.json', import.meta.url), 'utf8'));
function expectClose(actual: readonly number[], expected: readonly number[]) {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-12);
  });
}

describe('the scores of a head equal scikit-learn', () => {
  it.each(golden)('$name', (one) => {
    const names = Array.from({ length: one.classes }, (_, c) => `class ${c}`);
    const probabilities = Float32Array.from(one.probabilities);
    const { calibration, ...scores } = headScores({ probabilities, labels: Int32Array.from(one.labels) }, names);
    expectClose(
      [scores.accuracy, scores.weightedF1, scores.macroF1, scores.uar],
      [one.accuracy, one.weightedF1, one.macroF1, one.uar],
    );
    expect(scores.perClass.map((row) => row.class)).toEqual(names);
    expectClose(
      scores.perClass.flatMap(({ precision, recall, f1, support }) => [precision, recall, f1, support]),
      one.perClass.flat(),
    );
    expect(scores.confusion).toEqual(one.confusion);
    expectClose([calibration.ece, calibration.brier, calibration.coverageArea], [one.ece, one.brier, one.coverageArea]);
    expectClose(
      calibration.bins.flatMap(({ count, confidence, accuracy }) => [count, confidence, accuracy]),
      one.bins.flat(),
    );
    expectClose(
      calibration.coverage.flatMap(({ coverage, accuracy }) => [coverage, accuracy]),
      one.coverage.flat(),
    );
  });
});

describe('scoreHeads', () => {
  /** Logits that are sure of the given classes, of two. */
  const sure = (...classes: number[]) => Float32Array.from(classes.flatMap((c) => (c === 0 ? [9, 0] : [0, 9])));
  const outputs: SplitOutputs = {
    split: 'test',
    classes: ['a', 'b'],
    corpusHash: '',
    dialogues: ['x'],
    dialogueOf: new Int32Array(4),
    position: Int32Array.of(0, 1, 2, 3),
    labels: Int32Array.of(0, 1, 1, -1),
    logits: { fused: sure(0, 1, 0, 0), text: sure(1, 1, 1, 1), audio: sure(0, 0, 0, 0) },
    present: { audio: Uint8Array.of(0, 1, 0, 1), visual: new Uint8Array(4) },
  };

  it('counts an utterance for a modality only where it has it, and leaves out what there is not', () => {
    const { classHead, anchorHead, average, maximum, modalities } = scoreHeads(outputs);
    expect(classHead.accuracy).toBe(2 / 3);
    expect([anchorHead, average, maximum]).toEqual([undefined, undefined, undefined]);
    expect(Object.keys(modalities)).toEqual(['text', 'audio']);
    expect(modalities.text?.classHead?.accuracy).toBe(2 / 3);
    expect(modalities.text?.anchorHead).toBeUndefined();
    expect(modalities.audio?.classHead).toMatchObject({
      accuracy: 0,
      confusion: [
        [0, 0],
        [1, 0],
      ],
    });
  });

  it('scores the anchor head and both mixtures by the gate and by who is surer', () => {
    const anchorLogits = { fused: Float32Array.from([0, 99, 0, 99, 0, 99, 0, 99]), text: sure(0, 1, 1, 0) };
    const scored = scoreHeads({ ...outputs, anchorLogits, gate: -10 });
    expect(scored.anchorHead?.accuracy).toBe(2 / 3);
    expect(scored.maximum?.confusion).toEqual(scored.anchorHead?.confusion);
    expect(scored.average?.confusion).toEqual(scored.anchorHead?.confusion);
    expect(scoreHeads({ ...outputs, anchorLogits, gate: 10 }).average?.confusion).toEqual(scored.classHead.confusion);
    expect(scored.modalities.text?.anchorHead?.accuracy).toBe(1);
  });

  it('needs the fused logits', () => {
    expect(() => scoreHeads({ ...outputs, logits: {} })).toThrow('The outputs have no fused logits.');
  });
});
