import { stringify } from 'csv-stringify/sync';
import type { Table } from '../table.js';
import { flatten } from './flat.js';

/** What makes a spreadsheet take a text for a formula (OWASP, "CSV injection"); lists of numbers are none. */
const FORMULA = /^(?![-+]?[\d.]+( [-+]?[\d.]+)*$)[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/;

/** Text that stays text in a spreadsheet: an apostrophe before what would be a formula. Numbers are left alone. */
const cell = (value: string | number | null) =>
  typeof value === 'string' && FORMULA.test(value) ? `'${value}` : value;

/** A table as CSV (RFC 4180) with a line of titles; what was not measured is empty. */
export function csv(table: Table): string {
  const columns = flatten(table);
  const rows = table.rows.map((_, r) => columns.map(({ values }) => cell(values[r])));
  return stringify([columns.map(({ title }) => cell(title)), ...rows]);
}
