import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { JOBS, readAttempts, readJobs, type Span, type Timeline, timelineOf } from '../../jobs/index.js';
import { readPlan } from './planFile.js';
import { inputOf } from './tried.js';

/** Which run of an experiment was tried where, when and how long. */
export interface ExperimentTimeline extends Omit<Timeline, 'spans'> {
  spans: (Span & { name: string })[];
}

/** The timeline of an experiment's attempts, by the names of its runs; undefined where none is on record. */
export function experimentTimeline(directory: string): ExperimentTimeline | undefined {
  const attempts = readAttempts(directory);
  if (attempts.length === 0) return undefined;
  const names = new Map<string, string>();
  for (const [run, hash] of Object.entries(readPlan(directory)?.runs ?? {})) names.set(inputOf(hash), nameOfRun(run));
  // Jobs of other kinds than runs stand only where they were planned.
  if (attempts.some(({ input }) => !names.has(input)) && existsSync(join(directory, JOBS, 'plan.json')))
    for (const { input, name } of readJobs(directory)) names.set(input, name);
  const timeline = timelineOf(attempts);
  return {
    ...timeline,
    spans: timeline.spans.map((span) => ({ ...span, name: names.get(span.input) ?? `job ${span.job}` })),
  };
}

/** "toy, none, seed 1" of "runs/toy/none/seed-1". */
const nameOfRun = (run: string): string => run.split('/').slice(1).join(', ').replace(/seed-/, 'seed ');
