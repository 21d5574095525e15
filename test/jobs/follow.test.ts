import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withDirectory } from '../../src/base/claim.js';
import { type Attempt, followJobs, jobOf, lookAtJobs, writeJobs } from '../../src/jobs/index.js';
import { attempt } from './attempts.js';

interface Task {
  number: number;
}

let home: string;
let done: Set<number>;
let looked: number[];
const jobs = [0, 1, 2, 3].map((number) => jobOf('count', `number ${number}`, number, { number }));
const view = {
  isDone({ number }: Task) {
    looked.push(number);
    return done.has(number);
  },
  place: ({ number }: Task) => join(home, `${number}`),
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vega-follow-'));
  done = new Set();
  looked = [];
  writeJobs(home, jobs);
  mkdirSync(join(home, 'jobs/attempts'));
});
afterEach(() => rmSync(home, { recursive: true }));

const told = (...attempts: Attempt[]) =>
  writeFileSync(
    join(home, 'jobs/attempts/n1.jsonl'),
    attempts.map((one) => `${JSON.stringify({ ...one, input: jobs[one.job].input })}\n`).join(''),
  );

describe('lookAtJobs', () => {
  it('looks at all once, and then at those of which something is told', async () => {
    done.add(0);
    const look = lookAtJobs(home, view);
    const states = () => look().jobs.map(({ state }) => state);
    expect(states()).toEqual(['done', 'waiting', 'waiting', 'waiting']);
    expect(looked).toEqual([0, 1, 2, 3]);
    told(attempt(1, 'n1', 0, 5, 'failed'), attempt(2, 'n1', 5, 9), attempt(3, 'n1', 9));
    done.add(2);
    await withDirectory(join(home, '3'), { doing: 'count' }, async () => {
      expect(states()).toEqual(['done', 'failed', 'done', 'running']);
    });
    // It was killed, and nobody is at it.
    expect(states()).toEqual(['done', 'failed', 'done', 'waiting']);
    expect(looked).toEqual([0, 1, 2, 3, 2]);
  });

  it('believes what is there rather than clocks that differ', () => {
    // The one that was killed seems to have begun after the one that did it.
    told(attempt(1, 'n2', 0, 5), attempt(1, 'n1', 60));
    done.add(1);
    expect(lookAtJobs(home, view)().jobs[1].state).toBe('done');
  });

  it('takes for done nothing that is not there', () => {
    told(attempt(1, 'n1', 0, 5));
    expect(lookAtJobs(home, view)().jobs[1].state).toBe('waiting');
  });
});

it('followJobs says where nothing was submitted', async () => {
  await expect(followJobs(home, view, () => undefined)).rejects.toThrow(`${home} was not submitted; call it with`);
});
