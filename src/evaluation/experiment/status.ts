import { join } from 'node:path';
import { whoClaims } from '../../base/claim.js';
import { InputError } from '../../base/errors.js';
import type { Owner } from '../../base/owner.js';
import { runFile } from '../../run/index.js';
import { readLog } from '../../training/index.js';
import { readEvaluations } from '../record.js';
import { hasDrops } from './drops.js';
import { isExperimentDirectory, openExperiment } from './open.js';
import { completed } from './plan.js';
import { readPlan } from './planFile.js';
import type { ExperimentSpec } from './spec.js';
import { jobsOfRuns } from './tried.js';

/** How far a run of an experiment is, as its directory tells. */
export interface RunStatus {
  /** Relative to the experiment's directory. */
  directory: string;
  state: 'done' | 'running' | 'failed' | 'waiting';
  /** Epochs that it has trained. */
  epochs: number;
  /** Who is at it. */
  owner?: Pick<Owner, 'host' | 'pid' | 'since'>;
  /** The machine or node of the last try. */
  node?: string;
  /** Why it failed: as its last try said, or the tables. */
  reason?: string;
}

/**
 * How far the runs of an experiment are that a file asks for. Nothing is written, and nobody is asked but the directory:
 * the processes that are at it may run anywhere.
 * @throws InputError where the experiment was not begun.
 */
export function experimentStatus(spec: ExperimentSpec, directory: string): RunStatus[] {
  const plan = readPlan(directory);
  if (plan === undefined) throw new InputError(`${directory} holds no experiment yet; call it without --status first.`);
  const reasons = failures(directory);
  const tried = jobsOfRuns(directory);
  return Object.keys(plan.runs).flatMap((run): RunStatus[] => {
    const [, corpus, configuration, seed] = run.split('/');
    if (!Object.hasOwn(spec.corpora, corpus) || !Object.hasOwn(spec.configurations, configuration)) return [];
    if (!spec.seeds.includes(Number(seed.replace('seed-', '')))) return [];
    const path = join(directory, run);
    const { baseline, drops = [] } = completed(spec, configuration);
    const wanted = baseline || spec.split === 'valid' ? [] : drops;
    const epochs = readLog(runFile(path, 'metrics')).filter(({ event }) => event === 'epoch').length;
    const owner = whoClaims(path);
    const done = readEvaluations(path)[spec.split] !== undefined && hasDrops(path, wanted);
    const { node, failed } = tried.get(run) ?? {};
    if (done) return [{ directory: run, state: 'done', epochs, ...(node && { node }) }];
    if (owner) {
      const { host, pid, since } = owner;
      return [{ directory: run, state: 'running', epochs, owner: { host, pid, since }, ...(node && { node }) }];
    }
    const reason = failed ?? reasons.get(run);
    const state = reason === undefined ? 'waiting' : 'failed';
    return [{ directory: run, state, epochs, ...(node && { node }), ...(reason && { reason }) }];
  });
}

/** Why runs failed, by their directories, when the tables were last computed. */
function failures(directory: string): Map<string, string> {
  if (!isExperimentDirectory(directory)) return new Map();
  return new Map(
    openExperiment(directory).results.rows.flatMap(({ corpus, configuration, failed }) =>
      failed.map(({ seed, reason }) => [`runs/${corpus}/${configuration}/seed-${seed}`, reason] as const),
    ),
  );
}
