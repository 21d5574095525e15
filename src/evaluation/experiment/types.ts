import type { Modality } from '../../base/modalities.js';
import type { Head } from '../../prediction/index.js';
import type { Code, Machine } from '../card.js';
import type { LedgerEntry, LedgerState } from './ledger.js';
import type { SearchResult } from './search/result.js';
import type { ExperimentTimeline } from './timeline.js';

/** The scores that tables show. Shares from 0 to 1; ece and brier are better when lower. */
export const SCORE_NAMES = ['weightedF1', 'macroF1', 'accuracy', 'uar', 'ece', 'brier'] as const;
export type ScoreName = (typeof SCORE_NAMES)[number];

/** One score of one configuration over its seeds. */
export interface ScoreOverSeeds {
  mean: number;
  /** Sample standard deviation over seeds; null for one seed. */
  sd: number | null;
  /** One a seed, in the order of `seeds`. */
  values: number[];
  /** 95 % interval of the mean over seeds by bootstrap over dialogues; only for the scores that are resampled. */
  interval?: { lower: number; upper: number };
}

/** A configuration compared with its reference on the class head's weighted F1. */
export interface RowComparison {
  /** Name of the configuration compared with, on the same corpus and seeds. */
  reference: string;
  /** This minus reference, mean over seeds, 0 … 1, with its 95 % bootstrap interval over dialogues. */
  difference: number;
  interval: { lower: number; upper: number };
  /** Paired approximate randomisation over dialogues, two-sided. */
  pValue: number;
  /** The same after Holm's correction over all comparisons on its corpus. */
  pHolm: number;
  /** McNemar's test on correctness, seed by seed. */
  mcnemar: { seed: number; onlyThis: number; onlyReference: number; pValue: number }[];
}

/** One run of a row. */
export interface RowRun {
  seed: number;
  /** Run directory, relative to the experiment's. */
  directory: string;
  /** The kept epoch and its weighted F1 on the selecting split; absent for baselines without epochs. */
  bestEpoch?: number;
  epochs?: number;
  selectionScore?: number;
  /** Of training, where it was measured. */
  seconds?: number;
}

/** One configuration on one corpus. */
export interface ResultRow {
  corpus: string;
  configuration: string;
  /** What it is, a sentence for the reader. */
  description?: string;
  /** Which rows belong together in a table, for instance "paper's ablations". */
  group?: string;
  /** Settings that differ from the preset, as `key=value`. */
  settings: string[];
  /** "visual: ENCODER", "random", "learned", "text", or "none"; "–" for baselines. */
  anchors: string;
  modalities: Modality[];
  seeds: number[];
  runs: RowRun[];
  /** Seeds whose run failed, and why. */
  failed: { seed: number; reason: string }[];
  /** Labelled utterances and dialogues of the scored split. */
  utterances: number;
  dialogues: number;
  scores: Partial<Record<Head, Partial<Record<ScoreName, ScoreOverSeeds>>>>;
  /** Class head, in class order: F1 over seeds with its interval. */
  perClass: { class: string; support: number; f1: ScoreOverSeeds; precision: number; recall: number }[];
  /** Class head: sum of the seeds' confusion matrices, [true][predicted]. */
  confusion: number[][];
  comparison?: RowComparison;
}

/** A configuration's runs scored with a modality taken away from a share of the test utterances. */
export interface DropRow {
  corpus: string;
  configuration: string;
  modality: Modality;
  /** 0 … 1 */
  share: number;
  weightedF1: ScoreOverSeeds;
}

/** A corpus of an experiment, as it was used. */
export interface ExperimentCorpus {
  name: string;
  /** The corpus's own name. */
  title: string;
  /** Directory that the runs read, relative to the experiment's directory where it can be. */
  path: string;
  hash: string;
  classes: string[];
  /** Old name → new name, where labels were mapped; and classes whose labels were dropped. */
  labels?: Record<string, string>;
  dropped?: string[];
  /** Where training has some of the corpus's training dialogues alone: how many, and the seed that drew them. */
  train?: { dialogues: number; seed: number };
  synthetic: boolean;
  composed?: boolean;
  note?: string;
  /** Dialogues and labelled utterances a split. */
  splits: Partial<Record<'train' | 'valid' | 'test', { dialogues: number; utterances: number }>>;
}

/** results.json of an experiment's directory: everything that its tables, its report and docs/results.md show. */
export interface ExperimentResults {
  format: 'vega-merc-experiment';
  version: 1;
  name: string;
  description?: string;
  /** Label of every output. */
  selection: 'validation-selected' | 'test-selected';
  /** The split that was scored; "valid" where settings were being chosen and test was never looked at. */
  split: 'valid' | 'test';
  corpora: ExperimentCorpus[];
  rows: ResultRow[];
  drops: DropRow[];
  /** What searches came to; their runs scored validation alone. */
  searches?: SearchResult[];
  /** What could not be run, a sentence an entry. */
  notes: string[];
  /** Where the ledger stood when these results were computed; absent in results of earlier versions. */
  ledger?: LedgerState;
  resampling: { seed: number; resamples: number };
  code: Code;
  machine: Machine;
  /** Whether every planned run has ended. */
  finished: boolean;
}

/** An experiment as the report reads it. */
export interface OpenedExperiment {
  directory: string;
  results: ExperimentResults;
  ledger: LedgerEntry[];
  /** Where its runs were done; only for reports, and where attempts are on record. */
  timeline?: ExperimentTimeline;
}
