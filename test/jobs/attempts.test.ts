import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import * as read from '../../src/base/read.js';
import { attemptReader, readAttempts, recordAttempt } from '../../src/jobs/index.js';
import { attempt } from './attempts.js';

vi.mock('../../src/base/read.js', { spy: true });

let home: string;
let folder: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vega-attempts-'));
  folder = join(home, 'jobs/attempts');
});
afterEach(() => rmSync(home, { recursive: true }));

/** Another process's log. */
function log(name: string, ...attempts: ReturnType<typeof attempt>[]): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, attempts.map((one) => `${JSON.stringify(one)}\n`).join(''));
  return path;
}
const told = () => readAttempts(home).map(({ job, outcome }) => [job, outcome]);

describe('attempts', () => {
  it('of a process are lines of one file, there before the work and again at its end', () => {
    expect(readAttempts(home)).toEqual([]);
    const end = recordAttempt(home, 3, 'input 3');
    expect(told()).toEqual([[3, undefined]]);
    const other = recordAttempt(home, 4, 'input 4');
    end('failed', 'no memory');
    other('done');
    expect(told()).toEqual([
      [3, 'failed'],
      [4, 'done'],
    ]);
    expect(readAttempts(home)[0].reason).toBe('no memory');
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('are read in the order in which they began, whoever wrote them', () => {
    log('n2-1.jsonl', attempt(1, 'n2', 5, 9), attempt(3, 'n2', 9));
    log('n1-1.jsonl', attempt(0, 'n1', 0, 7), attempt(2, 'n1', 7, 8));
    expect(told().map(([job]) => job)).toEqual([0, 1, 2, 3]);
  });

  it('leave out a line that was cut off, and say where one is wrong', () => {
    const path = log('n1-1.jsonl', attempt(0, 'n1', 0, 7));
    appendFileSync(path, JSON.stringify(attempt(1, 'n1', 7)).slice(0, 30));
    expect(told()).toEqual([[0, 'done']]);
    // The next line comes behind it where the disk was full for a moment.
    appendFileSync(path, '\n{"job": "x"}\n');
    expect(() => readAttempts(home)).toThrow(InputError);
    expect(() => readAttempts(home)).toThrow(/n1-1\.jsonl, line 3/);
  });

  it('are read again only where a log has grown', () => {
    const growing = log('n1-1.jsonl', attempt(0, 'n1', 0));
    log('n2-1.jsonl', attempt(1, 'n2', 0, 5));
    const look = attemptReader(home);
    look();
    vi.mocked(read.readText).mockClear();
    expect(look()).toHaveLength(2);
    expect(vi.mocked(read.readText)).not.toHaveBeenCalled();
    appendFileSync(growing, `${JSON.stringify(attempt(0, 'n1', 0, 4))}\n`);
    expect(look().map(({ outcome }) => outcome)).toEqual(['done', 'done']);
    expect(vi.mocked(read.readText)).toHaveBeenCalledTimes(1);
  });

  it('of before a file was written can be left out', () => {
    const old = log('n1-1.jsonl', attempt(0, 'n1', 0, 1));
    log('n2-1.jsonl', attempt(1, 'n2', 0, 1));
    const plan = join(home, 'plan.json');
    writeFileSync(plan, '');
    utimesSync(old, 1, 1);
    utimesSync(plan, 2, 2);
    expect(attemptReader(home, plan)().map(({ job }) => job)).toEqual([1]);
  });

  it('name the disk where it refuses', () => {
    writeFileSync(join(home, 'jobs'), '');
    expect(() => recordAttempt(home, 0, 'input 0')).toThrow(/jobs/);
    expect(readFileSync(join(home, 'jobs'), 'utf8')).toBe('');
  });
});
