import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importPickle, writeCorpus } from '../../src/corpus/files.js';
import { type Evaluation, trainAndEvaluate } from '../../src/evaluation/index.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vega-ravdess-'));
});
afterAll(() => rmSync(root, { recursive: true }));

it('learns real emotions: a small model on RAVDESS is far better than always the commonest class', async () => {
  const data = '../shared/data';
  const splits = `${data}/ravdess/splits.json`;
  writeCorpus(join(root, 'corpus'), importPickle(`${data}/ravdess/ravdess_av.pkl`, { splits, textLayers: 'first' }));
  const { evaluation } = await trainAndEvaluate({
    corpus: join(root, 'corpus'),
    anchors: `${data}/meld/anchors_faceexpr256.pt`,
    out: join(root, 'run'),
    set: ['hidden=64', 'lr=1e-3', 'epochs=6', 'dropout=0.2'],
  });
  const { classHead, anchorHead } = evaluation as Evaluation;
  const supports = classHead.perClass.map(({ support }) => support);
  const majority = Math.max(...supports) / supports.reduce((a, b) => a + b, 0);
  const majorityWeightedF1 = majority * ((2 * majority) / (1 + majority));
  expect(majority).toBe(0.2);
  expect(classHead.accuracy).toBeGreaterThan(majority + 0.1);
  expect(classHead.weightedF1).toBeGreaterThan(majorityWeightedF1 + 0.2);
  expect(anchorHead?.weightedF1).toBeGreaterThan(majorityWeightedF1 + 0.2);
}, 120_000);
