import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { createCorpus, sampleCorpus } from '../../src/corpus/index.js';
import { evaluateModel, readOutputs, runBaseline, trainAndEvaluate, verifyRun } from '../../src/evaluation/index.js';
import { writeOutputs } from '../../src/evaluation/outputs.js';

let root: string;
const corpus = sampleCorpus(1);
const inside = (name: string) => join(root, name);
let count = 0;
/** A copy of a run to tamper with, beside it. */
function copyOf(run: string): string {
  const copy = inside(`copy-${++count}`);
  cpSync(inside(run), copy, { recursive: true });
  return copy;
}
// biome-ignore lint/suspicious/noExplicitAny: cards are changed in ways that no type allows
function changeJson(directory: string, file: string, change: (value: any) => void): void {
  const path = join(directory, file);
  const value = JSON.parse(readFileSync(path, 'utf8'));
  change(value);
  writeFileSync(path, JSON.stringify(value));
}
const contents = (run: string) =>
  Object.fromEntries(readdirSync(run).map((file) => [file, readFileSync(join(run, file)).toString('base64')]));

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'vega-verify-'));
  writeCorpus(inside('corpus'), corpus);
  writeAnchors(inside('a.anchors.safetensors'), syntheticAnchors([...corpus.classes, 'contempt'], 16, 1));
  const set = ['hidden=16', 'epochs=1', 'batchSize=20', 'anchorScale=20', 'anchorScaleLearned=true', 'lr=0.01'];
  const options = { corpus: inside('corpus'), preset: 'small', threads: 1, anchors: inside('a.anchors.safetensors') };
  await trainAndEvaluate({ ...options, out: inside('run'), set });
  await trainAndEvaluate({ ...options, out: inside('other'), set: [...set, 'seed=2'] });
  await evaluateModel({ model: inside('run'), split: 'valid', threads: 1 });
  runBaseline({
    kind: 'logistic regression',
    corpus,
    corpusPath: inside('corpus'),
    seed: 1,
    modalities: ['text'],
    directory: inside('logistic'),
  });
  runBaseline({ kind: 'majority', corpus, corpusPath: inside('corpus'), seed: 1, directory: inside('majority') });
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

describe('verifyRun', () => {
  it('holds for runs and baselines as they were written, and writes nothing', async () => {
    for (const run of ['run', 'logistic', 'majority']) {
      const before = contents(inside(run));
      const { holds, failures, notes, splits } = await verifyRun(inside(run));
      expect({ holds, failures, notes }, run).toEqual({ holds: true, failures: [], notes: [] });
      expect(splits.map(({ split }) => split)).toEqual(run === 'run' ? ['valid', 'test'] : ['test']);
      for (const { difference, tolerance, weightedF1 } of splits) {
        expect(difference).toBeLessThan(1e-6);
        expect(tolerance).toBe(1e-4);
        expect(weightedF1.found).toBe(weightedF1.recorded);
      }
      expect(contents(inside(run))).toEqual(before);
    }
  });

  it('holds for a baseline that was scored on a validation split made of train', async () => {
    const { valid: _, ...splits } = corpus.splits;
    const unsplit = createCorpus({ ...corpus, splits }, 'the test');
    const [path, directory] = [inside('unsplit'), inside('baseline-valid')];
    writeCorpus(path, unsplit);
    runBaseline({ kind: 'majority', corpus: unsplit, corpusPath: path, seed: 1, directory, split: 'valid' });
    const { holds, failures, splits: verified } = await verifyRun(directory);
    expect({ holds, failures }).toEqual({ holds: true, failures: [] });
    expect(verified.map(({ split }) => split)).toEqual(['valid']);
    expect(verified[0].utterances).toBeGreaterThan(0);
  });

  it('says, without failing, that another program or machine scored the run', async () => {
    const run = copyOf('run');
    changeJson(run, 'evaluation.json', (card) => {
      card.code.version = '0.0.1';
      card.machine.cpu = 'an abacus';
    });
    const { holds, notes } = await verifyRun(run);
    expect(holds).toBe(true);
    expect(notes[0]).toMatch(/^Scored by another state of the program: version was 0\.0\.1 and is /);
    expect(notes[1]).toMatch(/^Scored on another machine: cpu was an abacus and is /);
  });

  it('finds the corpus where it is told to', async () => {
    const run = copyOf('run');
    changeJson(run, 'evaluation.json', (card) => {
      card.corpus.path = '../gone';
    });
    expect((await verifyRun(run)).failures.join()).toContain('gone');
    expect((await verifyRun(run, inside('corpus'))).holds).toBe(true);
  });

  const better = (card: { splits: { test: { classHead: { accuracy: number } } } }) => {
    card.splits.test.classHead.accuracy = 0.99;
  };
  const cases: [what: string, run: string, tamper: (run: string) => void, sentences: RegExp[]][] = [
    [
      'a better score',
      'run',
      (run) => changeJson(run, 'evaluation.json', better),
      [
        /^evaluation\.json does not agree with the recorded outputs of the test split: splits\.test\.classHead\.accuracy is 0\.99 and not 0\.\d+\.$/,
      ],
    ],
    [
      "a better score of a modality's calibration",
      'run',
      (run) =>
        changeJson(run, 'evaluation.json', (card) => {
          card.splits.valid.modalities.audio.anchorHead.calibration.ece = 0;
        }),
      [/valid split: splits\.valid\.modalities\.audio\.anchorHead\.calibration\.ece is 0 and not/],
    ],
    [
      'other weights',
      'run',
      (run) => cpSync(inside('other/model.safetensors'), join(run, 'model.safetensors')),
      [
        /^model\.safetensors does not have the hash/,
        /^The recorded outputs of the valid split are not those of the model/,
        /^The recorded outputs of the test split .* a probability of \w+ differs by [01]\.\d+, more than 0\.0001\.$/,
      ],
    ],
    [
      'other anchors',
      'run',
      (run) => writeAnchors(join(run, 'anchors.safetensors'), syntheticAnchors(corpus.classes, 16, 2)),
      [/^anchors\.safetensors does not have the hash/, /valid split are not/, /test split are not/],
    ],
    [
      'outputs of another model, with scores to match',
      'run',
      (run) => {
        const other = readOutputs(inside('other'), 'test');
        if (other) writeOutputs(run, other);
        const { splits } = JSON.parse(readFileSync(inside('other/evaluation.json'), 'utf8'));
        changeJson(run, 'evaluation.json', (card) => {
          card.splits.test = splits.test;
        });
      },
      [/^The recorded outputs of the test split are not those of the model/],
    ],
    [
      'labels of the outputs',
      'run',
      (run) => {
        const outputs = readOutputs(run, 'test') as NonNullable<ReturnType<typeof readOutputs>>;
        writeOutputs(run, { ...outputs, labels: outputs.labels.map((label) => (label + 1) % 7) });
      },
      [/^evaluation\.json does not agree with the recorded outputs/, /not of the utterances and labels of the corpus/],
    ],
    [
      'the nearest exemplars',
      'run',
      (run) => {
        const outputs = readOutputs(run, 'test') as NonNullable<ReturnType<typeof readOutputs>>;
        const { exemplars, cosines } = outputs.nearest as NonNullable<typeof outputs.nearest>;
        writeOutputs(run, { ...outputs, nearest: { exemplars: exemplars.with(1, exemplars[1] + 1), cosines } });
      },
      [/^The nearest exemplars that are recorded for the test split are not those/],
    ],
    [
      'the places of utterances',
      'run',
      (run) => {
        const outputs = readOutputs(run, 'test') as NonNullable<ReturnType<typeof readOutputs>>;
        writeOutputs(run, { ...outputs, position: outputs.position.with(3, 77) });
      },
      [/not of the utterances and labels of the corpus/],
    ],
    [
      'the seed',
      'run',
      (run) =>
        changeJson(run, 'evaluation.json', (card) => {
          card.seed = 5;
        }),
      [/^evaluation\.json does not agree with config\.json: seed is 5 and not 1/],
    ],
    [
      'weights that are not there',
      'run',
      (run) => rmSync(join(run, 'model.safetensors')),
      [/model\.safetensors: there is no such file or directory\.$/],
    ],
    [
      'settings',
      'run',
      (run) =>
        changeJson(run, 'evaluation.json', (card) => {
          card.training.dropout = 0.9;
          card.selection = 'test-selected';
        }),
      [/^evaluation\.json does not agree with config\.json: training\.dropout is 0\.9 and not 0\.3, selection is/],
    ],
    [
      'outputs that have gone',
      'run',
      (run) => rmSync(join(run, 'outputs-test.safetensors')),
      [/^The outputs that the scores of the test split were computed from are not there any more\.$/],
    ],
    [
      'a strength of L2',
      'logistic',
      (run) =>
        changeJson(run, 'evaluation.json', (card) => {
          card.baseline.l2 = 0.5;
        }),
      [/^evaluation\.json does not agree with the baseline fitted again: baseline\.l2 is 0\.5 and not 0\.\d+\.$/],
    ],
    ['a score of a baseline', 'majority', (run) => changeJson(run, 'evaluation.json', better), [/accuracy is 0\.99/]],
    [
      'a card that is none',
      'run',
      (run) => writeFileSync(join(run, 'evaluation.json'), '{}'),
      [/evaluation\.json holds no scores of version 2/],
    ],
    ['no card', 'run', (run) => rmSync(join(run, 'evaluation.json')), [/has no evaluation\.json, so there are no/]],
  ];
  it.each(cases)('does not hold after a change of %s', async (_, original, tamper, sentences) => {
    const run = copyOf(original);
    tamper(run);
    const { holds, failures } = await verifyRun(run);
    expect(holds).toBe(false);
    sentences.forEach((sentence, i) => {
      expect(failures[i]).toMatch(sentence);
    });
  });

  it('does not hold with another corpus, even under the same path', async () => {
    writeCorpus(inside('changed'), sampleCorpus(2));
    for (const run of ['run', 'logistic']) {
      const { holds, failures } = await verifyRun(inside(run), inside('changed'));
      expect(holds).toBe(false);
      expect(failures).toEqual([
        `${inside('changed')} is not the corpus that was scored: its hash is ${sampleCorpus(2).hash}, in ` +
          `evaluation.json it is ${corpus.hash}.`,
      ]);
    }
  });
});
