import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { recordLook } from '../../../src/evaluation/experiment/ledger.js';
import {
  type ExperimentResults,
  isExperimentDirectory,
  type LedgerEntry,
  openExperiment,
} from '../../../src/evaluation/index.js';

const root = mkdtempSync(join(tmpdir(), 'vega-open-'));
afterAll(() => rmSync(root, { recursive: true }));

const score = { mean: 0.5, sd: 0.1, values: [0.4, 0.6], interval: { lower: 0.3, upper: 0.7 } };
const results: ExperimentResults = {
  format: 'vega-merc-experiment',
  version: 1,
  name: 'toy',
  selection: 'test-selected',
  split: 'test',
  corpora: [
    {
      name: 'toy',
      title: 'a toy',
      path: '../toy',
      hash: 'h',
      classes: ['sad', 'happy'],
      labels: { joy: 'happy' },
      synthetic: false,
      splits: { test: { dialogues: 2, utterances: 4 } },
    },
  ],
  rows: [
    {
      corpus: 'toy',
      configuration: 'majority',
      settings: [],
      anchors: '–',
      modalities: ['text'],
      seeds: [1, 2],
      runs: [{ seed: 1, directory: 'runs/1' }],
      failed: [{ seed: 2, reason: 'The disk is full.' }],
      utterances: 4,
      dialogues: 2,
      scores: { classHead: { weightedF1: score, ece: { mean: Number.NaN, sd: null, values: [Number.NaN] } } },
      perClass: [{ class: 'sad', support: 2, f1: score, precision: 0.5, recall: Number.NaN }],
      confusion: [
        [1, 1],
        [0, 2],
      ],
      comparison: {
        reference: 'vega',
        difference: -0.1,
        interval: { lower: -0.2, upper: 0 },
        pValue: 0.04,
        pHolm: 0.08,
        mcnemar: [{ seed: 1, onlyThis: 0, onlyReference: 1, pValue: 1 }],
      },
    },
  ],
  drops: [{ corpus: 'toy', configuration: 'majority', modality: 'text', share: 0.1, weightedF1: score }],
  notes: [],
  resampling: { seed: 0, resamples: 10_000 },
  code: { version: '0.1.0', hash: 'c' },
  machine: { platform: 'linux', arch: 'x64', cpu: 'a cpu', cores: 2, memoryGb: 8, node: 'v20', onnxruntime: '1' },
  finished: false,
};

function write(content: unknown): string {
  const directory = mkdtempSync(join(root, 'experiment-'));
  writeFileSync(join(directory, 'results.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return directory;
}

describe('openExperiment', () => {
  it('reads what was written, with its ledger; the null that JSON makes of NaN is NaN again', () => {
    const directory = write(results);
    const look: LedgerEntry = {
      time: '2026-01-02T03:04:05.000Z',
      corpus: 'toy',
      corpusHash: 'h',
      split: 'test',
      configuration: 'majority',
      seed: 1,
      what: 'scores',
      selection: 'test-selected',
    };
    recordLook(directory, look);
    expect(isExperimentDirectory(directory)).toBe(true);
    expect(openExperiment(directory)).toEqual({ directory, results, ledger: [look] });
  });

  it.each<[string, unknown, string]>([
    ['another format', { ...results, format: 'x' }, 'its field "format" is not "vega-merc-experiment"'],
    ['another version', { ...results, version: 2 }, 'has version 2 of the format, but this program reads version 1'],
    [
      'a missing field',
      { ...results, rows: undefined },
      'the field "rows" is missing; it must be a list. Run "vega-merc experiment" again',
    ],
    ['a wrong field', { ...results, selection: 'guessed' }, 'the field "selection" is "guessed", but must be'],
    ['no object', '"text"', 'holds no results of an experiment'],
    ['no JSON', '{', 'is not JSON: '],
  ])('refuses %s in a sentence', (_, content, sentence) => {
    expect(() => openExperiment(write(content))).toThrow(sentence);
  });

  it('refuses a directory without results', () => {
    expect(isExperimentDirectory(root)).toBe(false);
    expect(() => openExperiment(root)).toThrow("is no experiment's directory: it has no results.json");
  });
});
