import { join } from 'node:path';
import { type DialogueSums, holm } from '../../metrics/index.js';
import { presetConfig, runFile, withOverrides } from '../../run/index.js';
import { readLog } from '../../training/index.js';
import type { RunCard } from '../card.js';
import { thisCode, thisMachine } from '../machine.js';
import { readOutputs } from '../outputs.js';
import { readCard } from '../record.js';
import { compareRows, type ScoredRow } from './comparison.js';
import { dropRows } from './drops.js';
import { ledgerState } from './ledger.js';
import { completed, type PlannedRun } from './plan.js';
import { anchorsOf, modalitiesOf, RESAMPLING_SEED, scoresOfRuns } from './row.js';
import { headConfusions } from './scores.js';
import type { ExperimentSpec } from './spec.js';
import type { ExperimentCorpus, ExperimentResults, ResultRow, RowRun } from './types.js';

/** What results are computed of. */
export interface SummaryOf {
  spec: ExperimentSpec;
  /** The experiment's. */
  directory: string;
  corpora: readonly ExperimentCorpus[];
  runs: readonly PlannedRun[];
  /** Why a run failed, by its directory. */
  failures: ReadonlyMap<string, string>;
  notes: readonly string[];
}

/** Everything that the tables show, from the runs' directories. */
export function summarise({ spec, directory, corpora, runs, failures, notes }: SummaryOf): ExperimentResults {
  const resampling = { seed: RESAMPLING_SEED, resamples: spec.resamples };
  const scored = grouped(runs).map((group) => scoreRow(spec, directory, group, failures, resampling));
  for (const { name: corpus } of corpora) {
    const table = scored.filter(({ row }) => row.corpus === corpus);
    const compared = table.flatMap((one) => {
      const reference = referenceOf(spec, one.row);
      const other = table.find(({ row }) => row.configuration === reference);
      if (!other || runsOf(other.row) === runsOf(one.row)) return [];
      const comparison = compareRows(one, other, resampling);
      if (comparison) one.row.comparison = comparison;
      return comparison ? [{ comparison, key: `${reference} ${runsOf(one.row)}` }] : [];
    });
    // One table, one family of tests; rows that share their runs are one test.
    const family = [...new Map(compared.map(({ key, comparison }) => [key, comparison]))];
    const corrected = holm(family.map(([, { pValue }]) => pValue));
    for (const { key, comparison } of compared) comparison.pHolm = corrected[family.findIndex(([k]) => k === key)];
  }
  return {
    format: 'vega-merc-experiment',
    version: 1,
    name: spec.name,
    ...(spec.description && { description: spec.description }),
    selection: spec.protocol === 'paper-compat' ? 'test-selected' : 'validation-selected',
    split: spec.split,
    corpora: [...corpora],
    rows: scored.map(({ row }) => row),
    drops: dropRows(
      directory,
      scored.map(({ row }) => row),
      runs,
    ),
    notes: [...notes],
    ledger: ledgerState(directory),
    resampling,
    code: thisCode(),
    machine: thisMachine(),
    finished: failures.size === 0,
  };
}

/** Which runs a row stands on. */
const runsOf = ({ runs }: ResultRow): string => runs.map(({ directory }) => directory).join(' ');

/** The runs of each corpus and configuration, in the order of their seeds. */
function grouped(runs: readonly PlannedRun[]): PlannedRun[][] {
  const groups = new Map<string, PlannedRun[]>();
  for (const run of runs) {
    const key = `${run.corpus}\n${run.configuration}`;
    groups.set(key, [...(groups.get(key) ?? []), run]);
  }
  return [...groups.values()];
}

function referenceOf(spec: ExperimentSpec, row: ResultRow): string | undefined {
  const own = spec.configurations[row.configuration].reference;
  return own === null ? undefined : (own ?? spec.reference);
}

function scoreRow(
  spec: ExperimentSpec,
  directory: string,
  runs: readonly PlannedRun[],
  failures: ReadonlyMap<string, string>,
  resampling: { seed: number; resamples: number },
): ScoredRow {
  const { corpus, configuration } = runs[0];
  const wanted = completed(spec, configuration);
  const done = runs.flatMap((run) => {
    const path = join(directory, run.directory);
    const [card, outputs] = [readCard(path), readOutputs(path, run.split)];
    const evaluation = card?.splits[run.split];
    return evaluation && outputs ? [{ run, path, card, outputs, evaluation }] : [];
  });
  const outputs = done.map((one) => one.outputs);
  const confusions = outputs.map((one) => headConfusions(one, 'classHead') as DialogueSums);
  const row: ResultRow = {
    corpus,
    configuration,
    ...(wanted.description && { description: wanted.description }),
    ...(wanted.group && { group: wanted.group }),
    settings: differences(runs[0]),
    anchors: done.length > 0 ? anchorsOf(done[0].card) : '–',
    modalities: done.length > 0 ? modalitiesOf(outputs[0], done[0].card) : [],
    seeds: done.map(({ run }) => run.seed),
    runs: done.map(({ run, path, card }) => describeRun(run, path, card)),
    failed: runs.flatMap((run) => {
      const reason = failures.get(run.directory);
      return reason === undefined ? [] : [{ seed: run.seed, reason }];
    }),
    utterances: done[0]?.evaluation.utterances ?? 0,
    dialogues: done[0]?.evaluation.dialogues ?? 0,
    ...scoresOfRuns(
      outputs,
      done.map(({ evaluation }) => evaluation),
      resampling,
    ),
  };
  return { row, outputs, confusions };
}

/** Settings that are not the preset's; which seed and which split selects is said elsewhere. */
function differences({ model }: PlannedRun): string[] {
  if (model.kind !== 'vega') return [];
  const preset = presetConfig(model.preset);
  return model.set.filter((setting) => {
    if (/^(seed|select)=/.test(setting)) return false;
    return JSON.stringify(withOverrides(preset, [setting])) !== JSON.stringify(preset);
  });
}

function describeRun(run: PlannedRun, path: string, card: RunCard): RowRun {
  const about = { seed: run.seed, directory: run.directory };
  if (card.model !== 'vega') return about;
  const events = readLog(runFile(path, 'metrics'));
  const end = events.findLast(({ event }) => event === 'end');
  const seconds = events.reduce((sum, { event, seconds: s }) => sum + (event === 'epoch' ? Number(s) : 0), 0);
  return {
    ...about,
    ...(end && { bestEpoch: Number(end.bestEpoch), epochs: end.epoch, selectionScore: Number(end.bestScore) }),
    seconds: Math.round(seconds * 10) / 10,
  };
}
