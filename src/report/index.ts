/** Runs and experiments for people: a self-contained page, and every table as Markdown, LaTeX, CSV and JSON. */
export { csvFiles, jsonDocument, latexDocument, markdownDocument } from './documents.js';
export { type ReportPage, reportPage } from './page/page.js';
export { type Reference, readReference } from './reference.js';
export { openSubject } from './subject.js';
export { type Cell, cellText, type Table } from './table.js';
export { tablesOf } from './tables/index.js';

/** The page's name in a run's or an experiment's directory. */
export const REPORT = 'report.html';
