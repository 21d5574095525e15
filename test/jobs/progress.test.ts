import { describe, expect, it } from 'vitest';
import { type JobState, progressOf } from '../../src/jobs/index.js';
import { attempt, START } from './attempts.js';

const job = (number: number, state: JobState['state'], alike?: string): JobState => ({
  name: `job ${number}`,
  input: `input ${number}`,
  state,
  ...(alike && { alike }),
});
const now = (seconds: number) => START + 1000 * seconds;

describe('progressOf', () => {
  it('counts jobs, and says who is at which since when, the longest first', () => {
    const jobs = [job(0, 'done'), job(1, 'running'), job(2, 'running'), job(3, 'failed'), job(4, 'waiting')];
    const attempts = [attempt(0, 'n1', 0, 10), attempt(1, 'n1', 10), attempt(2, 'n2', 14)];
    const { jobs: counts, atWork } = progressOf(jobs, attempts, now(20));
    expect(counts).toEqual({ done: 1, running: 2, failed: 1, waiting: 1 });
    expect(atWork).toEqual([
      { name: 'job 1', node: 'n1', since: now(10), seconds: 10 },
      { name: 'job 2', node: 'n2', since: now(14), seconds: 6 },
    ]);
  });

  it('knows neither speed nor time left before anything is done', () => {
    const progress = progressOf([job(0, 'running'), job(1, 'waiting')], [attempt(0, 'n1', 0)], now(5));
    expect([progress.perHour, progress.left]).toEqual([undefined, undefined]);
  });

  it('reckons the time left by what the finished ones took, for as many at a time as are at work', () => {
    const jobs = [job(0, 'done'), job(1, 'done'), job(2, 'running'), job(3, 'running'), job(4, 'waiting')];
    const attempts = [attempt(0, 'n1', 0, 10), attempt(1, 'n2', 0, 30), attempt(2, 'n1', 10), attempt(3, 'n2', 30)];
    // Jobs take 20 s: what waits, and what is left of those that began 25 s and 5 s ago.
    expect(progressOf(jobs, attempts, now(35)).left).toBe((20 + 0 + 15) / 2);
  });

  it('measures throughput while somebody is at work: neither a night between nor a killed attempt counts', () => {
    const night = 40_000;
    const attempts = [
      attempt(0, 'n1', 0, 10),
      attempt(1, 'n1', 10),
      attempt(1, 'n1', night, night + 10),
      attempt(2, 'n1', night + 10, night + 30),
      attempt(3, 'n1', night + 30),
    ];
    const jobs = [job(0, 'done'), job(1, 'done'), job(2, 'done'), job(3, 'running')];
    expect(progressOf(jobs, attempts, now(night + 40)).perHour).toBe((2 * 3600) / 40);
    // When all has ended, the clock does not count on.
    expect(progressOf(jobs, attempts.slice(0, 4), now(night + 9999)).perHour).toBe((2 * 3600) / 30);
  });

  it('measures the last hour at most', () => {
    const attempts = Array.from({ length: 100 }, (_, i) => attempt(i, 'n1', 100 * i, 100 * i + (i < 50 ? 100 : 99)));
    expect(progressOf([], attempts, now(9999)).perHour).toBeCloseTo(36, 0);
  });

  it('names what takes more than twice as long as half of the finished ones like it', () => {
    const jobs = [
      ...[0, 1, 2].map((number) => job(number, 'done', 'small')),
      ...[3, 4, 5].map((number) => job(number, 'done', 'large')),
      job(6, 'running', 'small'),
      job(7, 'running', 'large'),
      job(8, 'running', 'small'),
    ];
    const attempts = [
      ...[0, 1, 2].map((number) => attempt(number, 'n1', 10 * number, 10 * number + 10)),
      ...[3, 4, 5].map((number) => attempt(number, 'n2', 0, 100)),
      attempt(6, 'n1', 30),
      attempt(7, 'n2', 30),
      attempt(8, 'n3', 85),
    ];
    const slow = progressOf(jobs, attempts, now(100)).atWork.filter(({ median }) => median !== undefined);
    expect(slow).toEqual([{ name: 'job 6', node: 'n1', since: now(30), seconds: 70, median: 10 }]);
    // Two finished jobs are no measure.
    const few = progressOf([jobs[0], jobs[1], jobs[6]], [attempts[0], attempts[1], attempts[6]], now(100));
    expect(few.atWork[0].median).toBeUndefined();
  });

  it('looks at a hundred thousand jobs', () => {
    const jobs = Array.from({ length: 100_000 }, (_, i) => job(i, 'done', 'one'));
    const attempts = jobs.map((_, i) => attempt(i, `n${i % 1000}`, i, i + 100));
    expect(progressOf(jobs, attempts, now(100_100)).perHour).toBeCloseTo(3600, -2);
  });
});
