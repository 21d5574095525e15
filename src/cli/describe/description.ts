import { type Cell, formatTable, print } from '../output.js';

/** What is in a file or directory, for people and for machines. */
export interface Description {
  /** What it is, with the article: "a corpus". */
  kind: string;
  /** Name and value, a line each. */
  facts: [string, Cell][];
  tables: { title: string; head: string[]; rows: Cell[][] }[];
  /** The same for machines; `kind` is added. */
  json: Record<string, unknown>;
}

/** A file or directory that `info` was asked about. */
export interface Subject {
  path: string;
  directory: boolean;
  /** Its first 16 bytes, fewer when it has fewer; none for a directory. */
  head: Uint8Array;
}

/** Knows one kind of file by its content, whatever its name. */
export interface Recogniser {
  recognises(subject: Subject): boolean;
  describe(path: string): Description | Promise<Description>;
}

/** Prints a description for people. @param heading first line, usually the path */
export function printDescription(heading: string, { kind, facts, tables }: Description): void {
  print(`${heading}: ${kind}`);
  const width = Math.max(...facts.map(([name]) => name.length));
  for (const [name, value] of facts) print(`  ${name.padEnd(width)}  ${value}`);
  for (const { title, head, rows } of tables) print(`\n${title}\n${formatTable(head, rows)}`);
}
