import { join } from 'node:path';
import { holm } from '../../metrics/index.js';
import { presetConfig, runFile, withOverrides } from '../../run/index.js';
import { readLog } from '../../training/index.js';
import type { RunCard } from '../card.js';
import { thisCode, thisMachine } from '../machine.js';
import { readOutputs } from '../outputs.js';
import { readCard } from '../record.js';
import { choicesOf, compareRows, type ScoredRow } from './comparison.js';
import { dropRows } from './drops.js';
import { ledgerState } from './ledger.js';
import { completed, type PlannedRun } from './plan.js';
import { anchorsOf, modalitiesOf, RESAMPLING_SEED, scoredRuns } from './row.js';
import type { ExperimentSpec } from './spec.js';
import type { DropRow, ExperimentCorpus, ExperimentResults, ResultRow, RowComparison, RowRun } from './types.js';

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

/**
 * Everything that the tables show, from the runs' directories. What the models said is held of one row at a time, and of
 * those that others are compared with, so that memory grows with the tables alone.
 */
export function summarise({ spec, directory, corpora, runs, failures, notes }: SummaryOf): ExperimentResults {
  const resampling = { seed: RESAMPLING_SEED, resamples: spec.resamples };
  const groups = grouped(runs);
  const score = (group: readonly PlannedRun[]) => scoreRow(spec, directory, group, failures, resampling);
  const references = new Set([...groups.values()].flatMap(([run]) => referenceOf(spec, run) ?? []));
  const kept = new Map([...groups].flatMap(([key, group]) => (references.has(key) ? [[key, score(group)]] : [])));
  const families = new Map<string, Family>(corpora.map(({ name }) => [name, []]));
  const drops: DropRow[] = [];
  const rows = [...groups].map(([key, group]) => {
    const one = kept.get(key) ?? score(group);
    const other = kept.get(referenceOf(spec, group[0]) ?? '');
    const comparison = other && runsOf(other.row) !== runsOf(one.row) && compareRows(one, other, resampling);
    if (comparison) {
      one.row.comparison = comparison;
      families.get(one.row.corpus)?.push({ comparison, key: `${comparison.reference} ${runsOf(one.row)}` });
    }
    drops.push(...dropRows(directory, one.row, group));
    return one.row;
  });
  for (const family of families.values()) correct(family);
  return {
    format: 'vega-merc-experiment',
    version: 1,
    name: spec.name,
    ...(spec.description && { description: spec.description }),
    selection: spec.protocol === 'paper-compat' ? 'test-selected' : 'validation-selected',
    split: spec.split,
    corpora: [...corpora],
    rows,
    drops,
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

/** Comparisons of one table, each with what it is a test of. */
type Family = { comparison: RowComparison; key: string }[];

/** One table, one family of tests; rows that share their runs are one test. */
function correct(family: Family): void {
  const tests = new Map(family.map(({ key, comparison }) => [key, comparison.pValue]));
  const corrected = holm([...tests.values()]);
  const index = new Map([...tests.keys()].map((key, i) => [key, i]));
  for (const { key, comparison } of family) comparison.pHolm = corrected[index.get(key) as number];
}

const rowKey = (corpus: string, configuration: string): string => `${corpus}\n${configuration}`;

/** The runs of each corpus and configuration, in the order of their seeds. */
function grouped(runs: readonly PlannedRun[]): Map<string, PlannedRun[]> {
  const groups = new Map<string, PlannedRun[]>();
  for (const run of runs) {
    const key = rowKey(run.corpus, run.configuration);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return groups;
}

/** Key of the row that a run's row is compared with. */
function referenceOf(spec: ExperimentSpec, { corpus, configuration }: PlannedRun): string | undefined {
  const own = spec.configurations[configuration].reference;
  const name = own === null ? undefined : (own ?? spec.reference);
  return name === undefined ? undefined : rowKey(corpus, name);
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
  const { scored, confusions } = scoredRuns(
    outputs,
    done.map(({ evaluation }) => evaluation),
    resampling,
  );
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
    ...scored,
  };
  return { row, choices: outputs.map(choicesOf), confusions };
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
