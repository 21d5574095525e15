import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordEvaluation } from '../../src/evaluation/record.js';
import { collectResults, resultsMarkdown } from '../../src/evaluation/results.js';
import { scores } from '../../src/metrics/index.js';
import { presetConfig, withOverrides } from '../../src/training/config.js';
import { writeRunConfig } from '../../src/training/run.js';

const CLASSES = ['sad', 'happy'];

/** A run directory with scores, as training leaves it. */
function makeRun(root: string, name: string, seed: number, predictions: number[], extra: string[] = []): void {
  const directory = join(root, name);
  mkdirSync(directory);
  const training = withOverrides(presetConfig('paper-iemocap'), [`seed=${seed}`, ...extra]);
  writeRunConfig(directory, {
    preset: 'paper-iemocap',
    training,
    selection: 'validation-selected',
    corpus: { name: 'toy', path: '../toy', hash: 'h', classes: CLASSES, speakers: ['A'], note: 'Artificial.' },
    shape: { classes: 2, speakers: 1, dims: { text: 3 } },
    classWeights: [1, 1],
    anchors: null,
    threads: 1,
  });
  const classHead = scores([0, 0, 1, 1], predictions, CLASSES);
  recordEvaluation(directory, {
    split: 'test',
    corpus: { name: 'toy', hash: 'h' },
    selection: 'validation-selected',
    utterances: 4,
    classHead,
    modalities: {},
  });
}

describe('results', () => {
  const root = mkdtempSync(join(tmpdir(), 'vega-results-'));
  makeRun(root, 'a', 2, [0, 0, 1, 1]);
  makeRun(root, 'b', 1, [0, 1, 1, 1]);
  makeRun(root, 'c', 1, [0, 0, 0, 1], ['lr=1e-3']);
  writeFileSync(join(root, 'notes.txt'), 'not a run');

  it('groups runs that differ in their seed alone', () => {
    const groups = collectResults(root);
    expect(groups.map((g) => g.seeds)).toEqual([[1, 2], [1]]);
    expect(groups[0].accuracy.values).toEqual([0.75, 1]);
    expect(groups[0].accuracy.mean).toBe(0.875);
    expect(groups[0].accuracy.sd).toBeCloseTo(0.1768, 4);
  });

  it('says selection, note, seeds and what stands beside', () => {
    const reference = {
      what: 'Another program.',
      notes: { toy: 'Told.', other: 'Not told.' },
      scores: [
        {
          corpus: 'toy',
          anchors: false,
          weightedF1: [80, 1] as [number, number],
          macroF1: [80, 1] as [number, number],
          accuracy: [90, 1] as [number, number],
        },
      ],
    };
    const text = resultsMarkdown(collectResults(root), 'the command', reference);
    expect(text).toContain('validation-selected');
    expect(text).toContain('Artificial.');
    expect(text).toContain('Told.');
    expect(text).not.toContain('Not told.');
    expect(text).toContain('seeds 1, 2; 4 test utterances');
    expect(text).toContain('| accuracy | 87.5 ± 17.7 | 75.0, 100.0 | 90.0 ± 1.0 | −2.5 |');
  });

  it('refuses a directory without runs in a sentence', () => {
    expect(() => collectResults(mkdtempSync(join(tmpdir(), 'vega-empty-')))).toThrow('no run with test scores');
  });
});
