import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withDirectory } from '../../base/claim.js';
import { InputError } from '../../base/errors.js';
import { removeTemporaries, writeFileAtomic } from '../../base/files.js';
import { checkDevice, nodeEngine } from '../../graph/node.js';
import type { Provider } from '../../graph/providers.js';
import { RESULTS } from './open.js';
import { isFinished } from './perform.js';
import { type PlannedCorpus, type PlannedRun, planCorpora, planRuns } from './plan.js';
import { readPlan, writePlan } from './planFile.js';
import { type PoolListener, performAll, summariseApart } from './pool.js';
import type { ExperimentSpec } from './spec.js';
import { triesOfRuns } from './tried.js';
import type { ExperimentResults } from './types.js';

export interface ExperimentOptions {
  spec: ExperimentSpec;
  /** The experiment's directory: new, or one that the same experiment was begun in. */
  directory: string;
  /** Runs at a time, each in a process of its own. */
  jobs: number;
  /** Threads of each run. */
  threads: number;
  /** Where each run computes; default: on the processor, or where it was begun. */
  provider?: Provider;
  /** What could not be planned, to be said beside the results. */
  notes?: string[];
  /** Performs no run: makes the tables of what is there. */
  tables?: boolean;
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
  const { spec, directory, jobs, threads, provider, notes = [], signal, listener = {} } = options;
  if (provider !== undefined && provider !== 'cpu') await checkDevice(nodeEngine({ provider }));
  return withDirectory(directory, { doing: 'experiment' }, async () => {
    const { corpora, planned, runs, unfinished } = planExperiment(spec, directory);
    listener.onPlan?.(runs, unfinished);
    const failures = new Map<string, string>();
    if (options.tables) {
      const tried = triesOfRuns(directory);
      for (const run of unfinished)
        failures.set(run.directory, tried.get(run.directory)?.failed ?? 'It was not finished.');
    }
    await performAll(
      directory,
      options.tables ? [] : unfinished,
      { jobs, threads, provider, signal },
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
    const results = await summariseApart({ spec, directory, corpora: about, runs: planned, failures, notes }, signal);
    writeFileAtomic(join(directory, RESULTS), `${JSON.stringify(results, null, 2)}\n`);
    return results;
  });
}

/** An experiment's runs, as planned and written down. */
export interface PlannedExperiment {
  corpora: Map<string, PlannedCorpus>;
  /** In the order of corpora, configurations and seeds. */
  planned: PlannedRun[];
  /** Each once: configurations that come to the same settings share runs. */
  runs: PlannedRun[];
  /** Those that have not all their scores. */
  unfinished: PlannedRun[];
}

/** Plans an experiment in a directory that the caller has claimed. @throws InputError where it was begun otherwise. */
export function planExperiment(spec: ExperimentSpec, directory: string): PlannedExperiment {
  removeTemporaries(directory);
  const corpora = planCorpora(spec, directory);
  const planned = planRuns(spec, corpora);
  checkAgainstEarlier(directory, planned, corpora);
  writePlan(directory, spec, planned, corpora);
  const runs = distinct(planned);
  return { corpora, planned, runs, unfinished: runs.filter((run) => !isFinished(directory, run)) };
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
