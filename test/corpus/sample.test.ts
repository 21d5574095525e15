import { expect, test } from 'vitest';
import { countLabels, sampleCorpus } from '../../src/corpus/index.js';

test('the sample is what it says: synthetic, three splits, unequal classes, moods that last, missing rows', () => {
  const corpus = sampleCorpus(1);
  expect(corpus.synthetic).toBe(true);
  expect(corpus.note).toMatch(/^Synthetic/);
  expect(corpus.dialogues).toHaveLength(60);
  expect(Object.values(corpus.splits).map((ids) => ids.length)).toEqual([40, 8, 12]);
  expect(corpus.dialogues.every(({ utterances: { length } }) => length >= 6 && length <= 12)).toBe(true);
  const counts = countLabels(corpus, [...corpus.dialogues.keys()]);
  expect(Math.min(...counts)).toBeGreaterThan(5);
  expect(Math.max(...counts)).toBeGreaterThan(4 * Math.min(...counts));
  const pairs = corpus.dialogues.flatMap(({ utterances }) =>
    utterances.slice(1).map((u, i) => u.label === utterances[i].label),
  );
  expect(pairs.filter(Boolean).length / pairs.length).toBeGreaterThan(0.6);
  const { text, audio, visual } = corpus.features;
  expect([text?.dim, audio?.dim, visual?.dim]).toEqual([32, 24, 20]);
  expect(text?.presence).toBeUndefined();
  for (const table of [audio, visual]) {
    const missing = [...(table?.presence ?? [])].filter((value) => value === 0).length;
    expect(missing).toBeGreaterThan(5);
    expect(missing).toBeLessThan(80);
  }
});

test('the same seed makes the same sample', () => {
  expect(sampleCorpus(1).hash).toBe(sampleCorpus(1).hash);
  expect(sampleCorpus(2).hash).not.toBe(sampleCorpus(1).hash);
});

test('features tell the classes apart, but not perfectly', () => {
  const corpus = sampleCorpus(1);
  const { rows, dim } = corpus.features.text as { rows: Float32Array; dim: number };
  const labels = corpus.dialogues.flatMap(({ utterances }) => utterances.map(({ label }) => label));
  const means = corpus.classes.map((_, c) => {
    const own = [...labels.keys()].filter((row) => labels[row] === c);
    return Array.from({ length: dim }, (_, j) => own.reduce((sum, row) => sum + rows[row * dim + j], 0) / own.length);
  });
  const nearest = labels.map((_, row) => {
    const distances = means.map((mean) => mean.reduce((sum, m, j) => sum + (rows[row * dim + j] - m) ** 2, 0));
    return distances.indexOf(Math.min(...distances));
  });
  const accuracy = nearest.filter((c, row) => c === labels[row]).length / labels.length;
  expect(accuracy).toBeGreaterThan(0.5);
  expect(accuracy).toBeLessThan(0.9);
});
