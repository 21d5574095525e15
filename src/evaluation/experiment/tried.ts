import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { endedBySlurm, JOBS, readAttempts, readJobs } from '../../jobs/index.js';
import type { RunTask } from './task.js';

/** Where runs were tried as jobs, by their directories: the node, and why the last try failed, with its log. */
export function jobsOfRuns(directory: string): Map<string, { node?: string; failed?: string }> {
  if (!existsSync(join(directory, JOBS, 'plan.json'))) return new Map();
  const runs = new Map(readJobs(directory).map(({ input, task }) => [input, (task as RunTask).run.directory]));
  const ended = endedBySlurm(directory);
  const found = new Map<string, { node?: string; failed?: string }>();
  for (const { input, node, host, outcome, reason, scheduled } of readAttempts(directory)) {
    const log = ended.find((one) => scheduled !== undefined && one.log.endsWith(`/${scheduled}.log`));
    const failed =
      outcome === 'failed' ? reason : outcome === undefined && log ? `${log.reason} (${log.log})` : undefined;
    const run = runs.get(input);
    if (run !== undefined && outcome !== 'elsewhere')
      found.set(run, { node: node ?? host, ...(failed !== undefined && { failed }) });
  }
  return found;
}
