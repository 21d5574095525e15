import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../base/files.js';
import { parseJson } from '../../base/json.js';
import { readText } from '../../base/read.js';
import { PLAN } from './ledger.js';
import type { PlannedCorpus, PlannedRun } from './plan.js';
import type { ExperimentSpec } from './spec.js';

/** experiment.json: what was asked for, and what decides each run. */
const planSchema = z.object({
  format: z.literal('vega-merc-experiment-plan'),
  version: z.literal(1),
  /** The specification, which is only written for people. */
  spec: z.unknown(),
  /** Hash of each corpus. */
  corpora: z.record(z.string(), z.string()),
  /** Hash of what decides each run, by its directory. */
  runs: z.record(z.string(), z.string()),
});
export type Plan = z.infer<typeof planSchema>;

export function writePlan(
  directory: string,
  spec: ExperimentSpec,
  runs: readonly PlannedRun[],
  corpora: ReadonlyMap<string, PlannedCorpus>,
): void {
  const plan: Plan = {
    format: 'vega-merc-experiment-plan',
    version: 1,
    spec,
    corpora: Object.fromEntries([...corpora].map(([name, { about }]) => [name, about.hash])),
    // What an earlier version of the file asked for stays known, for it stays on the disk.
    runs: { ...readPlan(directory)?.runs, ...Object.fromEntries(runs.map((run) => [run.directory, run.hash])) },
  };
  writeFileAtomic(join(directory, PLAN), `${JSON.stringify(plan, null, 2)}\n`);
}

/** @returns undefined where nothing was planned yet. @throws InputError where the file is no plan. */
export function readPlan(directory: string): Plan | undefined {
  const path = join(directory, PLAN);
  if (!existsSync(path)) return undefined;
  return parseJson(planSchema, readText(path), path, { advice: 'Give --out a new directory, or remove this one.' });
}
