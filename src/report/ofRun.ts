import { basename, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import { modalitiesIn } from '../base/modalities.js';
import { type Corpus, isCorpusDirectory, readCorpus, SPLITS, splitDialogues } from '../corpus/index.js';
import {
  type ExperimentCorpus,
  experimentOf,
  type Head,
  type HeadOutputs,
  headProbabilities,
  type LedgerEntry,
  type OpenedExperiment,
  type ResultRow,
  type RunCard,
  readCard,
  readLedger,
  readOutputs,
  type ScoreOverSeeds,
  type SplitOutputs,
} from '../evaluation/index.js';
import {
  accuracy,
  argmax,
  bootstrapIntervals,
  dialogueConfusions,
  type Interval,
  macroF1,
  perClass,
  type SumMetric,
  unweightedAverageRecall,
  weightedF1,
} from '../metrics/index.js';
import {
  CONFIG_KEYS,
  isRunDirectory,
  presetConfig,
  type RunConfig,
  readLog,
  readRunConfig,
  recallPath,
  runFile,
} from '../training/index.js';

type TestScores = NonNullable<RunCard['splits']['test']>;

/** The scores that get an interval. */
const RESAMPLED = ['weightedF1', 'macroF1', 'accuracy', 'uar'] as const;
const RESAMPLING = { seed: 0, resamples: 10_000 };

/**
 * A run as an experiment of one configuration and one seed, with intervals by bootstrap over the dialogues of its test
 * split.
 * @throws InputError where the test split was not scored.
 */
export function experimentOfRun(directory: string): OpenedExperiment {
  const card = readCard(directory);
  const outputs = readOutputs(directory, 'test');
  if (!card?.splits.test || !outputs) {
    throw new InputError(
      `${directory} has no scores of its test split yet; run "vega-merc evaluate ${directory}" and then this again.`,
    );
  }
  const run = isRunDirectory(directory) ? readRunConfig(directory) : undefined;
  return {
    directory,
    results: {
      format: 'vega-merc-experiment',
      version: 1,
      name: basename(resolve(directory)),
      selection: card.selection,
      split: 'test',
      corpora: [corpusOf(directory, card, run)],
      rows: [rowOf(directory, card, outputs, run)],
      drops: [],
      notes: [],
      resampling: RESAMPLING,
      code: card.code,
      machine: card.machine,
      finished: true,
    },
    ledger: looksAt(directory),
  };
}

function corpusOf(directory: string, card: RunCard, run: RunConfig | undefined): ExperimentCorpus {
  const { corpus, utterances, dialogues } = card.splits.test as TestScores;
  const path = run?.corpus.path ?? '';
  const place = recallPath(directory, path);
  const found = run && isCorpusDirectory(place) ? readCorpus(place) : undefined;
  return {
    name: corpus.name,
    title: corpus.name,
    path,
    hash: corpus.hash,
    classes: card.classes,
    synthetic: corpus.synthetic ?? false,
    ...(corpus.note && { note: corpus.note }),
    splits: found?.hash === corpus.hash ? splitSizes(found, run) : { test: { utterances, dialogues } },
  };
}

function splitSizes(corpus: Corpus, run: RunConfig | undefined): ExperimentCorpus['splits'] {
  const made = run?.madeValidation;
  const splits = made
    ? { ...corpus.splits, train: corpus.splits.train?.filter((id) => !made.includes(id)), valid: made }
    : corpus.splits;
  return Object.fromEntries(
    SPLITS.filter((split) => splits[split]?.length).map((split) => {
      const dialogues = splitDialogues({ dialogues: corpus.dialogues, splits }, split);
      const labels = dialogues.flatMap((d) => corpus.dialogues[d].utterances.filter(({ label }) => label >= 0));
      return [split, { dialogues: dialogues.length, utterances: labels.length }];
    }),
  );
}

function rowOf(directory: string, card: RunCard, outputs: SplitOutputs, run: RunConfig | undefined): ResultRow {
  const test = card.splits.test as TestScores;
  const end = readLog(runFile(directory, 'metrics')).findLast(({ event }) => event === 'epoch');
  return {
    corpus: test.corpus.name,
    configuration: card.model === 'vega' ? 'VEGA' : card.model,
    settings: run ? [`preset=${run.preset}`, ...changedSettings(run)] : [],
    anchors: anchorsOf(card),
    modalities: modalitiesIn(outputs.logits),
    seeds: [card.seed],
    runs: [
      {
        seed: card.seed,
        directory: '.',
        ...(end && { bestEpoch: end.bestEpoch as number, epochs: end.epoch, selectionScore: end.bestScore as number }),
      },
    ],
    failed: [],
    utterances: test.utterances,
    dialogues: test.dialogues,
    ...scoresOf(card, outputs),
    confusion: test.classHead.confusion,
  };
}

function anchorsOf({ anchors, model }: RunCard): string {
  if (anchors === null) return model === 'vega' ? 'none' : '–';
  return anchors.kind === 'visual' ? `visual: ${anchors.encoder ?? 'encoder not named'}` : anchors.kind;
}

/** Settings that are not the preset's; the seed stands elsewhere. */
function changedSettings({ preset, training }: RunConfig): string[] {
  const value = (config: object, key: string) =>
    JSON.stringify(key.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown>)[name], config));
  const base = presetConfig(preset);
  return CONFIG_KEYS.filter((key) => key !== 'seed' && value(base, key) !== value(training, key)).map(
    (key) => `${key}=${value(training, key).replaceAll('"', '')}`,
  );
}

/** Every head's scores with intervals, and every class's F1. */
function scoresOf(card: RunCard, outputs: SplitOutputs): Pick<ResultRow, 'scores' | 'perClass'> {
  const { classes } = card;
  const heads = Object.entries(headProbabilities(outputs)) as [Head, HeadOutputs][];
  const classF1 = Object.fromEntries(
    classes.map((_, c): [string, SumMetric] => [`class${c}`, (sum) => perClass(sum)[c].f1]),
  );
  const perHead = heads.map(([head, { probabilities, labels }]) => {
    const sums = dialogueConfusions(labels, argmax(probabilities, classes.length), outputs.dialogueOf, classes.length);
    const metrics: Record<string, SumMetric> = {
      ...{ weightedF1, macroF1, accuracy, uar: unweightedAverageRecall },
      ...(head === 'classHead' && classF1),
    };
    return { head, intervals: bootstrapIntervals(sums, metrics, RESAMPLING) };
  });
  const scores = Object.fromEntries(
    perHead.map(({ head, intervals }) => {
      const calibration = calibrationOf(card, head);
      const named = RESAMPLED.map((name) => [name, overOneSeed(intervals[name])]);
      const unsure = calibration && { ece: single(calibration.ece), brier: single(calibration.brier) };
      return [head, { ...Object.fromEntries(named), ...unsure }];
    }),
  ) as ResultRow['scores'];
  const own = perHead.find(({ head }) => head === 'classHead')?.intervals ?? {};
  const counted = card.splits.test?.classHead.perClass ?? [];
  const each = counted.map(({ class: name, support, precision, recall }, c) => ({
    class: name,
    support,
    precision,
    recall,
    f1: overOneSeed(own[`class${c}`]),
  }));
  return { scores, perClass: each };
}

function calibrationOf({ splits: { test } }: RunCard, head: Head) {
  if (head === 'classHead' || head === 'anchorHead' || head === 'average' || head === 'maximum')
    return test?.[head]?.calibration;
  const modality = head.replace('Anchor', '') as 'text' | 'audio' | 'visual';
  return test?.modalities[modality]?.[head.endsWith('Anchor') ? 'anchorHead' : 'classHead']?.calibration;
}

const single = (value: number): ScoreOverSeeds => ({ mean: value, sd: null, values: [value] });

const overOneSeed = ({ estimate, lower, upper }: Interval): ScoreOverSeeds => ({
  ...single(estimate),
  interval: { lower, upper },
});

/** The looks at the test split that the run's experiment recorded, where it belongs to one. */
function looksAt(directory: string): LedgerEntry[] {
  const experiment = experimentOf(directory);
  if (experiment === undefined) return [];
  const seed = readCard(directory)?.seed;
  return readLedger(experiment.directory).filter(
    (look) =>
      look.corpus === experiment.corpus && look.configuration === experiment.configuration && look.seed === seed,
  );
}
