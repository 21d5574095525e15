import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { createCorpus, sampleCorpus, splitDialogues } from '../../src/corpus/index.js';
import {
  type Evaluation,
  evaluateModel,
  readEvaluations,
  type TrainedAndEvaluated,
  trainAndEvaluate,
} from '../../src/evaluation/index.js';
import { openModel, predictInput } from '../../src/prediction/node/index.js';

let root: string;
let run: string;
let trained: TrainedAndEvaluated;
const corpus = sampleCorpus(1);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'vega-evaluate-'));
  run = join(root, 'run');
  writeCorpus(join(root, 'corpus'), corpus);
  writeAnchors(join(root, 'a.anchors.safetensors'), syntheticAnchors(corpus.classes, 16, 1));
  trained = await trainAndEvaluate({
    corpus: join(root, 'corpus'),
    anchors: join(root, 'a.anchors.safetensors'),
    out: run,
    preset: 'small',
    set: ['hidden=16', 'epochs=2', 'batchSize=20', 'lr=0.01'],
  });
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));

describe('trainAndEvaluate', () => {
  it('scores every head, both mixtures and each modality, and records the scores', () => {
    const evaluation = trained.evaluation as Evaluation;
    const labels = splitDialogues(corpus, 'test').flatMap((i) => corpus.dialogues[i].utterances.map((u) => u.label));
    expect(evaluation).toMatchObject({
      split: 'test',
      selection: 'validation-selected',
      corpus: { name: 'synthetic sample', synthetic: true, hash: corpus.hash },
      utterances: labels.length,
      gate: { origin: 'fitted after training, to the likelihood of the valid split' },
    });
    for (const scores of [evaluation.classHead, evaluation.anchorHead, evaluation.average, evaluation.maximum]) {
      expect(scores?.confusion.flat().reduce((a, b) => a + b, 0)).toBe(labels.length);
      expect(scores?.perClass.map((row) => row.support)).toEqual(
        corpus.classes.map((_, c) => labels.filter((label) => label === c).length),
      );
    }
    expect(Object.keys(evaluation.modalities)).toEqual(['text', 'audio', 'visual']);
    const present = splitDialogues(corpus, 'test').flatMap((i) => {
      const { offset, utterances } = corpus.dialogues[i];
      return utterances.map((_, j) => corpus.features.audio?.presence?.[offset + j] as number);
    });
    const counted = evaluation.modalities.audio?.classHead?.confusion.flat().reduce((a, b) => a + b, 0);
    expect(counted).toBe(present.reduce((a, b) => a + b, 0));
    expect(readEvaluations(run)).toEqual({ test: JSON.parse(JSON.stringify(evaluation)) });
  });
});

describe('evaluateModel', () => {
  it('gives the same scores from the run directory, as its predictions do', async () => {
    const before = readFileSync(join(run, 'evaluation.json'), 'utf8');
    const { evaluation, notes } = await evaluateModel({ model: run });
    expect(evaluation).toEqual(trained.evaluation);
    expect(notes).toEqual([]);
    expect(readFileSync(join(run, 'evaluation.json'), 'utf8')).toBe(before);
    let right = 0;
    const opened = await openModel(run);
    await predictInput(opened, join(root, 'corpus'), { split: 'test', stdin: process.stdin }, (lines) => {
      right += lines.filter(({ label, emotion }) => label === emotion).length;
    });
    await opened.predictor.dispose();
    expect(right / evaluation.utterances).toBeCloseTo(evaluation.classHead.accuracy, 12);
  });

  it('records splits beside one another, but not the scores of another corpus', async () => {
    const { evaluation } = await evaluateModel({ model: run, split: 'valid' });
    expect(evaluation.classHead.weightedF1).toBeCloseTo(trained.progress.bestScore, 12);
    expect(Object.keys(readEvaluations(run))).toEqual(['valid', 'test']);
    const other = join(root, 'other');
    writeCorpus(other, sampleCorpus(2));
    const elsewhere = await evaluateModel({ model: run, corpus: other });
    expect(elsewhere.evaluation.corpus.hash).not.toBe(corpus.hash);
    expect(readEvaluations(run).test?.corpus.hash).toBe(corpus.hash);
  });

  it('says test-selected in evaluation.json', async () => {
    const out = join(root, 'test-selected');
    await trainAndEvaluate({
      corpus: join(root, 'corpus'),
      anchors: null,
      out,
      preset: 'small',
      set: ['hidden=16', 'epochs=1', 'batchSize=40', 'select=test'],
    });
    expect(JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8'))).toMatchObject({
      selection: 'test-selected',
      splits: { test: { selection: 'test-selected' } },
    });
  });

  it('refuses classes that the model does not know, splits that are not there, and a corpus that has gone', async () => {
    const more = join(root, 'more');
    writeCorpus(more, createCorpus({ ...corpus, classes: [...corpus.classes, 'contempt'] }, 'the test'));
    await expect(evaluateModel({ model: run, corpus: more })).rejects.toThrow(
      "has classes that the model does not know: contempt; the model's are neutral, joy",
    );
    const unsplit = join(root, 'unsplit');
    writeCorpus(unsplit, createCorpus({ ...corpus, splits: {} }, 'the test'));
    await expect(evaluateModel({ model: run, corpus: unsplit })).rejects.toThrow(
      'has no test split; it has no splits.',
    );
    const config = join(run, 'config.json');
    const text = readFileSync(config, 'utf8');
    writeFileSync(config, text.replace('"../corpus"', '"../gone"'));
    await expect(evaluateModel({ model: run })).rejects.toThrow(
      /was trained on corpus "synthetic sample" in .*gone, which is/,
    );
    writeFileSync(config, text);
  });

  it('does not record scores of a run whose training has not ended, and says so', async () => {
    const out = join(root, 'unfinished');
    const stopped = trainAndEvaluate({
      corpus: join(root, 'corpus'),
      anchors: join(root, 'a.anchors.safetensors'),
      out,
      preset: 'small',
      set: ['hidden=16', 'epochs=3', 'batchSize=20'],
      listener: {
        onEpoch: () => {
          throw new Error('killed');
        },
      },
    });
    await expect(stopped).rejects.toThrow('killed');
    const { evaluation, notes } = await evaluateModel({ model: out });
    expect(notes).toEqual(['Training has not ended: the best epoch so far is used, without a fitted gate.']);
    expect(evaluation.gate).toEqual({ share: 0.5, origin: 'as in the checkpoint, not fitted here' });
    expect(readEvaluations(out)).toEqual({});
  });

  it('refuses damaged records', () => {
    const path = join(root, 'damaged');
    writeCorpus(path, corpus);
    writeFileSync(join(path, 'evaluation.json'), '{"format":"other"}');
    expect(() => readEvaluations(path)).toThrow('holds no scores of version 2');
    expect(existsSync(join(root, 'evaluation.json'))).toBe(false);
    expect(readEvaluations(root)).toEqual({});
  });
});
