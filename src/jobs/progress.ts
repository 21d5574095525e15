import type { Attempt } from './attempts.js';
import { nodeOf } from './timeline.js';

/** A job as it stands. */
export interface JobState {
  name: string;
  input: string;
  state: 'done' | 'running' | 'failed' | 'waiting';
  /** Jobs that may be expected to take equally long, for instance those of one configuration. */
  alike?: string;
}

/** A job that is being done. */
export interface AtWork {
  name: string;
  node: string;
  /** Milliseconds since 1970, and seconds up to now. */
  since: number;
  seconds: number;
  /** Seconds that half of the finished jobs like it took at most, where it takes more than twice as long. */
  median?: number;
}

/** How far jobs are, wherever they are done. */
export interface Progress {
  jobs: Record<JobState['state'], number>;
  /** The longest first. */
  atWork: AtWork[];
  /** Jobs done an hour, since the last pause and in the last hour at most; undefined until one is done. */
  perHour?: number;
  /** Seconds until all are done, at what the finished ones took; undefined until one is done. */
  left?: number;
}

/** A job that takes more than so many medians is a straggler. */
const STRAGGLES = 2;
/** Finished jobs that a median speaks for. */
const LEAST = 3;
/** Throughput is of the last hour, and of the time since nobody was at work for a minute. */
const WINDOW_MS = 3_600_000;
const PAUSE_MS = 60_000;

/**
 * How far jobs are.
 * @param attempts all of them, in the order in which they began; @param now milliseconds since 1970.
 */
export function progressOf(jobs: readonly JobState[], attempts: readonly Attempt[], now: number): Progress {
  const counts = { done: 0, running: 0, failed: 0, waiting: 0 };
  for (const { state } of jobs) counts[state]++;
  const expected = expectations(jobs, attempts);
  const begun = new Map(attempts.filter(({ ended }) => ended === undefined).map((one) => [one.input, one]));
  const open = new Set<Attempt>();
  let ahead = 0;
  const atWork = jobs.flatMap((job): AtWork[] => {
    const { name, input, state } = job;
    const { mean, median } = expected(job);
    if (state === 'waiting') ahead += mean;
    const attempt = begun.get(input);
    if (state !== 'running' || attempt === undefined) return [];
    open.add(attempt);
    const since = Date.parse(attempt.begun);
    const seconds = Math.max(0, (now - since) / 1000);
    ahead += Math.max(0, mean - seconds);
    const slow = median !== undefined && seconds > STRAGGLES * median;
    return [{ name, node: nodeOf(attempt), since, seconds, ...(slow && { median }) }];
  });
  const left = counts.done > 0 && atWork.length > 0 && !Number.isNaN(ahead) ? ahead / atWork.length : undefined;
  const perHour = throughput(attempts, open, now);
  return {
    jobs: counts,
    atWork: atWork.sort((a, b) => b.seconds - a.seconds),
    ...(perHour !== undefined && { perHour }),
    ...(left !== undefined && { left }),
  };
}

/** How long a job may be expected to take: as the finished ones like it, or else as all finished ones; NaN without any. */
function expectations(jobs: readonly JobState[], attempts: readonly Attempt[]) {
  const alike = new Map(jobs.map((job) => [job.input, job.alike]));
  const took = new Map<string | undefined, number[]>([[undefined, []]]);
  for (const { begun, ended, outcome, input } of attempts) {
    if (outcome !== 'done' || !alike.has(input)) continue;
    for (const group of new Set([alike.get(input), undefined])) {
      if (!took.has(group)) took.set(group, []);
      took.get(group)?.push((Date.parse(ended as string) - Date.parse(begun)) / 1000);
    }
  }
  const known = new Map([...took].map(([group, seconds]) => [group, summaryOf(seconds)]));
  return (job: JobState) => {
    const own = known.get(job.alike);
    return own?.median === undefined ? (known.get(undefined) as ReturnType<typeof summaryOf>) : own;
  };
}

/** @returns the median only where there are enough values. */
function summaryOf(seconds: number[]): { mean: number; median?: number } {
  const mean = seconds.reduce((sum, one) => sum + one, 0) / seconds.length;
  if (seconds.length < LEAST) return { mean };
  return { mean, median: seconds.toSorted((a, b) => a - b)[Math.floor((seconds.length - 1) / 2)] };
}

/** Jobs done an hour, while somebody was at work. @param open attempts that go on. */
function throughput(attempts: readonly Attempt[], open: ReadonlySet<Attempt>, now: number): number | undefined {
  const times = attempts.map((attempt) => {
    const from = Date.parse(attempt.begun);
    // One that was killed is known to have lived when it began.
    const to = attempt.ended === undefined ? (open.has(attempt) ? now : from) : Date.parse(attempt.ended);
    return { from, to, done: attempt.outcome === 'done' };
  });
  const until = times.reduce((latest, { to }) => Math.max(latest, to), 0);
  let since = until;
  for (const { from, to } of times.toSorted((a, b) => b.to - a.to)) {
    if (to < since - PAUSE_MS) break;
    since = Math.min(since, from);
  }
  since = Math.max(since, until - WINDOW_MS);
  const done = times.filter((one) => one.done && one.to > since).length;
  return done === 0 || until <= since ? undefined : (3_600_000 * done) / (until - since);
}
