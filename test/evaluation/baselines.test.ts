import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importPickle, writeCorpus } from '../../src/corpus/files.js';
import { type Corpus, createCorpus, sampleCorpus, splitDialogues } from '../../src/corpus/index.js';
import {
  type BaselineOptions,
  headProbabilities,
  readCard,
  readOutputs,
  runBaseline,
} from '../../src/evaluation/index.js';
import { train } from '../../src/training/index.js';

let root: string;
const corpus = sampleCorpus(1);
const testLabels = splitDialogues(corpus, 'test').flatMap((i) => corpus.dialogues[i].utterances.map((u) => u.label));
let count = 0;
const run = (options: Partial<BaselineOptions> = {}) => {
  const directory = join(root, `baseline-${++count}`);
  return { directory, ...runBaseline({ kind: 'logistic regression', corpus, seed: 1, directory, ...options }) };
};

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vega-baselines-'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('majority', () => {
  it('gives every utterance the frequencies of the training labels', () => {
    const { directory, evaluation } = run({ kind: 'majority' });
    const labels = splitDialogues(corpus, 'train').flatMap((i) => corpus.dialogues[i].utterances.map((u) => u.label));
    const shares = corpus.classes.map((_, c) => labels.filter((label) => label === c).length / labels.length);
    const outputs = readOutputs(directory, 'test');
    expect([...(outputs?.labels ?? [])]).toEqual(testLabels);
    const { probabilities } = headProbabilities(outputs as NonNullable<typeof outputs>).classHead ?? {};
    testLabels.forEach((_, n) => {
      shares.forEach((share, c) => {
        expect(probabilities?.[n * shares.length + c]).toBeCloseTo(share, 6);
      });
    });
    const commonest = shares.indexOf(Math.max(...shares));
    const right = testLabels.filter((label) => label === commonest).length;
    expect(evaluation.classHead.accuracy).toBe(right / testLabels.length);
  });
});

describe('logistic regression', () => {
  it('is far better than majority, and writes a card and outputs that agree', () => {
    const looks: string[] = [];
    const directory = join(root, 'looked');
    const { evaluation } = run({ directory, onTest: () => looks.push(existsSync(directory) ? 'written' : 'not yet') });
    expect(looks).toEqual(['not yet']);
    const majority = run({ kind: 'majority' }).evaluation;
    expect(evaluation.classHead.weightedF1).toBeGreaterThan(majority.classHead.weightedF1 + 0.3);
    expect(readdirSync(directory).sort()).toEqual(['evaluation.json', 'outputs-test.safetensors']);
    const card = readCard(directory);
    expect(card).toMatchObject({
      model: 'logistic regression',
      selection: 'validation-selected',
      weights: null,
      anchors: null,
      corpus: { hash: corpus.hash },
      baseline: { select: 'valid', modalities: ['text', 'audio', 'visual'], classWeights: 'none' },
    });
    expect(card?.splits.test).toEqual(JSON.parse(JSON.stringify(evaluation)));
    const tried = card?.baseline?.tried ?? [];
    const best = tried.find(({ l2 }) => l2 === card?.baseline?.l2);
    expect(best?.weightedF1).toBe(Math.max(...tried.map(({ weightedF1 }) => weightedF1)));
  });

  it('gives the same bytes twice', () => {
    const [one, two] = [run().directory, run().directory];
    for (const file of readdirSync(one)) {
      expect(readFileSync(join(two, file)).equals(readFileSync(join(one, file))), file).toBe(true);
    }
  });

  it('sees only the modalities it is given', () => {
    const { text, audio } = corpus.features;
    const { evaluation, directory } = run({ modalities: ['audio'] });
    const alone = createCorpus({ ...corpus, features: { audio } }, 'the test');
    expect(evaluation.classHead).toEqual(run({ corpus: alone }).evaluation.classHead);
    expect(readCard(directory)?.baseline?.modalities).toEqual(['audio']);
    expect(() =>
      run({ corpus: createCorpus({ ...corpus, features: { text } }, 'the test'), modalities: ['audio'] }),
    ).toThrow('has no audio features for a baseline; it has text.');
  });

  it('is not told what an absent modality would hold, but that it is absent', () => {
    const hidden = (fill: number): Corpus => {
      const visual = corpus.features.visual as NonNullable<Corpus['features']['visual']>;
      const rows = visual.rows.map((value, i) => (visual.presence?.[Math.floor(i / visual.dim)] === 0 ? fill : value));
      return createCorpus({ ...corpus, features: { visual: { ...visual, rows } } }, 'the test');
    };
    const [zero, other] = [run({ corpus: hidden(0) }).evaluation, run({ corpus: hidden(50) }).evaluation];
    expect(other.classHead).toEqual(zero.classHead);
    // Presence alone tells the class of these utterances.
    const told = corpus.dialogues.flatMap(({ utterances }) => utterances.map(({ label }) => (label === 0 ? 0 : 1)));
    const flag = { dim: 1, rows: new Float32Array(told.length), presence: Uint8Array.from(told) };
    const { evaluation } = run({ corpus: createCorpus({ ...corpus, features: { audio: flag } }, 'the test') });
    expect(evaluation.classHead.perClass[0].recall).toBe(1);
  });

  it('with balanced classes finds more of the rare ones', () => {
    const plain = run({ modalities: ['audio'] }).evaluation.classHead;
    const balanced = run({ modalities: ['audio'], classWeights: 'balanced' }).evaluation.classHead;
    expect(balanced.uar).toBeGreaterThan(plain.uar);
  });

  it('picks on a validation split made of train where there is none, and on test only under that label', () => {
    const { train: first = [], valid = [], test = [] } = corpus.splits;
    const unsplit = createCorpus({ ...corpus, splits: { train: [...first, ...valid], test } }, 'the test');
    expect(run({ corpus: unsplit }).evaluation.selection).toBe('validation-selected');
    const chosen = run({ corpus: unsplit, select: 'test' });
    expect(chosen.evaluation.selection).toBe('test-selected');
    expect(readCard(chosen.directory)).toMatchObject({ selection: 'test-selected', baseline: { select: 'test' } });
    expect(readOutputs(chosen.directory, 'test')?.selection).toBe('test-selected');
  });

  it('learns real emotions from the action units of RAVDESS', () => {
    const data = '../shared/data/ravdess';
    const real = importPickle(`${data}/ravdess_av.pkl`, { splits: `${data}/splits.json`, textLayers: 'first' });
    const { evaluation } = run({ corpus: real, modalities: ['visual'] });
    expect(evaluation.classHead.accuracy).toBeGreaterThan(0.4);
  });
});

describe('a directory', () => {
  it('that holds a trained run is left alone', async () => {
    const [path, out] = [join(root, 'corpus'), join(root, 'trained')];
    writeCorpus(path, corpus);
    const set = ['hidden=16', 'epochs=1', 'batchSize=40'];
    await (await train({ corpus: path, anchors: null, out, preset: 'small', set })).vega.dispose();
    expect(() => run({ directory: out })).toThrow('already holds a trained run');
    expect(existsSync(join(out, 'evaluation.json'))).toBe(false);
  });

  it('is remembered by the card with the corpus beside it', () => {
    const { directory } = run({ corpusPath: join(root, 'corpus') });
    expect(readCard(directory)?.corpus.path).toBe('../corpus');
  });
});
