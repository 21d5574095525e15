import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clockOf, createBoard, type Looked } from '../../src/cli/board.js';
import { experimentBoard } from '../../src/cli/experimentBoard.js';
import type { PlannedRun } from '../../src/evaluation/experiment/plan.js';
import type { JobState } from '../../src/jobs/index.js';
import { attempt, START } from '../jobs/attempts.js';

let lines: string[];
let now: number;
const options = { terminal: false, now: () => now, line: (text: string) => lines.push(text) };
beforeEach(() => {
  lines = [];
  now = START;
});
const told = () => lines.splice(0);
const jobs = (...states: JobState['state'][]): JobState[] =>
  states.map((state, i) => ({ name: `toy, none, seed ${i}`, input: `input ${i}`, state }));

describe('the board without a terminal', () => {
  it('says what ends, where and after how long, and what the scheduler has when that changes', () => {
    const board = createBoard({ noun: 'run', ...options });
    const look = (state: Looked, seconds: number) => {
      now = START + 1000 * seconds;
      board.look(state);
      return told();
    };
    const first = { jobs: jobs('running', 'waiting'), attempts: [attempt(0, 'n1', 0)], queue: '1 running' };
    expect(look(first, 1)).toEqual(["2 runs: 0 done, 1 running, 0 failed, 1 waiting; in SLURM's queue: 1 running."]);
    expect(look(first, 2)).toEqual([]);
    const second = {
      jobs: jobs('done', 'running'),
      attempts: [attempt(0, 'n1', 0, 10), attempt(1, 'n1', 10)],
      queue: '1 running',
    };
    expect(look(second, 12)).toEqual(['1/2 toy, none, seed 0 (10 s, n1) 300 an hour, about 8 s left']);
    const third = {
      jobs: jobs('done', 'failed'),
      attempts: [attempt(0, 'n1', 0, 10), attempt(1, 'n1', 10, 15, 'failed')],
      queue: '',
    };
    expect(look(third, 20)).toEqual([
      '1/2 toy, none, seed 1 FAILED (5 s, n1) 240 an hour',
      "2 runs: 1 done, 0 running, 1 failed, 0 waiting; in SLURM's queue: nothing.",
    ]);
  });

  it('does not repeat what had ended before it looked', () => {
    createBoard({ noun: 'run', ...options }).look({ jobs: jobs('done'), attempts: [attempt(0, 'n1', 0, 10)] });
    expect(told()).toEqual(['1 run: 1 done, 0 running, 0 failed, 0 waiting.']);
  });

  it('says every minute which node does what since when, and names a straggler once', () => {
    const board = createBoard({ noun: 'run', ...options });
    const state = {
      jobs: jobs('done', 'done', 'done', 'running', 'waiting'),
      attempts: [0, 1, 2].map((i) => attempt(i, 'n1', 10 * i, 10 * i + 10)).concat([attempt(3, 'n2', 5)]),
      notes: new Map([['toy, none, seed 3', 'epoch 4 of 40 at most']]),
    };
    now = START + 20_000;
    board.look(state);
    told();
    now = START + 26_000;
    board.look(state);
    const since = clockOf(START + 5000);
    expect(told()).toEqual([
      `Straggler: n2: toy, none, seed 3, since ${since} (21 s), epoch 4 of 40 at most, slow: half of those done took at most 10 s`,
    ]);
    now = START + 61_000;
    board.look(state);
    expect(told()).toEqual([
      '5 runs: 3 done, 1 running, 0 failed, 1 waiting; 177 an hour, about 10 s left.',
      `  n2: toy, none, seed 3, since ${since} (56 s), epoch 4 of 40 at most, slow: half of those done took at most 10 s`,
    ]);
  });

  it('counts what does not fit', () => {
    const board = createBoard({ noun: 'run', ...options });
    const many = Array.from({ length: 40 }, (_, i) => i);
    const state = {
      jobs: jobs(...many.map((): JobState['state'] => 'running')),
      attempts: many.map((i) => attempt(i, `n${i}`, i)),
    };
    board.look(state);
    now += 60_000;
    told();
    board.look(state);
    const said = told();
    expect(said).toHaveLength(1 + 16 + 1);
    expect(said.at(-1)).toBe('  and 24 more at work');
  });
});

describe('the board on a terminal', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('draws what is done, and a line for each at work, over what it drew before', () => {
    let written = '';
    const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 100 });
    screen.on('data', (bytes) => {
      written += bytes;
    });
    const board = createBoard({ noun: 'run', now: () => now, terminal: true, screen });
    now = START + 20_000;
    board.look({
      jobs: jobs('done', 'running', 'waiting'),
      attempts: [attempt(0, 'n1', 0, 10), attempt(1, 'n\u001b[2J1', 10)],
    });
    vi.advanceTimersByTime(500);
    expect(written).toContain(
      '████████░░░░░░░░░░░░░░░░ 3 runs: 1 done, 1 running, 0 failed, 1 waiting; 180 an hour, about 10 s left.',
    );
    // A name commands no terminal.
    expect(written).toContain(`1: toy, none, seed 1, since ${clockOf(START + 10_000)} (10 s)`);
    expect(written).not.toContain('\u001b[2J');
    written = '';
    board.look({
      jobs: jobs('done', 'done', 'waiting'),
      attempts: [attempt(0, 'n1', 0, 10), attempt(1, 'n1', 10, 20)],
    });
    vi.advanceTimersByTime(500);
    expect(written).toContain('3 runs: 2 done, 0 running, 0 failed, 1 waiting.');
    expect(written).not.toContain('since');
    board.stop();
  });
});

describe('the board of an experiment here', () => {
  const run = (seed: number) =>
    ({ corpus: 'toy', configuration: 'none', seed, hash: `${seed}`, model: { kind: 'vega' } }) as unknown as PlannedRun;

  it('tells what the pool does', () => {
    const { listener, stop } = experimentBoard(options);
    const runs = [run(1), run(2), run(3)];
    listener.onPlan?.(runs, runs.slice(1));
    listener.onStart?.(runs[1]);
    now += 8000;
    listener.onEpoch?.(runs[1], 3, 40);
    listener.onEnd?.(runs[1]);
    listener.onStart?.(runs[2]);
    now += 2000;
    listener.onEnd?.(runs[2], 'no memory');
    listener.onSummary?.();
    stop();
    expect(told()).toEqual([
      '3 runs, 1 of them finished earlier.',
      '2 runs: 0 done, 1 running, 0 failed, 1 waiting.',
      expect.stringMatching(/^1\/2 toy none seed 2 \(8 s, .+\) 450 an hour$/),
      expect.stringMatching(/^1\/2 toy none seed 3 FAILED \(2 s, .+\) 360 an hour$/),
      'Resampling …',
    ]);
  });
});
