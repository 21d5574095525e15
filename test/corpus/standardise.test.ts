import { expect, test } from 'vitest';
import { createCorpus, packBatch, standardisations } from '../../src/corpus/index.js';
import { tinyCorpus, tinyParts } from './tiny.js';

test('mean and sample deviation of the chosen dialogues, over present utterances', () => {
  const { text, audio, visual } = standardisations(tinyCorpus(), [2, 0]);
  // text rows 1, 2, 4, 5, 6 (and ten times that); audio rows 1, 5, 7.
  expect([...(text?.mean ?? [])]).toEqual([Math.fround(3.6), 36]);
  expect(text?.deviation[0]).toBeCloseTo(Math.sqrt(17.2 / 4), 6);
  expect(text?.deviation[1]).toBeCloseTo(10 * Math.sqrt(17.2 / 4), 5);
  expect(audio?.mean[0]).toBe(Math.fround(13 / 3));
  expect(audio?.deviation[0]).toBeCloseTo(Math.sqrt(28 / 3), 6);
  expect(visual).toBeUndefined();
});

test('a constant dimension and a single utterance are divided by 1, a small deviation by itself', () => {
  const of = (rows: number[], dialogues: number[]) => {
    const parts = tinyParts();
    parts.features = { text: { dim: 1, rows: Float32Array.from(rows) } };
    return standardisations(createCorpus(parts, 'tiny'), dialogues).text;
  };
  expect(of([4, 4, 4, 4, 4, 4], [0, 2])?.deviation[0]).toBe(1);
  expect(of([0, 0, 0, 0, 0, 0], [0, 2])?.deviation[0]).toBe(1);
  // 0.1 as float32, whose mean in float64 is off by rounding alone
  expect(of([0.1, 0.1, 0.1, 0.1, 0.1, 0.1 + 2e-8], [0, 1, 2])?.deviation[0]).toBe(1);
  expect(of([4, 4, 4, 4, 4, 4], [1])).toEqual({ mean: Float32Array.of(4), deviation: Float32Array.of(1), bound: 10 });
  const small = of([1e-8, 2e-8, 3e-8, 4e-8, 5e-8, 6e-8], [0, 1, 2]);
  expect((small?.deviation[0] ?? 0) * 1e8).toBeCloseTo(Math.sqrt(3.5), 4);
});

test('a value 1 off a constant is 1, and an outlier is cut off', () => {
  const parts = tinyParts();
  parts.features = { text: { dim: 2, rows: Float32Array.from([4, 0, 4, 1, 4, 0, 4, 1, 5, 1e6, 4, -1e6]) } };
  const corpus = createCorpus(parts, 'tiny');
  const standardise = standardisations(corpus, [0, 1]);
  expect([...(packBatch(corpus, [2], { standardise }).features.text ?? [])].slice(2)).toEqual([1, 10, 0, -10]);
});

test('large means lose no digits', () => {
  const parts = tinyParts();
  parts.features = { text: { dim: 1, rows: Float32Array.from([0, 1, 2, 3, 4, 5], (x) => 1e6 + x) } };
  const { text } = standardisations(createCorpus(parts, 'tiny'), [0, 1, 2]);
  expect(text?.deviation[0]).toBeCloseTo(Math.sqrt(3.5), 6);
});
