import type { Cell, Table, Unit } from '../table.js';

/** A column for machines: one number or text a row. */
export interface FlatColumn {
  title: string;
  values: (string | number | null)[];
}

/**
 * A table with one number a cell: a mean and its deviation, and the ends of an interval, stand in columns of their own;
 * the values of runs in one, with spaces between. Shares are in percent, differences in percentage points.
 */
export function flatten(table: Table): FlatColumn[] {
  const groups: FlatColumn[] = table.groups ? [{ title: 'group', values: table.groups }] : [];
  return [
    ...groups,
    ...table.head.flatMap((title, c) =>
      flatColumns(
        title,
        table.rows.map((row) => row[c]),
      ),
    ),
  ];
}

function flatColumns(title: string, cells: readonly Cell[]): FlatColumn[] {
  const kind = cells.find((cell) => typeof cell === 'object' && cell !== null);
  const each = (suffix: string, of: (cell: Exclude<Cell, string | number | null>) => string | number | null) => ({
    title: `${title}${suffix}`,
    values: cells.map((cell) => (typeof cell === 'object' && cell !== null ? of(cell) : plain(cell))),
  });
  if (kind === undefined || typeof kind !== 'object')
    return [{ title, values: cells.map((cell) => plain(cell as string)) }];
  if ('p' in kind) return [each('', (cell) => ('p' in cell ? finite(cell.p) : null))];
  if ('values' in kind)
    return [each('', (cell) => ('values' in cell ? cell.values.map((v) => scaled(v, cell.unit)).join(' ') : null))];
  if ('lower' in kind)
    return [
      each(', lower', (cell) => ('lower' in cell ? scaled(cell.lower, cell.unit) : null)),
      each(', upper', (cell) => ('lower' in cell ? scaled(cell.upper, cell.unit) : null)),
    ];
  const means = each('', (cell) => ('mean' in cell ? scaled(cell.mean, cell.unit) : null));
  const deviations = each(', sd', (cell) => ('mean' in cell && cell.sd !== null ? scaled(cell.sd, cell.unit) : null));
  return deviations.values.every((value) => value === null) ? [means] : [means, deviations];
}

const plain = (cell: string | number | null): string | number | null =>
  typeof cell === 'number' ? finite(cell) : cell;

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Four decimals are finer than any interval, and hide rounding that differs between machines. */
function scaled(value: number, unit: Unit): number | null {
  return finite(Number((unit === 'plain' ? value : 100 * value).toFixed(4)));
}
