import { join } from 'node:path';
import { whoClaims } from '../../base/claim.js';
import { InputError } from '../../base/errors.js';
import type { Owner } from '../../base/owner.js';
import { type JobState, type Progress, progressOf, readAttempts } from '../../jobs/index.js';
import { runFile } from '../../run/index.js';
import { readLog } from '../../training/index.js';
import { readEvaluations } from '../record.js';
import { hasDrops } from './drops.js';
import { isExperimentDirectory, openExperiment } from './open.js';
import { completed } from './plan.js';
import { readPlan } from './planFile.js';
import type { SearchResult } from './search/result.js';
import type { ExperimentSpec } from './spec.js';
import { inputOf, type TriedRun, triesOfRuns } from './tried.js';

/** How far an experiment is, as its directory tells. */
export interface ExperimentStatus {
  runs: RunStatus[];
  /** The same as jobs: who is at which since when, how fast it goes, what is slow. */
  progress: Progress;
}

/** How far a run of an experiment is. */
export interface RunStatus {
  /** Relative to the experiment's directory. */
  directory: string;
  state: 'done' | 'running' | 'failed' | 'waiting';
  /** Epochs that it has trained. */
  epochs: number;
  /** Who is at it. */
  owner?: Pick<Owner, 'host' | 'pid' | 'since'>;
  /** The machine or node of the last try. */
  node?: string;
  /** Why it failed: as its last try said, or the tables. */
  reason?: string;
  /** Of one that takes more than twice as long as half of the finished ones: seconds that those took at most. */
  median?: number;
}

/**
 * How far the runs of an experiment are that a file asks for. Nothing is written, and nobody is asked but the directory:
 * the processes that are at it may run anywhere.
 * @param searches what a search has come to, before which nothing else is planned. @param now milliseconds since 1970.
 * @throws InputError where the experiment was not begun.
 */
export function experimentStatus(
  spec: ExperimentSpec,
  directory: string,
  searches?: readonly SearchResult[],
  now = Date.now(),
): ExperimentStatus {
  const plan = readPlan(directory) ?? (searches && { runs: {} });
  if (plan === undefined) throw new InputError(`${directory} holds no experiment yet; call it without --status first.`);
  const reasons = failures(directory);
  const attempts = readAttempts(directory);
  const tried = triesOfRuns(directory, attempts);
  const runs: RunStatus[] = [];
  const jobs: JobState[] = [];
  for (const [run, hash] of Object.entries(plan.runs)) {
    const [, corpus, configuration, seed] = run.split('/');
    if (!Object.hasOwn(spec.corpora, corpus) || !Object.hasOwn(spec.configurations, configuration)) continue;
    if (!spec.seeds.includes(Number(seed.replace('seed-', '')))) continue;
    const status = statusOf(spec, directory, run, configuration, tried.get(run), reasons.get(run));
    runs.push(status);
    jobs.push({ name: run, input: inputOf(hash), state: status.state, alike: `${corpus} ${configuration}` });
  }
  const progress = progressOf(jobs, attempts, now);
  const medians = new Map(progress.atWork.map(({ name, median }) => [name, median]));
  for (const run of runs) {
    const median = medians.get(run.directory);
    if (median !== undefined) run.median = median;
  }
  return { runs, progress };
}

function statusOf(
  spec: ExperimentSpec,
  directory: string,
  run: string,
  configuration: string,
  { node, failed }: TriedRun = {},
  tabled?: string,
): RunStatus {
  const path = join(directory, run);
  const { baseline, drops = [] } = completed(spec, configuration);
  const wanted = baseline || spec.split === 'valid' ? [] : drops;
  const about = { directory: run, epochs: epochsOf(path), ...(node && { node }) };
  if (readEvaluations(path)[spec.split] !== undefined && hasDrops(path, wanted)) return { ...about, state: 'done' };
  const owner = whoClaims(path);
  if (owner) {
    const { host, pid, since } = owner;
    return { ...about, state: 'running', owner: { host, pid, since } };
  }
  const reason = failed ?? tabled;
  return reason === undefined ? { ...about, state: 'waiting' } : { ...about, state: 'failed', reason };
}

/** Epochs that a run has trained. */
const epochsOf = (run: string): number =>
  readLog(runFile(run, 'metrics')).filter(({ event }) => event === 'epoch').length;

/** Why runs failed, by their directories, when the tables were last computed. */
function failures(directory: string): Map<string, string> {
  if (!isExperimentDirectory(directory)) return new Map();
  return new Map(
    openExperiment(directory).results.rows.flatMap(({ corpus, configuration, failed }) =>
      failed.map(({ seed, reason }) => [`runs/${corpus}/${configuration}/seed-${seed}`, reason] as const),
    ),
  );
}
