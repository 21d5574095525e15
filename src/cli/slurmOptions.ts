import type { Command } from 'commander';
import type { SlurmOptions } from '../jobs/index.js';
import { integerOption } from './options.js';

/** Options of commands that SLURM may run: --slurm, and what it is asked for. */
export type SlurmFlags = Pick<SlurmOptions, 'partition' | 'time' | 'mem' | 'gres' | 'workers'> & {
  slurm?: boolean;
  tablesTime?: string;
  tablesMem?: string;
};

const FLAGS: readonly [flags: string, description: string][] = [
  ['--partition <name>', 'as sbatch takes it'],
  ['--time <limit>', 'of a worker, as sbatch takes it: 30, 2:00:00, 1-12'],
  ['--mem <size>', 'of a worker, as sbatch takes it'],
  ['--gres <list>', 'as sbatch takes it'],
];
const WORKERS = '--workers <n>';

/** @param what is handed to SLURM, as the description of --slurm. */
export function addSlurmOptions(command: Command, what: string): Command {
  command.option('--slurm', what);
  for (const [flags, description] of FLAGS) command.option(flags, description);
  return command.option(
    WORKERS,
    "tasks of the array (default: the partition's processors, at most one a job)",
    integerOption,
  );
}

/** Options of commands that run an experiment: where its runs are done, and its tables made. */
export const addClusterOptions = (command: Command): Command =>
  addSlurmOptions(command, 'hand the runs to SLURM as an array of workers, and the tables to a job after them')
    .option('--tables-time <limit>', 'of the job that makes the tables, as sbatch takes it')
    .option('--tables-mem <size>', 'of the job that makes the tables, as sbatch takes it')
    .option('--follow', 'watch what was handed to SLURM until it has ended, and print the results')
    .option('--plan', 'only plan the runs as jobs, for "vega-merc job" under another scheduler')
    .option('--tables', 'perform no run: make the tables of what is there');

/** What SLURM is asked for. */
export const slurmOf = (flags: SlurmFlags): SlurmOptions => {
  const { partition, time, mem, gres, workers, tablesTime, tablesMem } = flags;
  return { partition, time, mem, gres, workers, after: { time: tablesTime, mem: tablesMem } };
};

/** A call's arguments without those that say where it runs. */
export function withoutSlurm(args: readonly string[]): string[] {
  const named = [...FLAGS.map(([flags]) => flags), WORKERS].map((flags) => flags.split(' ')[0]);
  return args.filter((arg, i) => {
    if (arg === '--slurm' || arg === '--follow' || named.some((name) => arg === name || arg.startsWith(`${name}=`)))
      return false;
    return !named.includes(args[i - 1]);
  });
}
