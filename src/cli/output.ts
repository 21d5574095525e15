import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { printable } from '../base/words.js';

/** Prints a result: whole lines on stdout; what names in it would tell a terminal to do is written out. */
export function print(text = ''): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** Prints the one JSON document that a command with --json gives. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Tells a person what goes on: stderr, so that results can be piped. Written out like results. */
export function say(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** A cell of a table; numbers come out as they are, so round them first. */
export type Cell = string | number;

/**
 * A table as text, without colours: numbers to the right, words to the left.
 * @param head column titles; @param rows as many cells a row as there are titles
 */
export function formatTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const numeric = (column: number) =>
    rows.length > 0 && rows.every((row) => /^[-+]?[\d.,]*\d|^–$/.test(`${row[column]}`));
  const table = new Table({
    head: head.map(oneLine),
    colAligns: head.map((_, column) => (numeric(column) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(row.map(oneLine));
  return table.toString();
}

/** A cell that keeps to its line, and obeys no terminal (before it is measured). */
const oneLine = (cell: Cell): string => printable(`${cell}`.replace(/[\n\t]/g, (c) => (c === '\n' ? '\\n' : '\\t')));

/** A score between 0 and 1 as people read it: 61.3. */
export function percent(score: number): string {
  return (100 * score).toFixed(1);
}

/** A count as people read it: 13,708. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** "1 dialogue", "2 dialogues". */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Seconds as people read them: "12 s", "4 min", "2.5 h". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** "1,200 an hour, about 5 min left", of so many in so many seconds; nothing before a second has passed. */
export function paceOf(done: number, total: number, seconds: number): string {
  if (seconds < 1 || done === 0) return '';
  const left = done < total ? `, about ${duration((seconds / done) * (total - done))} left` : '';
  return `${count(Math.round((3600 * done) / seconds))} an hour${left}`;
}

/** How far a long piece of work is. */
export interface Progress {
  /** @param done units so far, of the total; @param note what to say beside it, for instance the last score */
  update(done: number, note?: string): void;
  /** Ends it; what is printed afterwards stands on a line of its own. */
  stop(): void;
}

/** On a terminal a bar with the time left; elsewhere a plain line each time another tenth is done. Goes to stderr. */
export function createProgress(label: string, total: number): Progress {
  if (!process.stderr.isTTY) return plainProgress(label, total);
  const bar = new SingleBar({
    format: '{label} {bar} {value}/{total} | {eta_formatted} left {note}',
    stream: process.stderr,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    etaBuffer: 20,
  });
  bar.start(total, 0, { label, note: '' });
  return {
    update: (done, note = '') => bar.update(done, { note: note === '' ? '' : `| ${printable(note)}` }),
    stop: () => bar.stop(),
  };
}

function plainProgress(label: string, total: number): Progress {
  let tenths = 0;
  return {
    update(done, note = '') {
      const reached = Math.floor((10 * done) / Math.max(1, total));
      if (reached <= tenths) return;
      tenths = reached;
      say(`${label} ${done}/${total}${note === '' ? '' : ` ${note}`}`);
    },
    stop: () => undefined,
  };
}
