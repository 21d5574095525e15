import { join } from 'node:path';
import { withDirectory } from '../../base/claim.js';
import type { Provider } from '../../graph/providers.js';
import {
  type Call,
  type Job,
  type JobView,
  jobOf,
  refuseSubmitted,
  type SlurmOptions,
  type Submission,
  submit,
  writeJobs,
} from '../../jobs/index.js';
import type { PlannedRun } from './plan.js';
import { planExperiment } from './planExperiment.js';
import type { ExperimentSpec } from './spec.js';
import { isDone, type RunTask } from './task.js';

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

/** For people. */
const nameOf = ({ corpus, configuration, seed }: PlannedRun): string => `${corpus}, ${configuration}, seed ${seed}`;

/** How an experiment's planned runs are looked at. */
export const RUN_VIEW: JobView<RunTask> = {
  isDone,
  place: ({ directory, run }) => join(directory, run.directory),
  alike: ({ run }) => `${run.corpus} ${run.configuration}`,
};
