import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PlannedRun } from './plan.js';
import type { FromWorker, ToWorker } from './worker.js';

/** The built file: the same place from src (in tests, after a build) and from dist. */
const WORKER = fileURLToPath(new URL('../../../dist/evaluation/experiment/worker.js', import.meta.url));

/** What a pool tells while it works. */
export interface PoolListener {
  onStart?: (run: PlannedRun) => void;
  /** @param epochs at most. */
  onEpoch?: (run: PlannedRun, epoch: number, epochs: number) => void;
  /** @param reason why it failed; undefined where it did not. */
  onEnd?: (run: PlannedRun, reason?: string) => void;
}

/**
 * Performs runs in worker processes, `jobs` at a time, in the order given. A run that fails, or whose process dies, is
 * told to the listener; the others go on.
 */
export async function performAll(
  directory: string,
  runs: readonly PlannedRun[],
  { jobs, threads }: { jobs: number; threads: number },
  listener: PoolListener,
): Promise<void> {
  const queue = [...runs];
  const workers = new Set<ChildProcess>();
  const work = async () => {
    let worker: ChildProcess | undefined;
    for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
      if (worker === undefined || worker.exitCode !== null || worker.signalCode !== null) {
        worker = fork(WORKER, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
        workers.add(worker);
      }
      listener.onStart?.(run);
      listener.onEnd?.(run, await perform(worker, { directory, run, threads }, listener));
    }
    worker?.disconnect();
  };
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, runs.length) }, work));
  } finally {
    for (const worker of workers) if (worker.connected) worker.kill('SIGKILL');
  }
}

/** @returns why the run failed; undefined where it did not. */
function perform(worker: ChildProcess, task: ToWorker, { onEpoch }: PoolListener): Promise<string | undefined> {
  return new Promise((resolve) => {
    const end = (reason?: string) => {
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      resolve(reason);
    };
    const onMessage = (answer: FromWorker) => {
      if ('epoch' in answer) onEpoch?.(task.run, answer.epoch, answer.epochs);
      else end('failed' in answer ? answer.failed : undefined);
    };
    const onExit = (code: number | null, signal: string | null) =>
      end(`Its process ended (${signal ?? `exit code ${code}`}); run the experiment again to continue it.`);
    worker.on('message', onMessage);
    worker.on('exit', onExit);
    worker.send(task, (error) => {
      if (error) end(error.message);
    });
  });
}
