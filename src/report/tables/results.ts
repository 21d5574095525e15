import type { ExperimentCorpus, ExperimentResults, ResultRow } from '../../evaluation/index.js';
import { rowsOf, scoredSplit } from '../reading.js';
import type { Cell, Table } from '../table.js';

/**
 * The table of a corpus that others are about: the class head's weighted F1 of every configuration, with interval, every
 * run, and the difference to the reference with its p-values.
 */
export function resultsTable(results: ExperimentResults, corpus: ExperimentCorpus): Table {
  const rows = rowsOf(results, corpus);
  const compared = rows.some(({ comparison }) => comparison !== undefined);
  const head = ['configuration', 'weighted F1', '95 % interval', 'runs'];
  if (compared) head.push('difference', '95 % interval of it', 'p (Holm)', 'p');
  return {
    key: 'results',
    corpus: corpus.name,
    title: `${corpus.name}: weighted F1 of the class head, ${scoredSplit(results)}`,
    notes: [...failures(rows), ...(compared ? comparisonNotes(results, rows) : []), ...sharedNotes(rows)],
    head,
    rows: rows.map((row) => [row.configuration, ...scored(row), ...(compared ? difference(row) : [])]),
    ...grouped(rows),
  };
}

/** The group of each row, where any row has one. */
export function grouped(rows: readonly ResultRow[]): Pick<Table, 'groups'> {
  return rows.some(({ group }) => group !== undefined) ? { groups: rows.map(({ group }) => group ?? '') } : {};
}

function scored({ scores }: ResultRow): Cell[] {
  const score = scores.classHead?.weightedF1;
  if (!score) return [null, null, null];
  return [
    { mean: score.mean, sd: score.sd, unit: 'percent' },
    score.interval ? { ...score.interval, unit: 'percent' } : null,
    { values: score.values, unit: 'percent' },
  ];
}

function difference({ comparison }: ResultRow): Cell[] {
  if (!comparison) return [null, null, null, null];
  return [
    { mean: comparison.difference, sd: null, unit: 'points' },
    { ...comparison.interval, unit: 'points' },
    { p: comparison.pHolm },
    { p: comparison.pValue },
  ];
}

function comparisonNotes({ resampling }: ExperimentResults, rows: readonly ResultRow[]): string[] {
  const references = [...new Set(rows.flatMap(({ comparison }) => comparison?.reference ?? []))];
  const named = references.map((name) => `“${name}”`).join(' or ');
  return [
    `Difference: percentage points to ${named} on the same seeds; p of paired approximate randomisation over dialogues ` +
      `(${resampling.resamples.toLocaleString('en-US')} resamples), corrected by Holm over all comparisons on this corpus.`,
  ];
}

function failures(rows: readonly ResultRow[]): string[] {
  return rows.flatMap(({ configuration, failed }) =>
    failed.map(({ seed, reason }) => `“${configuration}”, seed ${seed}, failed: ${reason}`),
  );
}

/** What all configurations have in common; where they differ, the table of runs tells. */
function sharedNotes(rows: readonly ResultRow[]): string[] {
  const shared = (of: (row: ResultRow) => string) => (new Set(rows.map(of)).size === 1 ? of(rows[0]) : undefined);
  const settings = rows[0]?.settings.filter((one) => rows.every((row) => row.settings.includes(one))) ?? [];
  const parts = {
    Anchors: shared(({ anchors }) => anchors),
    Modalities: shared(({ modalities }) => modalities.join(' + ') || '–'),
    Settings: settings.join(', ') || undefined,
  };
  const said = Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}.`]));
  return said.length === 0 ? [] : [rows.length === 1 ? said.join(' ') : `In common: ${said.join(' ')}`];
}
