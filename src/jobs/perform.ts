import { ClaimedError } from '../base/claim.js';
import { InputError, UsageError } from '../base/errors.js';
import { type Attempt, attemptReader, recordAttempt } from './attempts.js';
import type { Job, JobModule, JobModules } from './job.js';
import { planPath, readJobs } from './plan.js';

/** What became of one job: 'before' was done already, 'elsewhere' another process is at. */
export interface Performed {
  index: number;
  name: string;
  outcome: 'done' | 'before' | 'failed' | 'elsewhere';
  reason?: string;
}

export interface ShareOptions {
  /** This worker's number, from 0, and how many there are; without a count it does job number `index` alone. */
  index: number;
  of?: number;
  onStart?: (index: number, name: string) => void;
  onEnd?: (performed: Performed) => void;
}

/**
 * Does a worker's share of the jobs planned in a directory: of n workers the i-th does jobs i, i + n, i + 2n, …; then it
 * helps the others, with any job that is neither done nor being done, until there is none. So a slow or lost worker holds
 * up one job at most.
 * @returns what became of each job that it looked at, the last look at each.
 * @throws UsageError where there is no such job.
 */
export async function performShare(
  directory: string,
  modules: JobModules,
  { index, of, onStart, onEnd }: ShareOptions,
): Promise<Performed[]> {
  const jobs = readJobs(directory);
  const last = (of ?? jobs.length) - 1;
  if (index > last) {
    throw new UsageError(
      `There is no ${of === undefined ? 'job' : 'worker'} ${index} in ${directory}: they are numbered 0 to ${last}.`,
    );
  }
  const seen = new Map<number, Performed>();
  const attempt = async (job: number) => {
    const performed = await performJob(directory, jobs[job], job, modules, onStart);
    seen.set(job, performed);
    onEnd?.(performed);
    return performed.outcome;
  };
  if (of === undefined) {
    await attempt(index);
    return [...seen.values()];
  }
  for (let job = index; job < jobs.length; job += of) await attempt(job);
  const read = attemptReader(directory, planPath(directory));
  for (;;) {
    let helped = false;
    for (const job of openJobs(jobs, read(), { index, of })) {
      if (seen.get(job)?.outcome === 'failed') continue;
      const module = await moduleOf(jobs[job], modules);
      if (!module.isDone(jobs[job].task) && (await attempt(job)) === 'done') helped = true;
    }
    if (!helped) return [...seen.values()];
  }
}

/** A job that failed so often is not tried by further helpers. */
const MOST_FAILURES = 2;
/** Jobs that somebody is at, as far as is told, of which a helper tries to take over what a dead process left. */
const MOST_TAKEN = 8;

/**
 * Jobs that may need help, by what the workers tell: looking at all of them would be the number of jobs times that of
 * workers, for a thousand workers and a hundred thousand jobs more than a shared disk can answer in hours. What nobody is
 * at comes first, from the far end, so that helpers do not run into the one who is still at the beginning; each helper
 * begins elsewhere. Of what somebody is at, a few: whoever ends last sees nothing else, and finds what was left.
 * @param attempts since the jobs were planned.
 */
function openJobs(jobs: readonly Job[], attempts: readonly Attempt[], worker: { index: number; of: number }): number[] {
  const done = new Set<string>();
  const begun = new Set<string>();
  const failures = new Map<string, number>();
  for (const { input, outcome } of attempts) {
    if (outcome === 'done') done.add(input);
    else if (outcome === 'failed') failures.set(input, (failures.get(input) ?? 0) + 1);
    else if (outcome === undefined) begun.add(input);
  }
  const free: number[] = [];
  const taken: number[] = [];
  for (let job = jobs.length - 1; job >= 0; job--) {
    const { input } = jobs[job];
    if (done.has(input) || (failures.get(input) ?? 0) >= MOST_FAILURES) continue;
    (begun.has(input) ? taken : free).push(job);
  }
  return [...rotated(free, worker), ...rotated(taken, worker).slice(0, MOST_TAKEN)];
}

/** Begins with the part that is a worker's own. */
function rotated<T>(list: readonly T[], { index, of }: { index: number; of: number }): T[] {
  const at = Math.floor((list.length * index) / of);
  return [...list.slice(at), ...list.slice(0, at)];
}

async function performJob(
  directory: string,
  { kind, name, task, input }: Job,
  index: number,
  modules: JobModules,
  onStart?: ShareOptions['onStart'],
): Promise<Performed> {
  const module = await moduleOf({ kind }, modules);
  if (module.isDone(task)) return { index, name, outcome: 'before' };
  onStart?.(index, name);
  const end = recordAttempt(directory, index, input);
  try {
    await module.perform(task, () => undefined);
    end('done');
    return { index, name, outcome: 'done' };
  } catch (error) {
    const elsewhere = error instanceof ClaimedError;
    const { message, stack } = error as Error;
    const reason = error instanceof InputError ? message : (stack ?? message);
    end(elsewhere ? 'elsewhere' : 'failed', reason);
    return { index, name, outcome: elsewhere ? 'elsewhere' : 'failed', reason };
  }
}

async function moduleOf({ kind }: Pick<Job, 'kind'>, modules: JobModules): Promise<JobModule> {
  if (!Object.hasOwn(modules, kind)) {
    throw new InputError(`There is no kind of job "${kind}" in this version of the program; plan the jobs again.`);
  }
  return (await modules[kind]()) as unknown as JobModule;
}
