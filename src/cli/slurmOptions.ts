import type { Command } from 'commander';
import type { SlurmOptions } from '../jobs/index.js';
import { integerOption } from './options.js';

/** Options of commands that SLURM may run: --slurm, and what it is asked for. */
export type SlurmFlags = Pick<SlurmOptions, 'partition' | 'time' | 'mem' | 'gres' | 'workers'> & { slurm?: boolean };

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

/** What SLURM is asked for. */
export const slurmOf = ({ partition, time, mem, gres, workers }: SlurmFlags): SlurmOptions => ({
  partition,
  time,
  mem,
  gres,
  workers,
});

/** A call's arguments without those that say where it runs. */
export function withoutSlurm(args: readonly string[]): string[] {
  const named = [...FLAGS.map(([flags]) => flags), WORKERS].map((flags) => flags.split(' ')[0]);
  return args.filter((arg, i) => {
    if (arg === '--slurm' || arg === '--follow' || named.some((name) => arg === name || arg.startsWith(`${name}=`)))
      return false;
    return !named.includes(args[i - 1]);
  });
}
