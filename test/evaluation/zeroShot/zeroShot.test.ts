import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeAnchors } from '../../../src/anchors/files.js';
import type { AnchorBank } from '../../../src/anchors/index.js';
import { writeCorpus } from '../../../src/corpus/files.js';
import { evaluateByFaces, readLedger, runZeroShot } from '../../../src/evaluation/index.js';
import { scoreCosines } from '../../../src/evaluation/zeroShot/score.js';
import { cosinesInSpan } from '../../../src/evaluation/zeroShot/span.js';
import { temporaryDirectory } from '../../cli/vega-merc.js';
import { voicesLikeFaces } from '../../prediction/voices.js';

const path = temporaryDirectory();

describe('scores of a class that was left out', () => {
  // Rows are [N, 3] cosines; class 2 was left out.
  const cosines = Float32Array.of(0.9, 0.1, 0.2, 0.1, 0.8, 0.3, 0.2, 0.1, 0.9, 0.3, 0.6, 0.5, 0, 0, 1);
  const utterances = [0, 1, 2, 2, -1].map((label, i) => ({ label, d: i }));

  test('by hand', () => {
    const { scores, areas } = scoreCosines(cosines, utterances, 2, 3, 10, [0.1, 0.5, 0.3, 0.9, 1]);
    // By similarity the two of class 2 (0.9 and 0.5) lie above 0.2 and 0.3.
    expect(scores.bySimilarity).toBe(1);
    // In the span 0.3 and 0.9 lie above 0.1, and one of them above 0.5.
    expect(scores.inSpan).toBeCloseTo(3 / 4, 12);
    // The fourth goes to class 1: F1 of class 2 is 2/3; of class 0 1, of class 1 2/3.
    expect(scores.unseenF1).toBeCloseTo(2 / 3, 12);
    expect(scores.seenF1).toBeCloseTo((1 + 2 / 3) / 2, 12);
    expect(scores.harmonic).toBeCloseTo((2 * (2 / 3) * (5 / 6)) / (2 / 3 + 5 / 6), 12);
    expect(areas.dialogues).toEqual([0, 1, 2, 3]);
  });
});

test('of an anchor only what the others span counts', () => {
  const bank = {
    classes: ['x', 'y', 'new'],
    dim: 3,
    centres: Float32Array.of(2, 0, 0, 0, 1, 0, 0.6, 0, 0.8),
  } as AnchorBank;
  // The new anchor lies half in z, which neither x nor y spans: there the utterances' place means nothing.
  expect([...cosinesInSpan(Float32Array.of(1, 0, 0, 0, 0, 1, 0, 1, 0), bank, 2)]).toEqual([1, 0, 0]);
  const orthogonal = { ...bank, centres: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
  expect([...cosinesInSpan(Float32Array.of(0, 0, 1), orthogonal, 2)]).toEqual([0]);
});

test('each emotion left out is found by its face where voices follow faces, and not by random directions', async () => {
  const { corpus, bank } = voicesLikeFaces();
  writeCorpus(path('corpus'), corpus);
  writeAnchors(path('faces.anchors.safetensors'), bank);
  const options = {
    name: 'left out',
    directory: path('zero-shot'),
    corpus: path('corpus'),
    faces: path('faces.anchors.safetensors'),
    preset: 'small',
    set: { hidden: 16, epochs: 12, lr: 0.01, anchorScale: 10, featureMask: 0, batchSize: 4, dropout: 0.1 },
    seeds: [1],
    jobs: 2,
    threads: 1,
    resamples: 200,
  };
  const results = await runZeroShot({ ...options, name: 'left-out' });
  expect(results.classes).toEqual(corpus.classes);
  expect(results.corpus.synthetic).toBe(true);
  const of = (target: string) => results.targets.find((one) => one.target === target);
  const [centred, random] = [of('faces-centred'), of('random')];
  expect(centred?.scores.bySimilarity.mean).toBeGreaterThan(0.7);
  expect(random?.scores.bySimilarity.mean).toBeLessThan(0.65);
  expect(centred?.comparison?.difference).toBeGreaterThan(0.15);
  expect(centred?.comparison?.pHolm).toBeLessThan(0.05);
  expect(centred?.interval.lower).toBeLessThan(centred?.scores.bySimilarity.mean as number);
  expect(centred?.scores.bySimilarity.byClass.length).toBe(5);
  expect(JSON.parse(readFileSync(join(options.directory, 'zero-shot.json'), 'utf8'))).toEqual(results);
  // Every look at test is in the ledger: 5 classes, 4 targets, 1 seed.
  const looks = readLedger(options.directory).filter(({ what }) => what.startsWith('zero-shot'));
  expect(looks.length).toBe(20);
  expect(existsSync(join(options.directory, 'anchors/random.anchors.safetensors'))).toBe(true);
  // Fewer targets, from the same runs: what is left says the same, against random directions.
  const fewer = await runZeroShot({ ...options, name: 'left-out', targets: ['faces-centred'] });
  expect(fewer.targets.map(({ target }) => target)).toEqual(['faces-centred', 'random']);
  expect(fewer.targets[0].scores).toEqual(centred?.scores);
  await expect(runZeroShot({ ...options, targets: ['face'] })).rejects.toThrow(
    'There is no target "face". Did you mean "faces"?',
  );

  // The same runs, trained without one class, scored on a corpus whose classes are given by faces alone.
  const faces = { faces: options.faces, corpus: options.corpus, resamples: 200 };
  const model = join(options.directory, `runs/without-${corpus.classes[0]}/faces-centred`);
  const across = await evaluateByFaces({ ...faces, model });
  expect(across.runs).toEqual([join(model, 'seed-1')]);
  expect(across.classes).toEqual(corpus.classes);
  expect(across.area.estimate).toBeGreaterThan(0.7);
  expect(across.area.lower).toBeLessThan(across.area.estimate);
  const left = centred?.scores.bySimilarity.byClass[0] as number;
  expect(across.areas[0].area.estimate).toBeCloseTo(left, 1);
  expect(across.weightedF1.mean).toBe(across.scores[0].weightedF1);
  const missing = join(options.directory, `runs/without-${corpus.classes[0]}/nothing`);
  await expect(evaluateByFaces({ ...faces, model: missing })).rejects.toThrow('nor a folder of runs named seed-1');
});
