import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { diskError } from '../../base/files.js';

/** One look at a test split. */
export interface LedgerEntry {
  /** ISO 8601. */
  time: string;
  corpus: string;
  corpusHash: string;
  split: 'test';
  configuration: string;
  seed: number;
  /** SHA-256 of the model's weights; absent for baselines that have none. */
  model?: string;
  /** What was scored: "scores", or "drop audio 0.3". */
  what: string;
  selection: 'validation-selected' | 'test-selected';
}

const LEDGER = 'ledger.jsonl';

/**
 * Records a look at the test split before it happens, so that no look is missing however the process ends. A line is
 * appended in one write: several processes may share a ledger.
 */
export function recordLook(directory: string, entry: LedgerEntry): void {
  const path = join(directory, LEDGER);
  try {
    appendFileSync(path, `${JSON.stringify(entry)}\n`);
  } catch (error) {
    throw diskError(path, error);
  }
}

/** The file that makes a directory an experiment's. */
export const PLAN = 'experiment.json';

/** The experiment that a run directory belongs to (EXPERIMENT/runs/CORPUS/CONFIGURATION/seed-N), if any. */
export function experimentOf(run: string): { directory: string; corpus: string; configuration: string } | undefined {
  const [runs, corpus, configuration] = resolve(run).split(sep).slice(-4);
  const directory = resolve(run, '../../../..');
  return runs === 'runs' && existsSync(join(directory, PLAN)) ? { directory, corpus, configuration } : undefined;
}

/** All looks so far, oldest first; a line that was cut off is left out. */
export function readLedger(directory: string): LedgerEntry[] {
  const path = join(directory, LEDGER);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (line === '') return [];
      try {
        return [JSON.parse(line) as LedgerEntry];
      } catch {
        return [];
      }
    });
}
