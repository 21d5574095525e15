import { appendFileSync, existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { withFile } from '../../base/claim.js';
import { diskError, writeFileAtomic } from '../../base/files.js';
import { parseJson } from '../../base/json.js';
import { readFileStart, readText } from '../../base/read.js';
import { sha256 } from '../../base/sha256.js';

/** One look at a test split. */
const entrySchema = z.object({
  /** ISO 8601. */
  time: z.string(),
  corpus: z.string(),
  corpusHash: z.string(),
  split: z.literal('test'),
  configuration: z.string(),
  seed: z.int(),
  /** SHA-256 of the model's weights; absent for baselines that have none. */
  model: z.string().optional(),
  /** What was scored: "scores", or "drop audio 0.3". */
  what: z.string(),
  selection: z.enum(['validation-selected', 'test-selected']),
});
export type LedgerEntry = z.infer<typeof entrySchema>;

/** A line of the file: each holds the hash of the one before, so that none can be changed or taken out unnoticed. */
const lineSchema = entrySchema.extend({ previous: z.string() });

const LEDGER = 'ledger.jsonl';
const FIRST = '0'.repeat(64);

/**
 * Records a look at the test split before it happens, so that no look is missing however the process ends. Several
 * processes, on several machines, may share a ledger. Its end alone is read, since each look of an experiment of a hundred
 * thousand runs would otherwise read all before it, one process after the other.
 * @param intent a file of the run's: from where in the ledger on its own looks stand. With it, a look that is there
 * already, at the same weights, is not recorded again: a run that was killed between the look and its scores repeats it.
 */
export function recordLook(directory: string, entry: LedgerEntry, { intent }: { intent?: string } = {}): void {
  const path = join(directory, LEDGER);
  withFile(path, { doing: 'record a look', brief: true, wait: 60_000 }, () => {
    try {
      const { last, end } = wholeEnd(path);
      if (intent !== undefined && existsSync(intent)) {
        const { from } = parseJson(intentSchema, readText(intent), intent, { advice: 'Delete it.' });
        const since = linesOf(new TextDecoder().decode(readFileStart(path, end - from, from).bytes));
        if (since.some((line, i) => isSameLook(parseLine(line, `${path} from byte ${from} on`, i), entry))) return;
      } else if (intent !== undefined) writeFileAtomic(intent, `${JSON.stringify({ from: end })}\n`);
      const previous = last === undefined ? FIRST : sha256(last);
      appendFileSync(path, `${JSON.stringify({ ...entry, previous })}\n`, { flush: true });
    } catch (error) {
      throw diskError(path, error);
    }
  });
}

const intentSchema = z.object({ from: z.int().min(0) });

/** Bytes of a ledger's end that are read at first; a line has some hundreds. */
const END = 8192;

/**
 * The last whole line of a ledger, and where it ends; what follows was not written to its end, came before no look, and is
 * cut off.
 */
function wholeEnd(path: string): { last?: string; end: number } {
  if (!existsSync(path)) return { end: 0 };
  const { size } = statSync(path);
  for (let length = END; ; length *= 8) {
    const at = Math.max(0, size - length);
    const { bytes } = readFileStart(path, length, at);
    const end = bytes.lastIndexOf(NEWLINE);
    const before = end < 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1);
    if (before < 0 && at > 0) continue;
    if (end < bytes.length - 1) truncateSync(path, at + end + 1);
    return end < 0
      ? { end: 0 }
      : { last: new TextDecoder().decode(bytes.subarray(before + 1, end)), end: at + end + 1 };
  }
}

const NEWLINE = 10;

function isSameLook(one: LedgerEntry, other: LedgerEntry): boolean {
  const facts = ({ corpusHash, configuration, corpus, seed, model, what, selection }: LedgerEntry) =>
    JSON.stringify([corpusHash, corpus, configuration, seed, model, what, selection]);
  return facts(one) === facts(other);
}

/** The file that makes a directory an experiment's. */
export const PLAN = 'experiment.json';

/** The experiment that a run directory belongs to (EXPERIMENT/runs/CORPUS/CONFIGURATION/seed-N), if any. */
export function experimentOf(run: string): { directory: string; corpus: string; configuration: string } | undefined {
  const [runs, corpus, configuration] = resolve(run).split(sep).slice(-4);
  const directory = resolve(run, '../../../..');
  return runs === 'runs' && existsSync(join(directory, PLAN)) ? { directory, corpus, configuration } : undefined;
}

/**
 * All looks so far, oldest first; a line that was cut off is left out.
 * @throws InputError where a line is no look.
 */
export function readLedger(directory: string): LedgerEntry[] {
  const path = join(directory, LEDGER);
  return linesOf(wholeText(path)).map((line, i) => {
    const { previous: _, ...entry } = parseLine(line, path, i);
    return entry;
  });
}

/** Where a ledger stands: how many looks it has, and the hash of the last one, which stands for all before it. */
export interface LedgerState {
  looks: number;
  head: string;
}

export function ledgerState(directory: string): LedgerState {
  const lines = linesOf(wholeText(join(directory, LEDGER)));
  return { looks: lines.length, head: lines.length === 0 ? FIRST : sha256(lines[lines.length - 1]) };
}

/**
 * What is wrong with a ledger, a sentence each: lines that were changed, taken out or put in.
 * @param earlier where it once stood.
 */
export function ledgerFailures(directory: string, earlier?: LedgerState): string[] {
  const path = join(directory, LEDGER);
  const lines = linesOf(wholeText(path));
  const failures: string[] = [];
  lines.forEach((line, i) => {
    const before = i === 0 ? FIRST : sha256(lines[i - 1]);
    if (parseLine(line, path, i).previous === before) return;
    failures.push(
      `${path}, line ${i + 1}: it does not follow ${i === 0 ? 'the beginning' : 'the line before it'}: a line was changed, taken out or put in.`,
    );
  });
  if (earlier !== undefined && earlier.looks > 0) {
    const then = lines[earlier.looks - 1];
    if (then === undefined || sha256(then) !== earlier.head) {
      failures.push(
        `${path} had ${earlier.looks} looks at the test split when the results were computed; they are not the first ` +
          `of its ${lines.length} lines any more: a line was changed or taken out.`,
      );
    }
  }
  return failures;
}

function parseLine(line: string, path: string, index: number): z.infer<typeof lineSchema> {
  return parseJson(lineSchema, line, `${path}, line ${index + 1}`, {
    advice: 'Looks at the test split are never deleted or changed; restore the file.',
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw diskError(path, error);
  }
}

/** Up to the end of the last whole line. */
function wholeText(path: string): string {
  const text = textOf(path);
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');
