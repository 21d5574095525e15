import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withDirectory } from '../../base/claim.js';
import { InputError } from '../../base/errors.js';
import { removeTemporaries, writeFileAtomic } from '../../base/files.js';
import { hasDrops } from './drops.js';
import { RESULTS } from './open.js';
import { isScored } from './perform.js';
import { type PlannedCorpus, type PlannedRun, planCorpora, planRuns } from './plan.js';
import { readPlan, writePlan } from './planFile.js';
import { type PoolListener, performAll, summariseApart } from './pool.js';
import type { ExperimentSpec } from './spec.js';
import type { ExperimentResults } from './types.js';

export interface ExperimentOptions {
  spec: ExperimentSpec;
  /** The experiment's directory: new, or one that the same experiment was begun in. */
  directory: string;
  /** Runs at a time, each in a process of its own. */
  jobs: number;
  /** Threads of each run. */
  threads: number;
  /** What could not be planned, to be said beside the results. */
  notes?: string[];
  /** Ends it where it is; the same call later goes on from there. */
  signal?: AbortSignal;
  listener?: PoolListener & {
    /** Once, before the first run. */
    onPlan?: (runs: PlannedRun[], unfinished: PlannedRun[]) => void;
    /** When the runs have ended and the tables are computed. */
    onSummary?: () => void;
  };
}

/**
 * Runs an experiment: what an earlier call has finished is not repeated, what it has begun goes on. Corpora are fixed by
 * hash, the test split of a run is scored once, after training, and each look at it is in the ledger.
 * @returns the results, which are also written to results.json; failed runs are named in them.
 * @throws InputError where the plan cannot be carried out, or another process is at it.
 */
export async function runExperiment(options: ExperimentOptions): Promise<ExperimentResults> {
  const { spec, directory, jobs, threads, notes = [], signal, listener = {} } = options;
  return withDirectory(directory, { doing: 'experiment' }, async () => {
    removeTemporaries(directory);
    const corpora = planCorpora(spec, directory);
    const runs = planRuns(spec, corpora);
    checkAgainstEarlier(directory, runs, corpora);
    writePlan(directory, spec, runs, corpora);
    const unfinished = distinct(runs).filter((run) => !isFinished(directory, run));
    listener.onPlan?.(distinct(runs), unfinished);
    const failures = new Map<string, string>();
    await performAll(
      directory,
      unfinished,
      { jobs, threads, signal },
      {
        ...listener,
        onEnd(run, reason) {
          if (reason !== undefined) failures.set(run.directory, reason);
          listener.onEnd?.(run, reason);
        },
      },
    );
    listener.onSummary?.();
    const about = [...corpora.values()].map((corpus) => corpus.about);
    const results = await summariseApart({ spec, directory, corpora: about, runs, failures, notes }, signal);
    writeFileAtomic(join(directory, RESULTS), `${JSON.stringify(results, null, 2)}\n`);
    return results;
  });
}

/** Configurations that come to the same settings share runs; each is performed once, with all that is asked of it. */
function distinct(runs: readonly PlannedRun[]): PlannedRun[] {
  const byDirectory = new Map<string, PlannedRun>();
  for (const run of runs) {
    const same = byDirectory.get(run.directory);
    const drops = [...new Set([...(same?.drops ?? []), ...run.drops])];
    byDirectory.set(run.directory, { ...(same ?? run), drops });
  }
  return [...byDirectory.values()];
}

/** Whether a run has all its scores. */
function isFinished(directory: string, run: PlannedRun): boolean {
  const path = join(directory, run.directory);
  return isScored(path, run) && hasDrops(path, run.drops);
}

/** @throws InputError where a corpus, or a run that has begun, is not what it was. */
function checkAgainstEarlier(
  directory: string,
  runs: readonly PlannedRun[],
  corpora: ReadonlyMap<string, PlannedCorpus>,
): void {
  const earlier = readPlan(directory);
  if (earlier === undefined) return;
  for (const [name, { about }] of corpora) {
    const hash = earlier.corpora[name];
    if (hash !== undefined && hash !== about.hash) {
      throw new InputError(
        `Corpus "${name}" is not the one that the experiment in ${directory} was begun with (its hash was ` +
          `${hash.slice(0, 12)}… and is ${about.hash.slice(0, 12)}…). Give --out a new directory.`,
      );
    }
  }
  for (const run of runs) {
    const hash = earlier.runs[run.directory];
    if (hash === undefined || hash === run.hash || !existsSync(join(directory, run.directory))) continue;
    throw new InputError(
      `Configuration "${run.configuration}" has changed since ${join(directory, run.directory)} was made. Give it ` +
        'another name, remove its runs, or give --out a new directory.',
    );
  }
}
