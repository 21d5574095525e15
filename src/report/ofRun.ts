import { basename, resolve } from 'node:path';
import { InputError } from '../base/errors.js';
import { isCorpusDirectory, readCorpus } from '../corpus/files.js';
import { type Corpus, SPLITS, splitDialogues, splitsOf } from '../corpus/index.js';
import {
  anchorsOf,
  type ExperimentCorpus,
  experimentOf,
  type LedgerEntry,
  modalitiesOf,
  type OpenedExperiment,
  RESAMPLING_SEED,
  type ResultRow,
  type RunCard,
  readCard,
  readLedger,
  readOutputs,
  type SplitOutputs,
  scoresOfRuns,
} from '../evaluation/index.js';
import {
  CONFIG_KEYS,
  isRunDirectory,
  presetConfig,
  type RunConfig,
  readRunConfig,
  recallPath,
  runFile,
} from '../run/index.js';
import { readLog } from '../training/index.js';

type TestScores = NonNullable<RunCard['splits']['test']>;

const RESAMPLING = { seed: RESAMPLING_SEED, resamples: 10_000 };

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
    ...(corpus.composed && { composed: true }),
    ...(corpus.note && { note: corpus.note }),
    splits: found?.hash === corpus.hash ? splitSizes(found, run) : { test: { utterances, dialogues } },
  };
}

function splitSizes(corpus: Corpus, run: RunConfig | undefined): ExperimentCorpus['splits'] {
  const splits = splitsOf(corpus.splits, run);
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
    modalities: modalitiesOf(outputs, card),
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
    ...scoresOfRuns([outputs], [test], RESAMPLING),
  };
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
