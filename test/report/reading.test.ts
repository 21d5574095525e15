import { expect, it } from 'vitest';
import type { ExperimentResults, OpenedExperiment } from '../../src/evaluation/index.js';
import { aboutNumbers, scoredSplit } from '../../src/report/reading.js';

const results: ExperimentResults = {
  format: 'vega-merc-experiment',
  version: 1,
  name: 'toy',
  selection: 'validation-selected',
  split: 'test',
  corpora: [],
  rows: [],
  drops: [],
  notes: [],
  resampling: { seed: 1, resamples: 1000 },
  code: { version: '0', hash: 'abc' },
  machine: { platform: 'linux', arch: 'x64', cpu: 'one', cores: 1, memoryGb: 1, node: 'v20', onnxruntime: '1' },
  finished: true,
};
const opened = (changes: Partial<ExperimentResults>): OpenedExperiment => ({
  directory: '.',
  results: { ...results, ...changes },
  ledger: [],
});

it('names the split that was scored, and how the epoch was chosen', () => {
  expect(scoredSplit(results)).toBe('test split, validation-selected');
  expect(scoredSplit({ ...results, selection: 'test-selected' })).toBe('test split, test-selected');
  expect(scoredSplit({ ...results, split: 'valid' })).toBe('validation split, validation-selected');
});

it('warns of scores on the very split that something was chosen on', () => {
  const warns = (changes: Partial<ExperimentResults>) => aboutNumbers(opened(changes)).some((s) => /too high/.test(s));
  expect(warns({})).toBe(false);
  expect(warns({ selection: 'test-selected' })).toBe(true);
  expect(warns({ split: 'valid' })).toBe(true);
});
