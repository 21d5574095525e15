import { fileURLToPath } from 'node:url';
import { planJobs, RUN_VIEW, submitExperiment } from '../evaluation/experiment/cluster.js';
import { openExperiment } from '../evaluation/experiment/open.js';
import type { ExperimentSpec } from '../evaluation/experiment/spec.js';
import type { Provider } from '../graph/providers.js';
import { followJobs, type JobView, type LookedAt, tally } from '../jobs/index.js';
import { createBoard } from './board.js';
import { printResults } from './experimentTable.js';
import { plural, print, printJson, say } from './output.js';
import { type SlurmFlags, slurmOf } from './slurmOptions.js';

export interface ClusterFlags extends SlurmFlags {
  threads: number;
  provider?: Provider;
  follow?: boolean;
  plan?: boolean;
  tables?: boolean;
  json?: boolean;
}

/** An experiment that a command would carry out here, and how that command is called. */
export interface ClusterCall {
  spec: ExperimentSpec;
  /** Absolute. */
  directory: string;
  /** The command and its arguments, without those that say where it runs; its paths are absolute. */
  call: readonly string[];
  /** What could not be planned. */
  notes?: string[];
}

/** How a node calls this very program: it sees the same disk. */
export const PROGRAM = [process.execPath, fileURLToPath(new URL('./main.js', import.meta.url))];

/** Follows submitted jobs on a board until nothing of them is queued. */
export async function followOnBoard<Task>(noun: string, directory: string, view: JobView<Task>): Promise<LookedAt> {
  const board = createBoard({ noun });
  return followJobs(directory, view, (state, queue) => board.look({ ...state, queue: tally(queue) })).finally(
    board.stop,
  );
}

/** Whether a command that runs an experiment is to hand it on, or to watch where it was handed. */
export const goesOn = ({ plan, slurm, follow }: ClusterFlags): boolean => Boolean(plan || slurm || follow);

/** A command that runs an experiment, with --plan, --slurm or --follow. */
export async function onCluster({ spec, directory, call, notes }: ClusterCall, options: ClusterFlags): Promise<void> {
  const { threads, provider, json } = options;
  const cluster = { spec, directory, threads, provider, notes };
  const again = (flag: string) => `vega-merc ${[...call, flag].join(' ')}`;
  if (options.plan) {
    const { jobs, open } = planJobs(cluster);
    if (json) return printJson({ directory, jobs, open });
    return print(
      `${plural(jobs, 'job')} planned in ${directory}, ${open} to be done: vega-merc job ${directory} 0 … ${jobs - 1}`,
    );
  }
  if (options.slurm) {
    const slurm = { ...slurmOf(options), cpus: threads };
    const submission = submitExperiment({ ...cluster, slurm, after: [...call, '--tables'], program: PROGRAM });
    if (submission === undefined) {
      return print(`All runs are there already; make the tables with: ${again('--tables')}`);
    }
    say(
      `Submitted ${plural(submission.workers, 'worker')} as job ${submission.arrays.join(', ')}; tables follow as job ${submission.after}.`,
    );
    if (!options.follow) {
      if (json) return printJson(submission);
      return print(`See how far it is with: ${again('--follow')}`);
    }
  }
  const { jobs } = await followOnBoard('run', directory, RUN_VIEW);
  const { results } = openExperiment(directory);
  if (json) printJson(results);
  else printResults(results, directory);
  if (jobs.some(({ state }) => state !== 'done') || !results.finished) process.exitCode = 1;
}
