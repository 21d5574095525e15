import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { makeDirectory, writeFileAtomic } from '../base/files.js';
import { parseJson } from '../base/json.js';
import { readText } from '../base/read.js';
import { JOBS } from './plan.js';

/** What SLURM is asked for, as `sbatch` takes it. */
export interface SlurmOptions {
  partition?: string;
  /** Of one task, as "30", "2:00:00" or "1-12". */
  time?: string;
  mem?: string;
  gres?: string;
  /** Processors of a task. */
  cpus?: number;
  /** Workers, each a task of the array; default: as many as the partition has processors for, at most one a job. */
  workers?: number;
  /** What the job after them is asked for: it trains nothing, so that the limits and devices of workers are not its own. */
  after?: { time?: string; mem?: string };
}

/** What was submitted for a planned directory. */
const submissionSchema = z.object({
  format: z.literal('vega-merc-submission'),
  version: z.literal(1),
  /** ISO 8601 */
  at: z.string(),
  /** SLURM's numbers: of the arrays, and of the job that follows them. */
  arrays: z.array(z.string()),
  after: z.string().optional(),
  workers: z.int().min(1),
});
export type Submission = z.infer<typeof submissionSchema>;

/** Arguments of a call of this program, as a shell takes them. */
export type Call = readonly string[];

const submissionPath = (directory: string) => join(directory, JOBS, 'slurm', 'submission.json');

export function readSubmission(directory: string): Submission | undefined {
  const path = submissionPath(directory);
  return existsSync(path) ? parseJson(submissionSchema, readText(path), path) : undefined;
}

/**
 * Submits an array of workers that do the jobs planned in a directory, and a job that follows them whatever became of
 * them. Arrays are cut where the cluster's MaxArraySize is smaller.
 * @param open how many jobs are to be done; @param after the call that follows, as `['experiment', …]`.
 * @throws InputError where there is no sbatch, or SLURM refuses.
 */
export function submit(
  directory: string,
  open: number,
  options: SlurmOptions,
  after: Call | undefined,
  program: Call,
): Submission {
  const folder = join(resolve(directory), JOBS, 'slurm');
  makeDirectory(folder);
  const workers = Math.max(1, Math.min(open, options.workers ?? processors(options)));
  const most = maxArraySize();
  const arrays: string[] = [];
  for (let from = 0; from < workers; from += most) {
    const count = Math.min(most, workers - from);
    const path = join(folder, `array-${from}.sh`);
    const index = from === 0 ? '"$SLURM_ARRAY_TASK_ID"' : `"$((SLURM_ARRAY_TASK_ID + ${from}))"`;
    writeFileAtomic(
      path,
      script(options, `${shell(program)} job ${quoted(resolve(directory))} ${index} --of ${workers}`),
    );
    arrays.push(
      sbatch([
        `--array=0-${count - 1}`,
        '--requeue',
        '--open-mode=append',
        `--output=${join(folder, `%A_%a.log`)}`,
        path,
      ]),
    );
  }
  let follower: string | undefined;
  if (after !== undefined) {
    const path = join(folder, 'after.sh');
    writeFileAtomic(
      path,
      script({ partition: options.partition, ...options.after }, `${shell(program)} ${shell(after)}`),
    );
    follower = sbatch([
      `--dependency=afterany:${arrays.join(':')}`,
      '--requeue',
      '--open-mode=append',
      `--output=${join(folder, `after-%j.log`)}`,
      path,
    ]);
  }
  const submission: Submission = {
    format: 'vega-merc-submission',
    version: 1,
    at: new Date().toISOString(),
    arrays,
    ...(follower && { after: follower }),
    workers,
  };
  writeFileAtomic(submissionPath(directory), `${JSON.stringify(submission, null, 2)}\n`);
  return submission;
}

/** SLURM's words for the tasks of a submission that are still queued or running, as "PENDING"; none where it has ended. */
export function queued({ arrays, after }: Submission): string[] {
  const ids = [...arrays, ...(after === undefined ? [] : [after])].join(',');
  // It does not know what ended some minutes ago, and calls that an error.
  const { status, stdout } = call('squeue', ['--noheader', '--array', '--format=%T', `--jobs=${ids}`]);
  return status === 0 ? stdout.split('\n').filter((line) => line !== '') : [];
}

/** "2 running, 1 pending" */
export function tally(states: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state.toLowerCase()}`).join(', ');
}

/** @throws InputError where what was submitted for a directory has not ended. @param what it is, as the sentence begins. */
export function refuseSubmitted(directory: string, what: string): void {
  const earlier = readSubmission(directory);
  const waiting = earlier === undefined ? [] : queued(earlier);
  if (earlier === undefined || waiting.length === 0) return;
  const { arrays } = earlier;
  throw new InputError(
    `${what} is submitted already, as ${arrays.map((id) => `job ${id}`).join(', ')}: ${tally(waiting)}. Wait for it, or end ` +
      `it first with "scancel ${arrays.join(' ')}".`,
  );
}

/** Where the log of a worker says that SLURM ended it: the reason as a sentence. */
export function endedBySlurm(directory: string): { log: string; reason: string }[] {
  const folder = join(directory, JOBS, 'slurm');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => {
      const log = join(folder, name);
      // Its own lines alone: what a worker says may hold such words too.
      const text = readText(log).replace(/^(?!slurmstepd).*$/gm, '');
      if (/DUE TO TIME LIMIT/.test(text))
        return [
          {
            log,
            reason: 'its time limit was reached; submit again, which goes on from there, or with a longer --time',
          },
        ];
      if (/oom[-_ ]?kill|out of memory|exceeded .*memory limit/i.test(text))
        return [{ log, reason: 'it used more memory than it was given; submit again with a larger --mem' }];
      return [];
    });
}

/** Begins again what was killed (its shell lives, so its time is not up), three times at most; what is done is not repeated. */
const untilNotKilled = (line: string): string => `tries=0
until ${line}; do
  status=$?
  tries=$((tries + 1))
  [ $status -gt 128 ] && [ $tries -le 3 ] || exit $status
done`;

function script({ partition, time, mem, gres, cpus = 1 }: SlurmOptions, line: string): string {
  const wants = {
    partition,
    time,
    mem,
    gres,
    'cpus-per-task': `${cpus}`,
    nodes: '1',
    ntasks: '1',
    'job-name': 'vega-merc',
  };
  const asked = Object.entries(wants).flatMap(([name, value]) =>
    value === undefined ? [] : [`#SBATCH --${name}=${value}`],
  );
  return `#!/bin/sh\n${asked.join('\n')}\n${untilNotKilled(line)}\n`;
}

const quoted = (text: string): string => (/^[\w./:=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
const shell = (call: Call): string => call.map(quoted).join(' ');

/** Tasks that the partition can run at once. */
function processors({ partition, cpus = 1 }: SlurmOptions): number {
  const { status, stdout } = call('sinfo', [
    '--noheader',
    '--format=%C',
    ...(partition ? [`--partition=${partition}`] : []),
  ]);
  const totals = stdout.split('\n').flatMap((line) => /\/(\d+)$/.exec(line.trim())?.[1] ?? []);
  const total = totals.reduce((sum, count) => sum + Number(count), 0);
  return status === 0 && total > 0 ? Math.max(1, Math.floor(total / cpus)) : 1;
}

function maxArraySize(): number {
  const { stdout } = call('scontrol', ['show', 'config']);
  // Indices reach one below it.
  return Math.max(1, Number(/MaxArraySize\s*=\s*(\d+)/.exec(stdout)?.[1] ?? 1001) - 1);
}

function sbatch(args: string[]): string {
  const { status, stdout, stderr } = call('sbatch', ['--parsable', ...args]);
  if (status === 0) return stdout.trim().split(';')[0];
  const why = stderr
    .replace(/^sbatch: (error|fatal): /gm, '')
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .join('; ');
  throw new InputError(
    `SLURM refuses the job: ${why}. Nothing is lost; change --partition, --time, --mem or --gres, and call it again.`,
  );
}

function call(command: string, args: string[]): { status: number; stdout: string; stderr: string } {
  const { error, status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    throw new InputError(
      `There is no ${command} on this machine. Call it where SLURM's commands are (a login node of the cluster), or leave --slurm out to run here.`,
    );
  }
  if (error !== undefined) throw new InputError(`${command} does not answer (${error.message}); try again later.`);
  return { status: status ?? 1, stdout, stderr };
}
