import { stringify } from 'csv-stringify/sync';
import type { Table } from '../table.js';
import { flatten } from './flat.js';

/** A table as CSV (RFC 4180) with a line of titles; what was not measured is empty. */
export function csv(table: Table): string {
  const columns = flatten(table);
  const rows = table.rows.map((_, r) => columns.map(({ values }) => values[r]));
  return stringify([columns.map(({ title }) => title), ...rows]);
}
