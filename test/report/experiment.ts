import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { sampleCorpus } from '../../src/corpus/index.js';
import { recordLook } from '../../src/evaluation/experiment/ledger.js';
import {
  type ExperimentResults,
  type ResultRow,
  type ScoreOverSeeds,
  trainAndEvaluate,
} from '../../src/evaluation/index.js';
import { experimentOfRun } from '../../src/report/ofRun.js';

/** A grey square. */
const FACE =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDACgcHiMeGSgjISMtKygwPGRBPDc3PHtYXUlkkYCZlo+AjIqgtObDoKrarYqMyP/L2u71////m8H////6/+b9//j/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z';
/** What no page may take for markup. */
export const TEXT = `"Don't" say <b>this</b> & </script><script>alert(1)</script>`;

const QUICK = ['hidden=16', 'epochs=3', 'batchSize=20', 'lr=0.01'];

/**
 * A small experiment as the program leaves one: two runs of "vega" trained on the sample corpus with texts and faces, and
 * a made-up configuration without run directories that is compared with it.
 */
export async function makeExperiment(
  root: string,
): Promise<{ experiment: string; run: string; results: ExperimentResults }> {
  const sample = sampleCorpus(1);
  const dialogues = sample.dialogues.map((dialogue) => ({
    ...dialogue,
    utterances: dialogue.utterances.map((utterance, i) => ({ ...utterance, text: `${i}: ${TEXT}` })),
  }));
  writeCorpus(join(root, 'corpus'), { ...sample, dialogues });
  const bank = syntheticAnchors(sample.classes, 16, 1);
  const thumbnails = bank.exemplars.map((rows) =>
    Array.from({ length: rows.length / bank.dim }, () => Buffer.from(FACE, 'base64')),
  );
  writeAnchors(join(root, 'a.anchors.safetensors'), { ...bank, thumbnails });
  const experiment = join(root, 'experiment');
  const opened: ExperimentResults[] = [];
  for (const seed of [1, 2]) {
    const out = join(experiment, 'runs', `vega-${seed}`);
    await trainAndEvaluate({
      corpus: join(root, 'corpus'),
      anchors: join(root, 'a.anchors.safetensors'),
      out,
      preset: 'small',
      set: [...QUICK, `seed=${seed}`],
      threads: 1,
    });
    opened.push(experimentOfRun(out).results);
    recordLook(experiment, {
      time: `2026-01-02T03:04:0${seed}.000Z`,
      corpus: 'sample',
      corpusHash: sample.hash,
      split: 'test',
      configuration: 'vega',
      seed,
      what: 'scores',
      selection: 'validation-selected',
    });
  }
  const [first, second] = opened;
  const vega: ResultRow = {
    ...overSeeds(first.rows[0], second.rows[0]),
    corpus: 'sample',
    configuration: 'vega',
    runs: [1, 2].map((seed, i) => ({ ...opened[i].rows[0].runs[0], directory: `runs/vega-${seed}`, seconds: 1.5 })),
  };
  const without: ResultRow = {
    ...vega,
    configuration: 'without <anchors>',
    group: "paper's ablations",
    anchors: 'none',
    runs: vega.runs.map((run) => ({ ...run, directory: run.directory.replace('vega', 'without') })),
    scores: { classHead: vega.scores.classHead },
    comparison: {
      reference: 'vega',
      difference: -0.021,
      interval: { lower: -0.05, upper: 0.008 },
      pValue: 0.0312,
      pHolm: 0.0624,
      mcnemar: [
        { seed: 1, onlyThis: 7, onlyReference: 12, pValue: 0.359 },
        { seed: 2, onlyThis: 9, onlyReference: 9, pValue: 1 },
      ],
    },
  };
  const results: ExperimentResults = {
    ...first,
    name: 'tiny',
    description: 'Two runs on the sample & a made-up row.',
    corpora: [
      {
        ...first.corpora[0],
        name: 'sample',
        path: '../corpus',
        labels: { happy: 'joy' },
        dropped: ['contempt'],
      },
    ],
    rows: [vega, without],
    drops: [0, 0.5, 1].map((share) => ({
      corpus: 'sample',
      configuration: 'vega',
      modality: 'audio',
      share,
      weightedF1: { mean: 0.5 - share / 10, sd: 0.01, values: [0.49, 0.51] },
    })),
    notes: ['“text anchors” could not be run: the text tower is not there.'],
  };
  writeFileSync(join(experiment, 'results.json'), JSON.stringify(results));
  return { experiment, run: join(experiment, 'runs', 'vega-1'), results };
}

/** Two rows of one seed each as one of two seeds. */
function overSeeds(a: ResultRow, b: ResultRow): ResultRow {
  const both = (x: ScoreOverSeeds, y: ScoreOverSeeds): ScoreOverSeeds => ({
    mean: (x.mean + y.mean) / 2,
    sd: Math.abs(x.mean - y.mean) / Math.SQRT2,
    values: [x.mean, y.mean],
    ...(x.interval && { interval: x.interval }),
  });
  const scores: ResultRow['scores'] = {};
  for (const head of Object.keys(a.scores) as (keyof ResultRow['scores'])[]) {
    const [first, second] = [a.scores[head] ?? {}, b.scores[head] ?? {}];
    const names = Object.keys(first) as (keyof typeof first)[];
    scores[head] = Object.fromEntries(
      names.map((name) => [name, both(first[name] as ScoreOverSeeds, second[name] as ScoreOverSeeds)]),
    );
  }
  return {
    ...a,
    group: 'method',
    seeds: [1, 2],
    scores,
    perClass: a.perClass.map((one, c) => ({ ...one, f1: both(one.f1, b.perClass[c].f1) })),
    confusion: a.confusion.map((line, t) => line.map((count, p) => count + b.confusion[t][p])),
  };
}
