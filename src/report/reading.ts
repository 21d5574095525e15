import { corpusKind } from '../corpus/index.js';
import type {
  ExperimentCorpus,
  ExperimentResults,
  Head,
  OpenedExperiment,
  ResultRow,
  ScoreName,
} from '../evaluation/index.js';

/** The scored heads by the names that tables give them. */
export const HEAD_NAMES: Readonly<Record<Head, string>> = {
  classHead: 'class head',
  anchorHead: 'anchor head',
  average: 'average of both',
  maximum: 'surer of both',
  text: 'text',
  audio: 'audio',
  visual: 'visual',
  textAnchor: 'text, anchor head',
  audioAnchor: 'audio, anchor head',
  visualAnchor: 'visual, anchor head',
};

export const SCORE_TITLES: Readonly<Record<ScoreName, string>> = {
  weightedF1: 'weighted F1',
  macroF1: 'macro F1',
  accuracy: 'accuracy',
  uar: 'UAR',
  ece: 'ECE',
  brier: 'Brier',
};

export const rowsOf = (results: ExperimentResults, corpus: ExperimentCorpus): ResultRow[] =>
  results.rows.filter((row) => row.corpus === corpus.name);

/** A row that a report shows in detail, and why this one. */
export interface Chosen {
  row: ResultRow;
  why: string;
}

/**
 * The configuration of a corpus that stands for it: the one that most others are compared with, else the one with the
 * best mean score on the split that selects, else the first. Undefined where none has a finished run.
 */
export function chosenRow(results: ExperimentResults, corpus: ExperimentCorpus): Chosen | undefined {
  const rows = rowsOf(results, corpus).filter(({ runs }) => runs.length > 0);
  if (rows.length <= 1) return rows.length === 0 ? undefined : { row: rows[0], why: 'the only configuration' };
  const named = new Map<string, number>();
  for (const { comparison } of rows)
    if (comparison) named.set(comparison.reference, (named.get(comparison.reference) ?? 0) + 1);
  const [reference] = [...named].toSorted((a, b) => b[1] - a[1]).map(([name]) => name);
  const row = rows.find(({ configuration }) => configuration === reference);
  if (row) return { row, why: 'the reference configuration' };
  const scored = rows.map((one) => ({ one, score: selectionMean(one) })).filter(({ score }) => !Number.isNaN(score));
  if (scored.length === 0) return { row: rows[0], why: 'the first configuration' };
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a)).one;
  const split = results.selection === 'test-selected' ? 'test' : 'validation';
  return { row: best, why: `the configuration with the best ${split} score` };
}

function selectionMean({ runs }: ResultRow): number {
  const values = runs.map(({ selectionScore }) => selectionScore ?? Number.NaN);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What must be said beside every number of a corpus. */
export function corpusNotes(corpus: ExperimentCorpus): string[] {
  const sentences: string[] = [];
  const kind = corpusKind(corpus);
  if (kind !== 'corpus') sentences.push(`${kind[0].toUpperCase()}${kind.slice(1)}.`);
  if (corpus.note) sentences.push(corpus.note);
  const renamed = Object.entries(corpus.labels ?? {}).filter(([from, to]) => from !== to);
  if (renamed.length > 0)
    sentences.push(`Labels mapped: ${renamed.map(([from, to]) => `${from} → ${to}`).join(', ')}.`);
  if (corpus.dropped?.length)
    sentences.push(
      `Labels dropped: ${corpus.dropped.join(', ')}; their utterances stay as context and are not scored.`,
    );
  if (corpus.train)
    sentences.push(
      `Trains on ${plural(corpus.train.dialogues, 'dialogue')} alone, drawn by seed ${corpus.train.seed}.`,
    );
  return sentences;
}

/** "1 seed", "2,610 utterances". */
export function plural(value: number, noun: string): string {
  return `${value.toLocaleString('en-US')} ${noun}${value === 1 ? '' : 's'}`;
}

/** What the scores are of, as every table and caption says: "test split, validation-selected". */
export const scoredSplit = ({ split, selection }: ExperimentResults): string =>
  `${split === 'valid' ? 'validation' : split} split, ${selection}`;

/** Is this a single run, opened as an experiment? */
export const isRun = ({ results }: OpenedExperiment): boolean =>
  results.rows.length === 1 && results.rows[0].runs[0]?.directory === '.';

/** How the numbers came about: selection, seeds, resampling, program, machine. A sentence an entry. */
export function aboutNumbers(experiment: OpenedExperiment): string[] {
  const { selection, split, rows, resampling, code, machine, finished } = experiment.results;
  const seeds = [...new Set(rows.flatMap((row) => row.seeds))].toSorted((a, b) => a - b);
  const selecting = selection === 'test-selected' ? 'test' : 'validation';
  return [
    ...(finished ? [] : ['Not finished: some planned runs have not ended yet.']),
    `${selection}: the epoch of every run is the one with the best weighted F1 on the ${selecting} split.`,
    ...(split === 'valid'
      ? [
          'Scores are of the validation split, on which settings were being chosen: they are too high, and test was not looked at.',
        ]
      : []),
    ...(selection === 'test-selected' ? ['So its test scores are too high: they were chosen by looking at them.'] : []),
    `${seeds.length === 1 ? 'Seed' : 'Seeds'} ${seeds.join(', ')}.`,
    `Intervals: 95 %, by bootstrap over dialogues (${resampling.resamples.toLocaleString('en-US')} resamples, seed ${resampling.seed}); they speak of other dialogues, with these trained runs.`,
    `vega-merc ${code.version} (program ${code.hash.slice(0, 12)}) on ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform} ${machine.arch}, Node ${machine.node}, onnxruntime ${machine.onnxruntime}.`,
  ];
}
