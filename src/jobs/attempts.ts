import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { diskError, makeDirectory } from '../base/files.js';
import { parseJson } from '../base/json.js';
import { HERE, startOf } from '../base/owner.js';
import { readText } from '../base/read.js';
import { JOBS } from './plan.js';

/** The folder of logs, one a process. */
const ATTEMPTS = 'attempts';

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

/** This process's log: what it was at is told by nobody else, so that no two processes write to one file. */
const LOG = `${HERE.host}-${process.pid}-${randomBytes(4).toString('hex')}.jsonl`;

/**
 * Begins an attempt: it is in the log before the work. A file a process, not a file an attempt: a hundred thousand runs by
 * a thousand workers are a thousand files to list and to read.
 * @returns ends it.
 */
export function recordAttempt(
  directory: string,
  job: number,
  input: string,
): (outcome: 'done' | 'failed' | 'elsewhere', reason?: string) => void {
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
  const path = join(directory, JOBS, ATTEMPTS, LOG);
  if (!existsSync(path)) makeDirectory(dirname(path));
  const write = (line: Attempt) => {
    try {
      appendFileSync(path, `${JSON.stringify(line)}\n`, { flush: true });
    } catch (error) {
      throw diskError(path, error);
    }
  };
  write(attempt);
  return (outcome, reason) => write({ ...attempt, ended: new Date().toISOString(), outcome, reason });
}

/** All attempts of a planned directory, in the order in which they began. */
export const readAttempts = (directory: string): Attempt[] => attemptReader(directory)();

/**
 * Reads attempts again and again; a log that has not grown since is not opened.
 * @param since leaves out logs that were last written before this file was, by the disk's clock.
 */
export function attemptReader(directory: string, since?: string): () => Attempt[] {
  const folder = join(directory, JOBS, ATTEMPTS);
  const read = new Map<string, { size: number; attempts: Attempt[] }>();
  return () => {
    if (!existsSync(folder)) return [];
    const after = since === undefined ? 0 : statSync(since).mtimeMs;
    const all = readdirSync(folder).flatMap((name) => {
      if (!name.endsWith('.jsonl')) return [];
      const path = join(folder, name);
      const { size, mtimeMs } = statSync(path);
      if (mtimeMs < after) return [];
      const known = read.get(name);
      if (known?.size === size) return known.attempts;
      const attempts = attemptsIn(path);
      read.set(name, { size, attempts });
      return attempts;
    });
    return all.sort((a, b) => (a.begun < b.begun ? -1 : 1));
  };
}

/** A log has a line when an attempt begins, and another one when it ends. What is no whole line was cut off. */
function attemptsIn(path: string): Attempt[] {
  const attempts = new Map<string, Attempt>();
  readText(path)
    .split('\n')
    .forEach((line, i) => {
      if (!line.endsWith('}')) return;
      const attempt = parseJson(attemptSchema, line, `${path}, line ${i + 1}`);
      attempts.set(`${attempt.begun} ${attempt.input}`, attempt);
    });
  return [...attempts.values()];
}
