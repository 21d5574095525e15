import type { ExperimentCorpus, ExperimentResults, LedgerEntry } from '../../evaluation/index.js';
import { rowsOf } from '../reading.js';
import { type Cell, pText, type Table } from '../table.js';
import { grouped } from './results.js';

/** What each configuration is and how its runs went: settings, seeds, kept epochs, scores that selected them, time. */
export function runsTable(results: ExperimentResults, corpus: ExperimentCorpus): Table {
  const rows = rowsOf(results, corpus);
  const listed = (numbers: (number | undefined)[]): Cell =>
    numbers.every((one) => one === undefined) ? null : numbers.map((one) => one ?? '–').join(', ');
  return {
    key: 'runs',
    corpus: corpus.name,
    title: `${corpus.name}: configurations and their runs`,
    notes: [`Kept epoch: the one with the best weighted F1 on the ${selecting(results)} split.`],
    head: [
      'configuration',
      'what it is',
      'anchors',
      'modalities',
      'settings',
      'seeds',
      'kept epoch',
      `${selecting(results)} F1`,
      'seconds',
    ],
    rows: rows.map(({ configuration, description, anchors, modalities, settings, runs }) => [
      configuration,
      description ?? null,
      anchors,
      modalities.join(' + ') || null,
      settings.join(', ') || null,
      listed(runs.map(({ seed }) => seed)),
      listed(runs.map(({ bestEpoch }) => bestEpoch)),
      runs.some(({ selectionScore }) => selectionScore !== undefined)
        ? { values: runs.map(({ selectionScore }) => selectionScore ?? Number.NaN), unit: 'percent' }
        : null,
      runs.some(({ seconds }) => seconds !== undefined)
        ? Math.round(runs.reduce((sum, { seconds = 0 }) => sum + seconds, 0))
        : null,
    ]),
    ...grouped(rows),
  };
}

const selecting = ({ selection }: ExperimentResults): string => (selection === 'test-selected' ? 'test' : 'validation');

/** McNemar's test of every comparison, seed by seed; undefined where nothing is compared. */
export function mcnemarTable(results: ExperimentResults, corpus: ExperimentCorpus): Table | undefined {
  const rows = rowsOf(results, corpus).filter(({ comparison }) => comparison?.mcnemar.length);
  if (rows.length === 0) return undefined;
  return {
    key: 'mcnemar',
    corpus: corpus.name,
    title: `${corpus.name}: McNemar's test on correctness, ${results.selection}`,
    notes: [
      'Utterances that only this configuration, or only the reference, predicts rightly, seed by seed. The test takes ' +
        'utterances for independent, which those of one dialogue are not, so it says "different" too readily.',
    ],
    head: ['configuration', 'reference', 'seeds', 'only this / only reference', 'p'],
    rows: rows.map(({ configuration, comparison }) => [
      configuration,
      comparison?.reference ?? null,
      comparison?.mcnemar.map(({ seed }) => seed).join(', ') ?? null,
      comparison?.mcnemar.map(({ onlyThis, onlyReference }) => `${onlyThis} / ${onlyReference}`).join(', ') ?? null,
      comparison?.mcnemar.map(({ pValue }) => pText(pValue)).join(', ') ?? null,
    ]),
    ...grouped(rows),
  };
}

/** Weighted F1 with a modality taken away from a share of the test utterances; undefined where that was not measured. */
export function dropsTable(results: ExperimentResults, corpus: ExperimentCorpus): Table | undefined {
  const drops = results.drops.filter((drop) => drop.corpus === corpus.name);
  if (drops.length === 0) return undefined;
  const shares = [...new Set(drops.map(({ share }) => share))].toSorted((a, b) => a - b);
  const columns = drops.filter(
    (drop, i) =>
      drops.findIndex((one) => one.configuration === drop.configuration && one.modality === drop.modality) === i,
  );
  return {
    key: 'drops',
    corpus: corpus.name,
    title: `${corpus.name}: weighted F1 with a modality dropped at test time, ${results.selection}`,
    notes: ['A row is the share of test utterances without the modality; mean ± sd over seeds.'],
    head: ['dropped', ...columns.map(({ configuration, modality }) => `${configuration}: ${modality}`)],
    rows: shares.map((share) => [
      `${Math.round(100 * share)} %`,
      ...columns.map(({ configuration, modality }): Cell => {
        const drop = drops.find(
          (one) => one.configuration === configuration && one.modality === modality && one.share === share,
        );
        return drop ? { mean: drop.weightedF1.mean, sd: drop.weightedF1.sd, unit: 'percent' } : null;
      }),
    ]),
  };
}

/** How often the test sets were looked at, and by what; undefined where nobody kept a ledger. */
export function ledgerTable(ledger: readonly LedgerEntry[]): Table | undefined {
  if (ledger.length === 0) return undefined;
  const groups = new Map<string, LedgerEntry[]>();
  for (const look of ledger) {
    const what = look.what.startsWith('drop ') ? 'drops of modalities' : look.what;
    const key = JSON.stringify([look.corpus, look.configuration, what]);
    groups.set(key, [...(groups.get(key) ?? []), look]);
  }
  const label = [...new Set(ledger.map(({ selection }) => selection))].join(' and ');
  return {
    key: 'ledger',
    title: `Looks at the test sets, ${label}`,
    notes: [`${ledger.length.toLocaleString('en-US')} looks in all, each recorded before it happened.`],
    head: ['configuration', 'corpus', 'what was scored', 'looks', 'first', 'last'],
    rows: [...groups].map(([key, looks]) => {
      const [corpus, configuration, what] = JSON.parse(key) as string[];
      const times = looks.map(({ time }) => time).toSorted();
      return [configuration, corpus, what, looks.length, minute(times[0]), minute(times[times.length - 1])];
    }),
  };
}

/** "2026-11-24 12:45" in UTC. */
const minute = (time: string): string => time.slice(0, 16).replace('T', ' ');

/** The corpora as they were used. */
export function corporaTable({ corpora }: ExperimentResults): Table {
  const size = ({ splits }: ExperimentCorpus, split: 'train' | 'valid' | 'test'): Cell => {
    const counts = splits[split];
    return counts
      ? `${counts.utterances.toLocaleString('en-US')} in ${counts.dialogues.toLocaleString('en-US')}`
      : null;
  };
  return {
    key: 'corpora',
    title: 'Corpora: labelled utterances in dialogues',
    notes: [],
    head: ['corpus', 'train', 'validation', 'test', 'classes, in order', 'hash'],
    rows: corpora.map((corpus) => [
      corpus.name,
      size(corpus, 'train'),
      size(corpus, 'valid'),
      size(corpus, 'test'),
      corpus.classes.join(', '),
      corpus.hash.slice(0, 12),
    ]),
  };
}
