import { expect, test } from 'vitest';
import { createCorpus, standardisations } from '../../src/corpus/index.js';
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

test('a constant dimension gets the floor, a single utterance the deviation 1', () => {
  const parts = tinyParts();
  parts.features = { text: { dim: 1, rows: new Float32Array(6).fill(4) } };
  const corpus = createCorpus(parts, 'tiny');
  expect(standardisations(corpus, [0, 2]).text?.deviation[0]).toBe(Math.fround(1e-6));
  expect(standardisations(corpus, [1]).text).toEqual({ mean: Float32Array.of(4), deviation: Float32Array.of(1) });
});

test('large means lose no digits', () => {
  const parts = tinyParts();
  parts.features = { text: { dim: 1, rows: Float32Array.from([0, 1, 2, 3, 4, 5], (x) => 1e6 + x) } };
  const { text } = standardisations(createCorpus(parts, 'tiny'), [0, 1, 2]);
  expect(text?.deviation[0]).toBeCloseTo(Math.sqrt(3.5), 6);
});
