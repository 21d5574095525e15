import { join } from 'node:path';
import { corpusKind } from '../corpus/index.js';
import type { ExperimentResults, ExperimentStatus, SearchResult } from '../evaluation/index.js';
import { sumLine } from './board.js';
import { count, duration, formatTable, percent, print, say } from './output.js';

/** A p-value as people read it: 0.012, <0.001. */
const pValue = (p: number): string => (p < 0.001 ? '<0.001' : p.toFixed(3));

/** The class head's weighted F1 of every row, and what failed. */
export function printResults(results: ExperimentResults, directory: string): void {
  for (const { name, title, synthetic, composed, note } of results.corpora) {
    const rows = results.rows.filter(({ corpus }) => corpus === name);
    const alike = results.corpora.filter((one) => one.title === title).length;
    print(
      `\n${corpusKind({ synthetic, composed })} "${title}"${alike > 1 ? ` as ${name}` : ''}, ${results.split} split, ${results.selection}, weighted F1 of the class head`,
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
  for (const search of results.searches ?? []) printSearch(search);
  for (const { corpus, configuration, failed } of results.rows) {
    for (const { seed, reason } of failed) say(`${corpus}, ${configuration}, seed ${seed} failed: ${reason}`);
  }
  for (const note of results.notes) say(`Note: ${note}`);
  print(`\n${join(directory, 'results.json')} holds all scores; "vega-merc report ${directory}" makes a page of them.`);
}

/** Rung by rung the best candidates, what was chosen, and what it cost. */
export function printSearch({
  corpus,
  method,
  candidates,
  rungs,
  chosen,
  configuration,
  spent,
  all,
}: SearchResult): void {
  const names = Object.keys(candidates);
  print(
    `\n${corpus}: ${method === 'halving' ? 'successive halving' : `${method} search`} of ${names.length} configurations, ` +
      'best score of the validation split so far, of the head that selects the epoch',
  );
  const place = (name: string) => rungs.findLastIndex(({ scores }) => scores[name] !== undefined);
  const last = (name: string) => rungs.at(place(name))?.scores[name] ?? -1;
  const best = names.toSorted((a, b) => place(b) - place(a) || last(b) - last(a)).slice(0, SHOWN);
  print(
    formatTable(
      ['', ...rungs.map(({ epochs }) => (epochs === 1 ? '1 epoch' : `${epochs} epochs`)), 'settings'],
      best.map((name) => [
        name,
        ...rungs.map(({ scores }) => (scores[name] == null ? '–' : percent(scores[name]))),
        candidates[name].join(', '),
      ]),
    ),
  );
  if (names.length > SHOWN) print(`… and ${names.length - SHOWN} more, in search.json`);
  print(
    `${count(spent.epochs)} epochs in ${duration(spent.seconds)}; ${count(all)} epochs are what all of them could have had.` +
      (chosen === undefined ? '' : ` Chosen: ${chosen}, which is "${configuration}" above.`),
  );
}

/** Candidates that are printed. */
const SHOWN = 10;

/** How many runs are done, how fast it goes, and who is at which of the others. */
export function printStatus({ runs, progress }: ExperimentStatus): void {
  print(sumLine('run', progress));
  const open = runs.filter(({ state }) => state === 'running' || state === 'failed');
  if (open.length === 0) return;
  const atWork = new Map(progress.atWork.map((one) => [one.name, one]));
  print(
    formatTable(
      ['run', 'state', 'epochs', 'node', 'for', 'by'],
      open.map(({ directory, state, epochs, owner, node, median }) => {
        const work = atWork.get(directory);
        return [
          directory,
          median === undefined ? state : `${state}, slow`,
          epochs,
          node ?? '–',
          work ? duration(work.seconds) : '–',
          owner ? `process ${owner.pid} on ${owner.host} since ${owner.since}` : '–',
        ];
      }),
    ),
  );
  for (const { directory, reason, median } of open) {
    if (reason) say(`${directory}: ${reason}`);
    if (median !== undefined) say(`${directory} is slow: half of those done took at most ${duration(median)}.`);
  }
}
