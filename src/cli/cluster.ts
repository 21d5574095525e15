import { resolve } from 'node:path';
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

interface Options extends SlurmFlags {
  threads: number;
  provider?: Provider;
  follow?: boolean;
  plan?: boolean;
  json?: boolean;
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

/** `experiment` with --plan, --slurm or --follow. @param directory absolute. */
export async function onCluster(
  file: string,
  spec: ExperimentSpec,
  directory: string,
  options: Options,
): Promise<void> {
  const { threads, provider, json } = options;
  const cluster = { spec, directory, threads, provider };
  if (options.plan) {
    const { jobs, open } = planJobs(cluster);
    if (json) return printJson({ directory, jobs, open });
    return print(
      `${plural(jobs, 'job')} planned in ${directory}, ${open} to be done: vega-merc job ${directory} 0 … ${jobs - 1}`,
    );
  }
  if (options.slurm) {
    const slurm = { ...slurmOf(options), cpus: threads };
    const after = ['experiment', resolve(file), '--out', directory, '--tables'];
    const submission = submitExperiment({ ...cluster, slurm, after, program: PROGRAM });
    if (submission === undefined) {
      return print(
        `All runs are there already; make the tables with: vega-merc experiment ${file} --out ${directory} --tables`,
      );
    }
    say(
      `Submitted ${plural(submission.workers, 'worker')} as job ${submission.arrays.join(', ')}; tables follow as job ${submission.after}.`,
    );
    if (!options.follow) {
      if (json) return printJson(submission);
      return print(`See how far it is with: vega-merc experiment ${file} --out ${directory} --status`);
    }
  }
  const { jobs } = await followOnBoard('run', directory, RUN_VIEW);
  const { results } = openExperiment(directory);
  if (json) printJson(results);
  else printResults(results, directory);
  if (jobs.some(({ state }) => state !== 'done') || !results.finished) process.exitCode = 1;
}
