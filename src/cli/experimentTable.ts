import { join } from 'node:path';
import { corpusKind } from '../corpus/index.js';
import type { ExperimentResults, RunStatus } from '../evaluation/index.js';
import { formatTable, percent, plural, print, say } from './output.js';

/** A p-value as people read it: 0.012, <0.001. */
const pValue = (p: number): string => (p < 0.001 ? '<0.001' : p.toFixed(3));

/** The class head's weighted F1 of every row, and what failed. */
export function printResults(results: ExperimentResults, directory: string): void {
  for (const { name, title, synthetic, composed, note } of results.corpora) {
    const rows = results.rows.filter(({ corpus }) => corpus === name);
    print(
      `\n${corpusKind({ synthetic, composed })} "${title}", ${results.split} split, ${results.selection}, weighted F1 of the class head`,
    );
    if (note) print(`Note: ${note}`);
    print(
      formatTable(
        ['configuration', 'mean', 'sd', '95 % interval', 'against', 'difference', 'p (Holm)'],
        rows.map(({ configuration, scores, comparison }) => {
          const score = scores.classHead?.weightedF1;
          return [
            configuration,
            score ? percent(score.mean) : '–',
            score?.sd == null ? '–' : percent(score.sd),
            score?.interval ? `${percent(score.interval.lower)} to ${percent(score.interval.upper)}` : '–',
            comparison?.reference ?? '–',
            comparison ? percent(comparison.difference) : '–',
            comparison ? pValue(comparison.pHolm) : '–',
          ];
        }),
      ),
    );
  }
  for (const { corpus, configuration, failed } of results.rows) {
    for (const { seed, reason } of failed) say(`${corpus}, ${configuration}, seed ${seed} failed: ${reason}`);
  }
  for (const note of results.notes) say(`Note: ${note}`);
  print(`\n${join(directory, 'results.json')} holds all scores; "vega-merc report ${directory}" makes a page of them.`);
}

/** How many runs are done, and who is at which of the others. */
export function printStatus(runs: readonly RunStatus[]): void {
  const counts = ['done', 'running', 'failed', 'waiting'].map(
    (state) => `${runs.filter((run) => run.state === state).length} ${state}`,
  );
  print(`${plural(runs.length, 'run')}: ${counts.join(', ')}.`);
  const open = runs.filter(({ state }) => state === 'running' || state === 'failed');
  if (open.length === 0) return;
  print(
    formatTable(
      ['run', 'state', 'epochs', 'by'],
      open.map(({ directory, state, epochs, owner }) => [
        directory,
        state,
        epochs,
        owner ? `process ${owner.pid} on ${owner.host} since ${owner.since}` : '–',
      ]),
    ),
  );
  for (const { directory, reason } of open) if (reason) say(`${directory}: ${reason}`);
}
