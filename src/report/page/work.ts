import type { ExperimentTimeline } from '../../evaluation/index.js';
import { timelineChart } from '../charts/timeline.js';
import { plural } from '../reading.js';
import { attemptsTable, nodesTable } from '../tables/timeline.js';
import { htmlTable, paragraph, scrolling } from './html.js';

/** Rows of the table of attempts that a page shows; the other formats have all. */
const MOST_ATTEMPTS = 500;
/** A longer table of nodes is folded. */
const MOST_NODES = 20;

/** Which run was done where, when and how long, and what was wasted; nothing where no attempt is on record. */
export function workSection(timeline: ExperimentTimeline | undefined): string {
  if (timeline === undefined) return '';
  const { drawing, caption } = timelineChart(timeline);
  const all = attemptsTable(timeline);
  const more = all.rows.length - MOST_ATTEMPTS;
  const shown = {
    ...all,
    rows: all.rows.slice(0, MOST_ATTEMPTS),
    notes: more > 0 ? [`And ${plural(more, 'further attempt')}: --format csv or json has all.`] : [],
  };
  return `<section id="work" aria-labelledby="work-h"><h2 id="work-h">Where the runs were done</h2>
${paragraph(summary(timeline))}
<figure class="broad">${scrolling('Timeline of the runs', drawing)}<figcaption>${caption}</figcaption></figure>
${timeline.nodes.length > MOST_NODES ? folded(plural(timeline.nodes.length, 'node'), htmlTable(nodesTable(timeline))) : htmlTable(nodesTable(timeline))}
${folded(`${plural(all.rows.length, 'attempt')}, one by one`, htmlTable(shown))}</section>`;
}

const folded = (title: string, html: string): string =>
  `<details class="more"><summary>${title}</summary>${html}</details>`;

/** "30 runs done on 2 nodes in 312 s; attempts without a result: 2, 14 s, 2.1 % of all work." */
export function summary({ spans, nodes, seconds, wasted }: ExperimentTimeline): string {
  const done = plural(spans.length - wasted.attempts, 'run');
  const lost =
    wasted.attempts === 0
      ? 'no attempt ended without a result'
      : `${plural(wasted.attempts, 'attempt')} ended without a result: ${rounded(wasted.seconds)} s, ${(100 * wasted.share).toFixed(1)} % of all work`;
  return `${done} done on ${plural(nodes.length, 'node')} in ${rounded(seconds)} s; ${lost}.`;
}

const rounded = (seconds: number): string => Math.round(seconds).toLocaleString('en-US');
