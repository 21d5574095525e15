import { escapeHtml } from '../../base/page.js';
import type { ExperimentCorpus } from '../../evaluation/index.js';
import type { Chosen } from '../reading.js';
import { summed } from '../tables/scores.js';
import { figure, scrolling } from './html.js';

/** The confusion matrix as a table whose cells are shaded by their share of the row; the diagonal is framed. */
export function confusionFigure({ classes }: ExperimentCorpus, { row }: Chosen, scored: string): string {
  const head = classes.map((name) => `<th scope="col">${escapeHtml(name)}</th>`);
  const lines = row.confusion.map((line, t) => {
    const total = line.reduce((sum, count) => sum + count, 0);
    const cells = line.map((count, p) => {
      const share = total === 0 ? 0 : count / total;
      return `<td${t === p ? ' class="right"' : ''} style="--share:${Math.round(100 * share)}%">${count}<small>${Math.round(100 * share)} %</small></td>`;
    });
    return `<tr><th scope="row">${escapeHtml(classes[t])}</th>${cells.join('')}</tr>`;
  });
  const title = 'Confusion matrix';
  const table = `<table class="confusion"><caption class="hidden">${title}</caption><thead><tr><th scope="col">true ↓ predicted →</th>${head.join('')}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
  return figure(
    scrolling(title, table),
    `Confusion matrix of the class head of “${row.configuration}”, ${scored}: utterances, and their share of the true class. The diagonal is framed.${summed(row)}`,
  );
}
