import { whoClaims } from '../base/claim.js';
import { InputError } from '../base/errors.js';
import { type Attempt, attemptReader } from './attempts.js';
import type { Job } from './job.js';
import { readJobs } from './plan.js';
import type { JobState } from './progress.js';
import { queued, readSubmission } from './slurm.js';

/** Jobs as one look finds them. */
export interface LookedAt {
  jobs: JobState[];
  /** In the order in which they began. */
  attempts: Attempt[];
}

/** How jobs of a kind are looked at. */
export interface JobView<Task> {
  isDone(task: Task): boolean;
  /** The directory that who is at it has claimed. */
  place(task: Task): string;
  /** Jobs that may be expected to take equally long. */
  alike?(task: Task): string;
}

/**
 * Looks at planned jobs, again and again. What is done stays done, and the others are looked at only where an attempt
 * says that something has happened to them.
 */
export function lookAtJobs<Task>(directory: string, view: JobView<Task>): () => LookedAt {
  const jobs = (readJobs(directory) as Job<Task>[]).map(({ name, input, task }) => {
    const state: JobState = { name, input, state: 'waiting' };
    if (view.isDone(task)) state.state = 'done';
    if (view.alike !== undefined) state.alike = view.alike(task);
    return { task, state };
  });
  const read = attemptReader(directory);
  return () => {
    const attempts = read();
    const last = new Map(attempts.filter(({ outcome }) => outcome !== 'elsewhere').map((one) => [one.input, one]));
    // The clocks of nodes differ: what was done by one may seem to have been begun later by another.
    const done = new Set(attempts.filter(({ outcome }) => outcome === 'done').map(({ input }) => input));
    for (const { task, state } of jobs) {
      const attempt = last.get(state.input);
      if (state.state === 'done' || attempt === undefined) continue;
      if (done.has(state.input) && view.isDone(task)) state.state = 'done';
      else if (attempt.outcome === 'failed') state.state = 'failed';
      else state.state = whoClaims(view.place(task)) === undefined ? 'waiting' : 'running';
    }
    return { jobs: jobs.map(({ state }) => state), attempts };
  };
}

/** How often SLURM is asked. */
const LOOK_MS = 2000;

/**
 * Looks at submitted jobs every few seconds until nothing of them is queued any more.
 * @param onLook is told what each look found, and SLURM's words for what is still in its queue.
 * @throws InputError where nothing was submitted.
 */
export async function followJobs<Task>(
  directory: string,
  view: JobView<Task>,
  onLook: (state: LookedAt, queue: readonly string[]) => void,
): Promise<LookedAt> {
  const submission = readSubmission(directory);
  if (submission === undefined) throw new InputError(`${directory} was not submitted; call it with --slurm.`);
  const look = lookAtJobs(directory, view);
  for (;;) {
    const queue = queued(submission);
    const state = look();
    onLook(state, queue);
    if (queue.length === 0) return state;
    await new Promise((next) => setTimeout(next, LOOK_MS));
  }
}
