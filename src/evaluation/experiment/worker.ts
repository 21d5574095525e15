import { InputError } from '../../base/errors.js';
import { performRun } from './perform.js';
import type { PlannedRun } from './plan.js';

/** To a worker: one run after the other. */
export interface ToWorker {
  directory: string;
  run: PlannedRun;
  threads: number;
}
/** From a worker: epochs done, then how the run ended. */
export type FromWorker = { epoch: number; epochs: number } | { done: true } | { failed: string };

process.on('message', async ({ directory, run, threads }: ToWorker) => {
  let answer: FromWorker = { done: true };
  try {
    await performRun(directory, run, threads, (epoch, epochs) =>
      process.send?.({ epoch, epochs } satisfies FromWorker),
    );
  } catch (error) {
    const { message, stack } = error as Error;
    answer = { failed: error instanceof InputError ? message : (stack ?? message) };
  }
  process.send?.(answer);
});
// It ends with the one that started it.
process.on('disconnect', () => process.exit());
// The terminal's interrupt reaches the whole group; the parent decides what becomes of it.
process.on('SIGINT', () => undefined);
