import type { OpenedExperiment } from '../evaluation/index.js';
import { csv } from './formats/csv.js';
import { tablesJson } from './formats/json.js';
import { latexTable } from './formats/latex.js';
import { escapeMarkdown, markdownTable } from './formats/markdown.js';
import { aboutNumbers, corpusNotes, isRun } from './reading.js';
import { type Reference, referenceNotes } from './reference.js';
import type { Table } from './table.js';
import { tablesOf, tablesOfAll, tablesOfCorpus } from './tables/index.js';
import { ATTEMPTS } from './tables/timeline.js';

/**
 * Experiments and runs as one Markdown document.
 * @param command what wrote it, to be said in its first lines.
 */
export function markdownDocument(
  experiments: readonly OpenedExperiment[],
  command: string,
  reference?: Reference,
): string {
  const parts = [
    '# Results',
    `Written by \`${command}\`; not edited by hand.`,
    'Scores in percent, of the split that the tables name: mean ± sample standard deviation over seeds, and every run. The class head ' +
      'unless said otherwise. “–” was not measured.',
  ];
  for (const experiment of experiments) {
    const { name, description, corpora, notes } = experiment.results;
    parts.push(`## ${escapeMarkdown(name)}`);
    if (description) parts.push(escapeMarkdown(description));
    parts.push(aboutNumbers(experiment).map(escapeMarkdown).join(' '));
    if (notes.length > 0) parts.push(notes.map((note) => `- ${escapeMarkdown(note)}`).join('\n'));
    for (const corpus of corpora) {
      parts.push(`### ${escapeMarkdown(corpus.name)}`);
      parts.push(...[...corpusNotes(corpus), ...referenceNotes(reference, corpus)].map(escapeMarkdown));
      for (const table of tablesOfCorpus(experiment, corpus, reference)) parts.push(...markdownSection(table));
    }
    for (const table of tablesOfAll(experiment)) if (table.key !== ATTEMPTS) parts.push(...markdownSection(table));
  }
  return `${parts.join('\n\n')}\n`;
}

/** Tables that a document opens with; the others are folded, for readers who want to know more. */
const OPEN = ['results', 'pytorch', 'drops'];

function markdownSection(table: Table): string[] {
  const title = escapeMarkdown(table.title);
  if (OPEN.includes(table.key)) return [`**${title}**`, markdownTable(table)];
  return [`<details><summary>${title}</summary>`, markdownTable(table), '</details>'];
}

/** Every table but the attempts, of which there may be thousands, as LaTeX, to be included in a document that loads booktabs. */
export function latexDocument(experiment: OpenedExperiment, reference?: Reference): string {
  const about = aboutNumbers(experiment).map((sentence) => `% ${sentence}`);
  const tables = tablesOf(experiment, reference).filter(({ key }) => key !== ATTEMPTS);
  return `${[...about, '% Needs \\usepackage{booktabs}.', ...tables.map(latexTable)].join('\n\n')}\n`;
}

/** Every table as one JSON document, with what must be said beside the numbers. */
export function jsonDocument(experiment: OpenedExperiment, reference?: Reference): string {
  const { name, selection, corpora, resampling, code, machine, notes } = experiment.results;
  const about = {
    [isRun(experiment) ? 'run' : 'experiment']: name,
    selection,
    unit: 'percent; Brier as it is',
    corpora: corpora.map((corpus) => ({ name: corpus.name, hash: corpus.hash, notes: corpusNotes(corpus) })),
    notes,
    resampling,
    code,
    machine,
  };
  return tablesJson(about, tablesOf(experiment, reference));
}

/** Every table as CSV under a file name of its own. */
export function csvFiles(experiment: OpenedExperiment, reference?: Reference): { name: string; content: string }[] {
  return tablesOf(experiment, reference).map((table) => {
    const name = [table.corpus, table.key].filter((part) => part !== undefined).join('-');
    return { name: `${name.replace(/[^\p{L}\p{N}._-]+/gu, '-')}.csv`, content: csv(table) };
  });
}
