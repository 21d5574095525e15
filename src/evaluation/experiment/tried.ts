import { type Attempt, endedBySlurm, jobOf, nodeOf, readAttempts } from '../../jobs/index.js';
import { readPlan } from './planFile.js';

/** The last try of a run: its node, and why it failed, with its log. */
export interface TriedRun {
  node?: string;
  failed?: string;
}

/** The input of the job that performs a run. @param hash the planned run's. */
export const inputOf = (hash: string): string => jobOf('train-run', '', hash, undefined).input;

/** Where an experiment's runs were tried, by their directories. */
export function triesOfRuns(
  directory: string,
  attempts: readonly Attempt[] = readAttempts(directory),
): Map<string, TriedRun> {
  const runs = new Map(Object.entries(readPlan(directory)?.runs ?? {}).map(([run, hash]) => [inputOf(hash), run]));
  const ended = new Map(endedBySlurm(directory).map((one) => [one.log.replace(/^.*\/(.*)\.log$/, '$1'), one]));
  const found = new Map<string, TriedRun>();
  for (const attempt of attempts) {
    const { input, outcome, reason, scheduled } = attempt;
    const run = runs.get(input);
    if (run === undefined || outcome === 'elsewhere') continue;
    const log = scheduled === undefined ? undefined : ended.get(scheduled);
    const failed =
      outcome === 'failed' ? reason : outcome === undefined && log ? `${log.reason} (${log.log})` : undefined;
    found.set(run, { node: nodeOf(attempt), ...(failed !== undefined && { failed }) });
  }
  return found;
}
