import type { Attempt } from '../../src/jobs/index.js';

/** The time at which made-up attempts begin. */
export const START = Date.parse('2026-01-02T03:00:00.000Z');
/** So many seconds later. */
export const at = (seconds: number): string => new Date(START + 1000 * seconds).toISOString();

/** A made-up attempt of the job of this number, from one second to another; without an end it goes on, or was killed. */
export function attempt(
  job: number,
  node: string,
  from: number,
  to?: number,
  outcome: Attempt['outcome'] = to === undefined ? undefined : 'done',
): Attempt {
  const ended = to === undefined ? {} : { ended: at(to), outcome };
  return { job, input: `input ${job}`, host: 'login', machine: '', node, pid: 7, begun: at(from), ...ended };
}
