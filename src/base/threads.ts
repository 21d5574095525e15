import { availableParallelism } from 'node:os';
import { UsageError } from './errors.js';

/** Far more threads than cores only wait for each other; a few more let a run of a larger machine go on. */
export const MOST_THREADS = Math.max(16, 4 * availableParallelism());

/** Threads of one operator. @throws UsageError where there are none, or far too many for this machine. */
export function checkThreads(threads: number): number {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return threads;
  throw new UsageError(
    `The number of threads must be from 1 to ${MOST_THREADS}, not ${threads}: this machine has ${availableParallelism()} cores, and more threads would only wait for each other.`,
  );
}
