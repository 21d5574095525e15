import type { Table } from '../table.js';
import { flatten } from './flat.js';

/** Tables for machines: each a list of rows, an object a row; what was not measured is null. Shares are in percent. */
export function tablesJson(about: Record<string, unknown>, tables: readonly Table[]): string {
  const content = tables.map((table) => {
    const columns = flatten(table);
    const rows = table.rows.map((_, r) => Object.fromEntries(columns.map(({ title, values }) => [title, values[r]])));
    const { key, corpus, title, notes } = table;
    return { key, ...(corpus !== undefined && { corpus }), title, notes, rows };
  });
  return `${JSON.stringify({ format: 'vega-merc-tables', version: 1, ...about, tables: content }, null, 2)}\n`;
}
