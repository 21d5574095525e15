import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClaimedError } from '../../src/base/claim.js';
import { InputError } from '../../src/base/errors.js';
import {
  type Attempt,
  type JobModules,
  jobOf,
  performShare,
  readAttempts,
  readJobs,
  writeJobs,
} from '../../src/jobs/index.js';
import { attempt } from './attempts.js';

interface Task {
  number: number;
}

let home: string;
let performed: number[];
let looked: number[];
let done: Set<number>;
let refuse: Map<number, Error>;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vega-jobs-'));
  performed = [];
  looked = [];
  done = new Set();
  refuse = new Map();
  writeJobs(
    home,
    [0, 1, 2, 3, 4].map((number) => jobOf('count', `number ${number}`, number, { number })),
  );
});
afterEach(() => rmSync(home, { recursive: true }));

const modules: JobModules = {
  count: async () => ({
    isDone({ number }: Task) {
      looked.push(number);
      return done.has(number);
    },
    async perform({ number }: Task) {
      const error = refuse.get(number);
      if (error !== undefined) throw error;
      performed.push(number);
      done.add(number);
    },
  }),
};
const outcomes = (share: Awaited<ReturnType<typeof performShare>>) =>
  share.map(({ index, outcome }) => [index, outcome]);

describe('performShare', () => {
  it('does one job, and nothing where it was done before', async () => {
    expect(outcomes(await performShare(home, modules, { index: 3 }))).toEqual([[3, 'done']]);
    expect(outcomes(await performShare(home, modules, { index: 3 }))).toEqual([[3, 'before']]);
    expect(performed).toEqual([3]);
    expect(readAttempts(home).map(({ job, outcome }) => [job, outcome])).toEqual([[3, 'done']]);
  });

  it("does a worker's share, then helps the others from the far end", async () => {
    done.add(2);
    await performShare(home, modules, { index: 0, of: 2 });
    expect(performed).toEqual([0, 4, 3, 1]);
  });

  it('leaves to another what another is at, which is no failure', async () => {
    refuse.set(1, new ClaimedError('in use'));
    expect(outcomes(await performShare(home, modules, { index: 1 }))).toEqual([[1, 'elsewhere']]);
  });

  it('goes on after a job that fails, tries it once, and says why', async () => {
    refuse.set(0, new InputError('no such corpus'));
    const share = await performShare(home, modules, { index: 0, of: 1 });
    expect(outcomes(share)).toEqual([
      [0, 'failed'],
      [1, 'done'],
      [2, 'done'],
      [3, 'done'],
      [4, 'done'],
    ]);
    expect(readAttempts(home).find(({ job }) => job === 0)).toMatchObject({
      outcome: 'failed',
      reason: 'no such corpus',
    });
  });

  describe('helps by what others tell', () => {
    /** What another worker's log says. */
    const told = (...attempts: [job: number, outcome?: Attempt['outcome']][]) => {
      const jobs = readJobs(home);
      const lines = attempts.map(([job, outcome], i) => ({
        ...attempt(job, 'n2', i, outcome && i + 1, outcome),
        input: jobs[job].input,
      }));
      mkdirSync(join(home, 'jobs/attempts'), { recursive: true });
      const log = join(home, `jobs/attempts/n2-${attempts.length}.jsonl`);
      writeFileSync(log, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      return log;
    };

    it('does not look at what was done, and takes what nobody has begun', async () => {
      told([1, 'done'], [3, 'done']);
      for (const number of [1, 3]) done.add(number);
      await performShare(home, modules, { index: 0, of: 2 });
      expect(performed).toEqual([0, 2, 4]);
      // Once each in its share; of the others, none.
      expect(looked).toEqual([0, 2, 4]);
    });

    it('looks for itself where the jobs were planned anew since', async () => {
      const log = told([1, 'done'], [3, 'done']);
      utimesSync(log, 1, 1);
      await performShare(home, modules, { index: 0, of: 2 });
      expect(performed).toEqual([0, 2, 4, 3, 1]);
    });

    it('takes over what a dead worker had begun, and leaves to a live one what it is at', async () => {
      told([1], [3]);
      refuse.set(3, new ClaimedError('in use'));
      const share = await performShare(home, modules, { index: 0, of: 2 });
      expect(performed).toEqual([0, 2, 4, 1]);
      expect(share.find(({ index }) => index === 3)?.outcome).toBe('elsewhere');
    });

    it('tries once more what failed once, and not what failed twice', async () => {
      told([1, 'failed'], [3, 'failed'], [3, 'failed']);
      await performShare(home, modules, { index: 0, of: 2 });
      expect(performed).toEqual([0, 2, 4, 1]);
    });

    it('tries to take over a few only, however many are at work', async () => {
      const jobs = Array.from({ length: 100 }, (_, number) => jobOf('count', `number ${number}`, number, { number }));
      writeJobs(home, jobs);
      told(...jobs.slice(1).map((_, i): [number] => [i + 1]));
      for (let number = 1; number < 100; number++) refuse.set(number, new ClaimedError('in use'));
      const share = await performShare(home, modules, { index: 0, of: 100 });
      expect(share).toHaveLength(1 + 8);
    });
  });

  it('refuses a number that no job or worker has, a directory without a plan, and an unknown kind', async () => {
    await expect(performShare(home, modules, { index: 5 })).rejects.toThrow(
      `There is no job 5 in ${home}: they are numbered 0 to 4.`,
    );
    await expect(performShare(home, modules, { index: 2, of: 2 })).rejects.toThrow('There is no worker 2');
    const empty = join(home, 'empty');
    mkdirSync(empty);
    expect(() => readJobs(empty)).toThrow(/holds no planned jobs/);
    writeJobs(empty, [jobOf('dance', 'a', 1, {})]);
    await expect(performShare(empty, modules, { index: 0 })).rejects.toThrow('There is no kind of job "dance"');
  });

  it('says what is wrong with a damaged plan', () => {
    const path = join(home, 'jobs/plan.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 40));
    expect(() => readJobs(home)).toThrow(InputError);
  });
});
