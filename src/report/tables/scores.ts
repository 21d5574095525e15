import {
  type ExperimentCorpus,
  type ExperimentResults,
  HEADS,
  type ResultRow,
  SCORE_NAMES,
  type ScoreOverSeeds,
} from '../../evaluation/index.js';
import { type Chosen, HEAD_NAMES, rowsOf, SCORE_TITLES, scoredSplit } from '../reading.js';
import type { Cell, Table } from '../table.js';
import { grouped } from './results.js';

/** Every score of the class head, a row a configuration. */
export function scoresTable(results: ExperimentResults, corpus: ExperimentCorpus): Table {
  const rows = rowsOf(results, corpus);
  const names = SCORE_NAMES.filter((name) => rows.some(({ scores }) => scores.classHead?.[name]));
  return {
    key: 'scores',
    corpus: corpus.name,
    title: `${corpus.name}: all scores of the class head, ${scoredSplit(results)}`,
    notes: [
      'UAR: unweighted average recall. ECE: expected calibration error over 15 bins, lower is better. Brier: summed over ' +
        'classes, 0 to 2, lower is better.',
    ],
    head: ['configuration', ...names.map((name) => SCORE_TITLES[name])],
    rows: rows.map(({ configuration, scores }) => [
      configuration,
      ...names.map((name) => meanCell(scores.classHead?.[name], name === 'brier')),
    ]),
    ...grouped(rows),
  };
}

/** Weighted F1 of every head and modality, a row a configuration. */
export function headsTable(results: ExperimentResults, corpus: ExperimentCorpus): Table {
  const rows = rowsOf(results, corpus);
  const heads = HEADS.filter((head) => rows.some(({ scores }) => scores[head]?.weightedF1));
  return {
    key: 'heads',
    corpus: corpus.name,
    title: `${corpus.name}: weighted F1 of every head, ${scoredSplit(results)}`,
    notes: ["A modality's own heads are scored on the utterances that have it."],
    head: ['configuration', ...heads.map((head) => HEAD_NAMES[head])],
    rows: rows.map(({ configuration, scores }) => [
      configuration,
      ...heads.map((head) => meanCell(scores[head]?.weightedF1)),
    ]),
    ...grouped(rows),
  };
}

/** The heads of one configuration with intervals: a row a head. */
export function chosenHeadsTable(results: ExperimentResults, corpus: ExperimentCorpus, { row }: Chosen): Table {
  const heads = HEADS.filter((head) => row.scores[head]?.weightedF1);
  const names = SCORE_NAMES.filter((name) => name !== 'weightedF1' && heads.some((head) => row.scores[head]?.[name]));
  return {
    key: 'head-scores',
    corpus: corpus.name,
    title: `${corpus.name}: heads of “${row.configuration}”, ${scoredSplit(results)}`,
    notes: [],
    head: ['head', 'weighted F1', '95 % interval', ...names.map((name) => SCORE_TITLES[name])],
    rows: heads.map((head) => [
      HEAD_NAMES[head],
      meanCell(row.scores[head]?.weightedF1),
      intervalCell(row.scores[head]?.weightedF1),
      ...names.map((name) => meanCell(row.scores[head]?.[name], name === 'brier')),
    ]),
  };
}

/** Precision, recall and F1 of every class of one configuration. */
export function classesTable(results: ExperimentResults, corpus: ExperimentCorpus, { row }: Chosen): Table {
  return {
    key: 'classes',
    corpus: corpus.name,
    title: `${corpus.name}: classes, class head of “${row.configuration}”, ${scoredSplit(results)}`,
    notes: [],
    head: ['class', 'F1', '95 % interval', 'precision', 'recall', 'support'],
    rows: row.perClass.map(({ class: name, f1, precision, recall, support }) => [
      name,
      meanCell(f1),
      intervalCell(f1),
      { mean: precision, sd: null, unit: 'percent' },
      { mean: recall, sd: null, unit: 'percent' },
      support,
    ]),
  };
}

/** The confusion matrix of one configuration, a row a true class. */
export function confusionTable(results: ExperimentResults, corpus: ExperimentCorpus, { row }: Chosen): Table {
  return {
    key: 'confusion',
    corpus: corpus.name,
    title: `${corpus.name}: confusion matrix, class head of “${row.configuration}”, ${scoredSplit(results)}`,
    notes: [`A row is a true class, a column a predicted one.${summed(row)}`],
    head: ['true class', ...corpus.classes],
    rows: row.confusion.map((line, c) => [corpus.classes[c], ...line]),
  };
}

/** Says that several seeds are summed. */
export function summed({ seeds }: ResultRow): string {
  return seeds.length > 1 ? ` Summed over ${seeds.length} seeds.` : '';
}

function meanCell(score: ScoreOverSeeds | undefined, plain = false): Cell {
  return score ? { mean: score.mean, sd: score.sd, unit: plain ? 'plain' : 'percent' } : null;
}

function intervalCell(score: ScoreOverSeeds | undefined): Cell {
  return score?.interval ? { ...score.interval, unit: 'percent' } : null;
}
