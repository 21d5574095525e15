import { join } from 'node:path';
import { whoClaims, withDirectory } from '../../base/claim.js';
import { InputError } from '../../base/errors.js';
import type { Provider } from '../../graph/providers.js';
import {
  type Attempt,
  attemptReader,
  type Call,
  type Job,
  type JobState,
  jobOf,
  queued,
  readJobs,
  readSubmission,
  refuseSubmitted,
  type SlurmOptions,
  type Submission,
  submit,
  writeJobs,
} from '../../jobs/index.js';
import { isFinished } from './perform.js';
import type { PlannedRun } from './plan.js';
import { planExperiment } from './planExperiment.js';
import type { ExperimentSpec } from './spec.js';
import type { RunTask } from './task.js';

export interface ClusterOptions {
  spec: ExperimentSpec;
  /** The experiment's directory, on a disk that every node sees under this path. */
  directory: string;
  /** Threads of each run. */
  threads: number;
  provider?: Provider;
  /** What could not be planned, to be said beside the results. */
  notes?: string[];
}

/**
 * Plans an experiment's runs as jobs for `vega-merc job DIRECTORY INDEX`, which any scheduler may call.
 * @returns how many jobs there are, and how many are to be done.
 */
export function planJobs(options: ClusterOptions): { jobs: number; open: number } {
  const { spec, directory, threads, provider } = options;
  return withDirectory(directory, { doing: 'experiment' }, () => {
    const { runs, unfinished } = planExperiment(spec, directory);
    // Another worker that is at a run is not waited for: there are other jobs.
    writeJobs(
      directory,
      runs.map((run): Job<RunTask> => {
        const task = { directory, run, threads, ...(provider && { provider }), wait: 0 };
        return jobOf('train-run', nameOf(run), run.hash, task);
      }),
    );
    return { jobs: runs.length, open: unfinished.length };
  });
}

/**
 * Hands an experiment to SLURM: an array of workers, and a job after them that scores and makes the tables.
 * @param after the call that makes the tables; @param program how a node calls this program.
 * @returns what was submitted; undefined where all runs are there already.
 * @throws InputError where it is submitted already and has not ended, or SLURM refuses.
 */
export function submitExperiment(
  options: ClusterOptions & { slurm: SlurmOptions; after: Call; program: Call },
): Submission | undefined {
  const { directory, slurm, after, program } = options;
  refuseSubmitted(directory, directory);
  const { open } = planJobs(options);
  return open === 0 ? undefined : submit(directory, open, slurm, after, program);
}

/** How often SLURM is asked. */
const LOOK_MS = 2000;

/** For people. */
const nameOf = ({ corpus, configuration, seed }: PlannedRun): string => `${corpus}, ${configuration}, seed ${seed}`;

/** How far a submitted experiment is. */
export interface FollowedState {
  jobs: JobState[];
  attempts: Attempt[];
  /** SLURM's words for what is still in its queue. */
  queue: string[];
}

/**
 * Looks at a submitted experiment every few seconds until nothing of it is queued any more.
 * @param onLook is told what each look found.
 */
export async function followExperiment(
  directory: string,
  onLook: (state: FollowedState) => void,
): Promise<FollowedState> {
  const submission = readSubmission(directory);
  if (submission === undefined) throw new InputError(`${directory} was not submitted; call it with --slurm.`);
  const look = lookAtJobs(directory);
  for (;;) {
    const queue = queued(submission);
    const state = { ...look(), queue };
    onLook(state);
    if (queue.length === 0) return state;
    await new Promise((next) => setTimeout(next, LOOK_MS));
  }
}

/**
 * Looks at the runs that are planned as jobs, again and again. What is done stays done, and the others are looked at only
 * where an attempt says that something has happened to them.
 */
export function lookAtJobs(directory: string): () => Omit<FollowedState, 'queue'> {
  const jobs = readJobs(directory).map((job) => {
    const { run, directory: experiment } = job.task as RunTask;
    const state: JobState = {
      name: job.name,
      input: job.input,
      state: 'waiting',
      alike: `${run.corpus} ${run.configuration}`,
    };
    if (isFinished(experiment, run)) state.state = 'done';
    return { run, state };
  });
  const read = attemptReader(directory);
  return () => {
    const attempts = read();
    const last = new Map(attempts.filter(({ outcome }) => outcome !== 'elsewhere').map((one) => [one.input, one]));
    // The clocks of nodes differ: what was done by one may seem to have been begun later by another.
    const done = new Set(attempts.filter(({ outcome }) => outcome === 'done').map(({ input }) => input));
    for (const { run, state } of jobs) {
      const attempt = last.get(state.input);
      if (state.state === 'done' || attempt === undefined) continue;
      if (done.has(state.input) && isFinished(directory, run)) state.state = 'done';
      else if (attempt.outcome === 'failed') state.state = 'failed';
      else state.state = whoClaims(join(directory, run.directory)) === undefined ? 'waiting' : 'running';
    }
    return { jobs: jobs.map(({ state }) => state), attempts };
  };
}
