/** What a measured number counts: a share from 0 to 1 shown in percent, a difference of such shares in points, or itself. */
export type Unit = 'percent' | 'points' | 'plain';

/** One value of a table. `null`, and a number that is NaN, was not measured. */
export type Cell =
  | string
  | number
  | null
  /** A mean with its standard deviation over seeds; null for one seed. */
  | { mean: number; sd: number | null; unit: Unit }
  /** A 95 % interval. */
  | { lower: number; upper: number; unit: Unit }
  /** A value a run. */
  | { values: readonly number[]; unit: Unit }
  | { p: number };

/** A table as every format writes it. */
export interface Table {
  /** Short name, unique in a document with `corpus`: "results", "heads". */
  key: string;
  /** The corpus that it is about; absent where it is about all. */
  corpus?: string;
  title: string;
  /** What must be said beside it, a sentence an entry. */
  notes: string[];
  head: string[];
  /** As many cells a row as there are titles; the first names the row. */
  rows: Cell[][];
  /** For each row what it belongs to, equal ones one after the other; absent where rows are not grouped. */
  groups?: string[];
}

/** A cell as people read it: "61.3 ± 0.5", "60.1 to 62.4", "+0.7", "0.032"; a dash where nothing was measured. */
export function cellText(cell: Cell): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return Number.isNaN(cell) ? '–' : cell.toLocaleString('en-US');
  if ('p' in cell) return pText(cell.p);
  const show = (value: number) => number(value, cell.unit);
  if ('values' in cell) return cell.values.length === 0 ? '–' : cell.values.map(show).join(', ');
  if ('lower' in cell) return Number.isNaN(cell.lower) ? '–' : `${show(cell.lower)} to ${show(cell.upper)}`;
  const spread = cell.sd === null || Number.isNaN(cell.sd) ? '' : ` ± ${number(cell.sd, cell.unit, false)}`;
  return Number.isNaN(cell.mean) ? '–' : `${show(cell.mean)}${spread}`;
}

/** Is the column read as numbers, so that it stands to the right? */
export function isNumeric(table: Table, column: number): boolean {
  const cells = table.rows.map((row) => row[column]).filter((cell) => cell !== null);
  return column > 0 && cells.length > 0 && cells.every((cell) => typeof cell !== 'string');
}

/** A share from 0 to 1 in percent: 61.3. */
export function percent(share: number): string {
  return number(share, 'percent');
}

function number(value: number, unit: Unit, signed = unit === 'points'): string {
  if (Number.isNaN(value)) return '–';
  const digits = unit === 'plain' ? value.toFixed(3) : (100 * value).toFixed(1);
  const rounded = Number(digits);
  const magnitude = digits.replace('-', '');
  if (rounded < 0) return `−${magnitude}`;
  return signed && rounded > 0 ? `+${magnitude}` : magnitude;
}

/** A p-value; below what 10,000 resamples can tell apart only the bound. */
export function pText(p: number): string {
  if (Number.isNaN(p)) return '–';
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}
