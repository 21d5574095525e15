import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeDirectory, writeFileAtomic } from '../base/files.js';
import { parseJson } from '../base/json.js';
import { HERE, startOf } from '../base/owner.js';
import { readText } from '../base/read.js';
import { JOBS } from './plan.js';

const attemptSchema = z.object({
  /** The job's place in the plan, and its input's hash: a later plan may count otherwise. */
  job: z.int().min(0),
  input: z.string(),
  host: z.string(),
  machine: z.string(),
  /** The scheduler's name of the node, where there is one. */
  node: z.string().optional(),
  /** The scheduler's number of the job, and of the task in its array. */
  scheduled: z.string().optional(),
  pid: z.int(),
  started: z.string().optional(),
  /** ISO 8601 */
  begun: z.string(),
  ended: z.string().optional(),
  /** 'elsewhere': another process was at it. Undefined while it goes on, and for ever where its process was killed. */
  outcome: z.enum(['done', 'failed', 'elsewhere']).optional(),
  reason: z.string().optional(),
});
/** One try of a job, wherever it ran. */
export type Attempt = z.infer<typeof attemptSchema>;

/** Begins an attempt: its file is there before the work is. @returns ends it. */
export function recordAttempt(
  directory: string,
  job: number,
  input: string,
): (outcome: 'done' | 'failed' | 'elsewhere', reason?: string) => void {
  const folder = join(directory, JOBS, 'attempts');
  makeDirectory(folder);
  const { SLURMD_NODENAME: node, SLURM_ARRAY_JOB_ID: array, SLURM_JOB_ID: id, SLURM_ARRAY_TASK_ID: task } = process.env;
  const scheduled = array !== undefined && task !== undefined ? `${array}_${task}` : id;
  const attempt: Attempt = {
    job,
    input,
    ...HERE,
    ...(node && { node }),
    ...(scheduled && { scheduled }),
    pid: process.pid,
    started: startOf(process.pid)?.started,
    begun: new Date().toISOString(),
  };
  // One file a try: no two processes ever write to the same one, on whatever disk.
  const path = join(folder, `${job}-${attempt.begun.replace(/\D/g, '')}-${HERE.host}-${process.pid}.json`);
  writeFileAtomic(path, `${JSON.stringify(attempt)}\n`);
  return (outcome, reason) =>
    writeFileAtomic(path, `${JSON.stringify({ ...attempt, ended: new Date().toISOString(), outcome, reason })}\n`);
}

/** All attempts of a planned directory, in the order in which they began. */
export function readAttempts(directory: string): Attempt[] {
  const folder = join(directory, JOBS, 'attempts');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d+-.*\.json$/.test(name))
    .map((name) => parseJson(attemptSchema, readText(join(folder, name)), join(folder, name)))
    .sort((a, b) => (a.begun < b.begun ? -1 : 1));
}
