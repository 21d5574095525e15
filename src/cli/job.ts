import type { Command } from 'commander';
import type { JobModules } from '../jobs/index.js';
import { integerOption } from './options.js';
import { plural, print, printJson, say } from './output.js';

/** What does each kind of job; loaded when one of its kind comes. */
const MODULES: JobModules = {
  'train-run': () => import('../evaluation/experiment/task.js'),
  'extract-part': () => import('../encoders/extract/partTask.js'),
};

export function register(program: Command): void {
  program
    .command('job')
    .description(
      'do one of the jobs planned in a directory, or a worker’s share of them; what is done already is not repeated',
    )
    .argument('<directory>', 'planned by "experiment --slurm" or "experiment --plan"')
    .argument('<index>', 'number of the job, from 0; with --of, number of the worker', integerOption)
    .option('--of <n>', 'workers: this one does jobs index, index + n, …, then helps the others', integerOption)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
For a scheduler's array: SLURM's SLURM_ARRAY_TASK_ID, an indexed Job's JOB_COMPLETION_INDEX, AWS_BATCH_JOB_ARRAY_INDEX.

Example:
  $ vega-merc experiment anchors.yaml --plan
  $ vega-merc job anchors "$JOB_COMPLETION_INDEX" --of 4`,
    )
    .action(async (directory: string, index: number, { of, json }: { of?: number; json?: boolean }) => {
      const { performShare } = await import('../jobs/index.js');
      const performed = await performShare(directory, MODULES, {
        index,
        of,
        onStart: (job, name) => say(`job ${job} (${name}) …`),
        onEnd: ({ index: job, name, outcome, reason }) => {
          if (outcome === 'before') return of === undefined ? say(`job ${job} (${name}) was done before`) : undefined;
          say(`job ${job} (${name}): ${outcome === 'elsewhere' ? `left to another: ${reason}` : (reason ?? outcome)}`);
        },
      });
      const failed = performed.filter(({ outcome }) => outcome === 'failed');
      if (json) printJson(performed);
      else
        print(
          `${plural(performed.filter(({ outcome }) => outcome === 'done').length, 'job')} done, ${failed.length} failed.`,
        );
      if (failed.length > 0) process.exitCode = 1;
    });
}
