import { InputError } from '../../base/errors.js';
import type { Provider } from '../../graph/providers.js';
import { createPool, type Outcome, recordAttempt } from '../../jobs/index.js';
import type { PlannedRun } from './plan.js';
import type { SummaryOf } from './summary.js';
import type { RunNote, RunTask } from './task.js';
import { inputOf } from './tried.js';
import type { ExperimentResults } from './types.js';

/** A built file: the same place from src (in tests, after a build) and from dist. */
const built = (name: string) => new URL(`../../../dist/evaluation/experiment/${name}.js`, import.meta.url);

/** What a pool tells while it works. */
export interface PoolListener {
  onStart?: (run: PlannedRun) => void;
  /** @param epochs at most. */
  onEpoch?: (run: PlannedRun, epoch: number, epochs: number) => void;
  /** @param reason why it failed; undefined where it did not. */
  onEnd?: (run: PlannedRun, reason?: string) => void;
}

export interface PerformOptions {
  /** Runs at a time. */
  jobs: number;
  /** Threads of each. */
  threads: number;
  provider?: Provider;
  /** Of a search: only train to this epoch. */
  until?: number;
  /** Whether time for another run is left; what is running ends in any case. */
  mayBegin?: () => boolean;
  signal?: AbortSignal;
}

/**
 * Performs runs in worker processes, `jobs` at a time, in the order given. A run that fails, or whose process dies, is
 * told to the listener; the others go on. Whatever else goes wrong, a listener that throws included, ends them all.
 */
export async function performAll(
  directory: string,
  runs: readonly PlannedRun[],
  { jobs, threads, provider, until, mayBegin = () => true, signal }: PerformOptions,
  listener: PoolListener,
): Promise<void> {
  const pool = createPool<RunTask, void, RunNote>({ module: built('task'), size: Math.min(jobs, runs.length), signal });
  try {
    const waiting = [...runs.entries()];
    const lane = async () => {
      for (let next = waiting.shift(); next !== undefined && mayBegin(); next = waiting.shift()) {
        const [index, run] = next;
        let end: ReturnType<typeof recordAttempt> | undefined;
        const outcome = await pool.run(
          { directory, run, threads, provider, ...(until !== undefined && { until }) },
          {
            onStart() {
              end = recordAttempt(directory, index, inputOf(run.hash));
              listener.onStart?.(run);
            },
            onNote: ({ epoch, epochs }) => listener.onEpoch?.(run, epoch, epochs),
          },
        );
        const reason = failureOf(outcome);
        end?.(reason === undefined ? 'done' : 'failed', reason);
        listener.onEnd?.(run, reason);
      }
    };
    await Promise.all(Array.from({ length: pool.size }, lane));
  } finally {
    await pool.close();
  }
}

function failureOf(outcome: Outcome<void>): string | undefined {
  if ('died' in outcome) return `Its process ended (${outcome.died}); run the experiment again to continue it.`;
  if (!('failed' in outcome)) return undefined;
  const { failed } = outcome;
  return failed instanceof InputError ? failed.message : (failed.stack ?? failed.message);
}

/** Computes an experiment's tables in a process of its own, so that this one can still be interrupted. */
export async function summariseApart(what: SummaryOf, signal?: AbortSignal): Promise<ExperimentResults> {
  const pool = createPool<SummaryOf, ExperimentResults>({ module: built('summaryTask'), size: 1, signal });
  try {
    const outcome = await pool.run(what);
    if ('done' in outcome) return outcome.done;
    if ('failed' in outcome) throw outcome.failed;
    throw new InputError(
      `The process that computes the tables ended (${outcome.died}); run the experiment again, which keeps its runs.`,
    );
  } finally {
    await pool.close();
  }
}
