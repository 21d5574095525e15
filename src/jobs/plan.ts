import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { makeDirectory, writeFileAtomic } from '../base/files.js';
import { parseJson } from '../base/json.js';
import { readText } from '../base/read.js';
import { sha256 } from '../base/sha256.js';
import type { Job } from './job.js';

/** The folder of a planned directory that holds its jobs: plan.json, and an attempt a file. */
export const JOBS = 'jobs';

export const planPath = (directory: string): string => join(directory, JOBS, 'plan.json');

const planSchema = z.object({
  format: z.literal('vega-merc-jobs'),
  version: z.literal(1),
  jobs: z.array(
    z.object({ kind: z.string(), name: z.string(), input: z.string().regex(/^[0-9a-f]{64}$/), task: z.unknown() }),
  ),
});

/** Writes what is to be done; the jobs of a plan are known by their place in it. */
export function writeJobs(directory: string, jobs: readonly Job[]): void {
  makeDirectory(join(directory, JOBS));
  writeFileAtomic(planPath(directory), `${JSON.stringify({ format: 'vega-merc-jobs', version: 1, jobs }, null, 1)}\n`);
}

/** @throws InputError where nothing is planned there. */
export function readJobs(directory: string): Job[] {
  const path = planPath(directory);
  if (!existsSync(path)) {
    throw new InputError(
      `${directory} holds no planned jobs (no ${JOBS}/plan.json). "vega-merc experiment FILE --slurm" plans them, or --plan alone.`,
    );
  }
  return parseJson(planSchema, readText(path), path, { advice: 'Plan the jobs again.' }).jobs as Job[];
}

/** A job of JSON: what decides its output is hashed. @param decides beside the kind. */
export const jobOf = <Task>(kind: string, name: string, decides: unknown, task: Task): Job<Task> => ({
  kind,
  name,
  input: sha256(JSON.stringify([kind, decides])),
  task,
});
