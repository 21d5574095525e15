import { join } from 'node:path';
import { withDirectory } from '../../base/claim.js';
import { writeFileAtomic } from '../../base/files.js';
import { checkDevice, nodeEngine } from '../../graph/node.js';
import type { Provider } from '../../graph/providers.js';
import { RESULTS } from './open.js';
import { isFinished } from './perform.js';
import type { PlannedRun } from './plan.js';
import { planExperiment } from './planExperiment.js';
import { type PoolListener, performAll, summariseApart } from './pool.js';
import { runSearch, withChosen } from './search/search.js';
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
  /** Milliseconds since any time; for the budget. */
  now?: () => number;
  /** Performs no run: makes the tables of what is there. */
  tables?: boolean;
  /** Ends it where it is; the same call later goes on from there. */
  signal?: AbortSignal;
  listener?: PoolListener & {
    /** Before the first run; of a search, before the first run of each rung. */
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
  const { directory, jobs, threads, provider, signal, listener = {}, now = Date.now } = options;
  const end = now() + milliseconds(options.spec.budget);
  const how = { jobs, threads, provider, signal, mayBegin: () => now() < end };
  if (provider !== undefined && provider !== 'cpu') await checkDevice(nodeEngine({ provider }));
  return withDirectory(directory, { doing: 'experiment' }, async () => {
    const { search } = options.spec;
    const searches = search && (await runSearch({ spec: options.spec, search, directory, listener, ...how }));
    const spec = searches ? withChosen(options.spec, searches) : options.spec;
    const { corpora, planned, runs, unfinished } = planExperiment(spec, directory);
    listener.onPlan?.(runs, unfinished);
    const failures = new Map<string, string>();
    if (options.tables) {
      const tried = triesOfRuns(directory);
      for (const run of unfinished)
        failures.set(run.directory, tried.get(run.directory)?.failed ?? 'It was not finished.');
    }
    await performAll(directory, options.tables ? [] : unfinished, how, {
      ...listener,
      onEnd(run, reason) {
        if (reason !== undefined) failures.set(run.directory, reason);
        listener.onEnd?.(run, reason);
      },
    });
    const notes = [...(options.notes ?? [])];
    const left = unfinished.filter((run) => !failures.has(run.directory) && !isFinished(directory, run));
    for (const run of left) failures.set(run.directory, 'It was not begun: the budget was used up.');
    const unchosen = searches?.some(({ chosen }) => chosen === undefined);
    if (left.length > 0 || (unchosen && !how.mayBegin()))
      notes.push(
        `The budget of ${spec.budget} was used up: ${unchosen ? 'the search has not ended' : `${left.length} of ${runs.length} runs were not begun`}. Call it again to go on.`,
      );
    listener.onSummary?.();
    const about = [...corpora.values()].map((corpus) => corpus.about);
    const tables = await summariseApart({ spec, directory, corpora: about, runs: planned, failures, notes }, signal);
    const results = { ...tables, ...(searches && { searches }), finished: tables.finished && !unchosen };
    writeFileAtomic(join(directory, RESULTS), `${JSON.stringify(results, null, 2)}\n`);
    return results;
  });
}

const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 };

/** @param budget as the experiment file has it: "90s", "2h"; none = no end. */
function milliseconds(budget: string | undefined): number {
  return budget === undefined ? Number.POSITIVE_INFINITY : Number(budget.slice(0, -1)) * UNITS[budget.slice(-1)];
}
