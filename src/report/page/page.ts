import { classColour, escapeHtml } from '../../base/page.js';
import { pageScript } from '../../base/pageScript.js';
import type { OpenedExperiment } from '../../evaluation/index.js';
import { aboutNumbers, chosenRow, isRun } from '../reading.js';
import type { Reference } from '../reference.js';
import { corporaTable, ledgerTable } from '../tables/runs.js';
import { corpusPage, corpusSections } from './corpus.js';
import { dialogueSection } from './dialogues.js';
import { htmlTable, paragraph } from './html.js';
import { PAGE_STYLE } from './style.js';
import { workSection } from './work.js';

/** Bytes for dialogues and faces of all corpora, so that the page stays below 4 MB. */
const BUDGET = 3_000_000;

/** A page, and what its writer must be told. */
export interface ReportPage {
  html: string;
  notes: string[];
}

/**
 * One HTML page about a run or an experiment, below 4 MB, with everything inside it; it loads nothing.
 * @param reference another program's scores, to stand beside.
 */
export function reportPage(experiment: OpenedExperiment, reference?: Reference): ReportPage {
  const { results, ledger } = experiment;
  const kind = isRun(experiment) ? 'Run' : 'Experiment';
  const notes: string[] = [];
  const budget = BUDGET / Math.max(results.corpora.length, 1);
  const corpora = results.corpora.map((corpus, i) => {
    const id = `corpus${i}`;
    const chosen = chosenRow(results, corpus);
    const body = () => {
      if (!chosen) return paragraph('No run on this corpus has ended yet.');
      const page = corpusPage(experiment, corpus, chosen, id);
      const dialogues = dialogueSection(page, budget);
      notes.push(...dialogues.notes);
      return `${corpusSections(page, reference)}\n${dialogues.html}`;
    };
    return {
      id,
      name: corpus.name,
      html: `<section class="corpus" id="${id}" aria-labelledby="${id}-h"><h2 id="${id}-h">${escapeHtml(corpus.name)}</h2>\n${body()}</section>`,
    };
  });
  const work = workSection(experiment.timeline);
  const links = [
    ...corpora,
    ...(work === '' ? [] : [{ id: 'work', name: 'Where the runs were done' }]),
    { id: 'ledger', name: 'Looks at the test set' },
    { id: 'numbers', name: 'The numbers' },
  ];
  const looks = ledgerTable(ledger);
  const title = `${kind} ${results.name}`;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)} – vega-merc report</title>
<style>${PAGE_STYLE}${Array.from({ length: 10 }, (_, c) => `.c${c}{--class:${classColour(c)}}`).join('')}</style>
</head>
<body>
<a class="skip" href="#main">To the results</a>
<header>
<h1>${escapeHtml(title)}</h1>
${paragraph(results.description ?? '')}
<p><em class="badge">${results.selection}</em> Emotion recognition in conversations with VEGA. ${results.finished ? '' : '<strong>Not finished: some planned runs have not ended yet.</strong>'}</p>
<nav aria-label="Contents"><ul>${links.map(({ id, name }) => `<li><a href="#${id}">${escapeHtml(name)}</a></li>`).join('')}</ul></nav>
</header>
<main id="main">
${corpora.map((corpus) => corpus.html).join('\n')}
${work}
<section id="ledger" aria-labelledby="ledger-h"><h2 id="ledger-h">Looks at the test set</h2>
${looks ? htmlTable(looks) : paragraph(NO_LEDGER[kind])}</section>
<section id="numbers" aria-labelledby="numbers-h"><h2 id="numbers-h">Where the numbers come from</h2>
${results.corpora.length > 1 ? htmlTable(corporaTable(results)) : ''}
<ul>${[...results.notes, ...aboutNumbers(experiment)].map((sentence) => `<li>${escapeHtml(sentence)}</li>`).join('')}</ul></section>
</main>
<script>${pageScript('report/page/script')}</script>
</body>
</html>
`;
  return { html, notes };
}

const NO_LEDGER = {
  Run: 'A single run keeps no ledger. “vega-merc experiment” records every look at a test set before it happens.',
  Experiment: 'This experiment has no ledger: nobody recorded how often its test sets were looked at.',
} as const;
