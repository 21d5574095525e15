import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClaimedError } from '../../src/base/claim.js';
import { InputError } from '../../src/base/errors.js';
import { type JobModules, jobOf, performShare, readAttempts, readJobs, writeJobs } from '../../src/jobs/index.js';

interface Task {
  number: number;
}

let home: string;
let performed: number[];
let done: Set<number>;
let refuse: Map<number, Error>;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vega-jobs-'));
  performed = [];
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
    isDone: ({ number }: Task) => done.has(number),
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
