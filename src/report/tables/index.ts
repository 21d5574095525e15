import type { ExperimentCorpus, OpenedExperiment } from '../../evaluation/index.js';
import { chosenRow, rowsOf } from '../reading.js';
import { besideTable, type Reference } from '../reference.js';
import type { Table } from '../table.js';
import { resultsTable } from './results.js';
import { corporaTable, dropsTable, ledgerTable, mcnemarTable, runsTable } from './runs.js';
import { chosenHeadsTable, classesTable, confusionTable, headsTable, scoresTable } from './scores.js';
import { attemptsTable, nodesTable } from './timeline.js';

/** Every table of one corpus, the most important first. */
export function tablesOfCorpus(
  { results }: OpenedExperiment,
  corpus: ExperimentCorpus,
  reference?: Reference,
): Table[] {
  const rows = rowsOf(results, corpus);
  if (rows.length === 0) return [];
  const chosen = chosenRow(results, corpus);
  return [
    resultsTable(results, corpus),
    reference && besideTable(results, corpus, reference),
    ...(rows.length > 1 ? [scoresTable(results, corpus), headsTable(results, corpus)] : []),
    ...(chosen
      ? [
          chosenHeadsTable(results, corpus, chosen),
          classesTable(results, corpus, chosen),
          confusionTable(results, corpus, chosen),
        ]
      : []),
    dropsTable(results, corpus),
    mcnemarTable(results, corpus),
    runsTable(results, corpus),
  ].filter((table) => table !== undefined);
}

/** The tables that are about all corpora. */
export function tablesOfAll({ results, ledger, timeline }: OpenedExperiment): Table[] {
  const work = timeline === undefined ? [] : [nodesTable(timeline), attemptsTable(timeline)];
  return [corporaTable(results), ledgerTable(ledger), ...work].filter((table) => table !== undefined);
}

/** Every table of an experiment or run. */
export function tablesOf(experiment: OpenedExperiment, reference?: Reference): Table[] {
  const corpora = experiment.results.corpora.flatMap((corpus) => tablesOfCorpus(experiment, corpus, reference));
  return [...corpora, ...tablesOfAll(experiment)];
}
