import { MultiBar, type SingleBar } from 'cli-progress';
import { printable } from '../base/words.js';
import { type Attempt, type AtWork, type JobState, nodeOf, type Progress, progressOf } from '../jobs/index.js';
import { count, duration, print, printJson, say } from './output.js';

/** Where jobs stand, as one look at them finds it. */
export interface Looked {
  jobs: readonly JobState[];
  /** In the order in which they began. */
  attempts: readonly Attempt[];
  /** What else is known of jobs at work, by their names: "epoch 3 of 40 at most". */
  notes?: ReadonlyMap<string, string>;
  /** What the scheduler says: "2 running, 1 pending". */
  queue?: string;
}

/** Shows how far jobs are, on stderr: on a terminal as a board, elsewhere as lines. */
export interface Board {
  look(state: Looked): void;
  stop(): void;
}

export interface BoardOptions {
  /** What the jobs are: "run", "part". */
  noun: string;
  /** For tests: the clock, in milliseconds since 1970; whether there is a terminal, and which; where lines go. */
  now?: () => number;
  terminal?: boolean;
  screen?: NodeJS.WritableStream;
  line?: (text: string) => void;
}

/** Without a terminal, who does what is told so often. */
const NODES_MS = 60_000;
/** More jobs at work than these are only counted. */
const MOST_AT_WORK = 16;
const BAR = 24;

export function createBoard({
  noun,
  now = Date.now,
  terminal = process.stderr.isTTY,
  screen = process.stderr,
  line = say,
}: BoardOptions): Board {
  return terminal ? boardOnTerminal(noun, now, screen) : boardOfLines(noun, now, line);
}

function boardOnTerminal(noun: string, now: () => number, stream: NodeJS.WritableStream): Board {
  const screen = new MultiBar({
    format: (_options, _params, { line }: { line: string }) => line,
    stream,
    hideCursor: true,
    clearOnComplete: true,
  });
  const rows: SingleBar[] = [];
  return {
    look(state) {
      const progress = progressOf(state.jobs, state.attempts, now());
      const lines = [barLine(noun, progress, state.queue), ...workLines(progress, state.notes)].map(printable);
      while (rows.length > lines.length) screen.remove(rows.pop() as SingleBar);
      lines.forEach((line, i) => {
        if (rows[i] === undefined) rows.push(screen.create(1, 0, { line }));
        else rows[i].update({ line });
      });
    },
    stop: () => screen.stop(),
  };
}

function boardOfLines(noun: string, now: () => number, line: (text: string) => void): Board {
  const told = new Set<string>();
  /** Says something once. */
  const once = (key: string, text: string) => {
    if (!told.has(key)) line(text);
    told.add(key);
  };
  let begun = false;
  let lastNodes = now();
  let lastQueue: string | undefined;
  return {
    look({ jobs, attempts, notes, queue }) {
      const progress = progressOf(jobs, attempts, now());
      const names = new Map(jobs.map(({ input, name }) => [input, name]));
      for (const attempt of attempts) {
        const { input, outcome, begun: from, ended } = attempt;
        if (ended === undefined || outcome === 'elsewhere') continue;
        const key = `${input} ${from}`;
        // What had ended before the first look is in its sum.
        if (!begun) told.add(key);
        const took = duration((Date.parse(ended) - Date.parse(from)) / 1000);
        const how = outcome === 'failed' ? ' FAILED' : '';
        once(
          key,
          `${doneOf(progress)} ${names.get(input) ?? `job ${attempt.job}`}${how} (${took}, ${nodeOf(attempt)}) ${rateOf(progress)}`.trimEnd(),
        );
      }
      if (!begun || queue !== lastQueue) line(sumLine(noun, progress, queue));
      begun = true;
      lastQueue = queue;
      for (const one of progress.atWork) {
        if (one.median !== undefined) once(`straggler ${one.name} ${one.since}`, `Straggler: ${workLine(one, notes)}`);
      }
      if (now() - lastNodes < NODES_MS) return;
      lastNodes = now();
      for (const text of [sumLine(noun, progress, queue), ...workLines(progress, notes)]) line(text);
    },
    stop: () => undefined,
  };
}

const totalOf = ({ jobs }: Progress): number => jobs.done + jobs.running + jobs.failed + jobs.waiting;
const doneOf = (progress: Progress): string => `${count(progress.jobs.done)}/${count(totalOf(progress))}`;

/** "120 an hour, about 5 min left" */
export function rateOf({ perHour, left, jobs }: Progress): string {
  const words = [
    perHour !== undefined && `${perHour < 10 ? perHour.toFixed(1) : count(Math.round(perHour))} an hour`,
    left !== undefined && jobs.running + jobs.waiting > 0 && `about ${duration(left)} left`,
  ];
  return words.filter(Boolean).join(', ');
}

/** "24 runs: 12 done, 2 running, 1 failed, 9 waiting; 120 an hour, about 5 min left; in SLURM's queue: 2 running." */
export function sumLine(noun: string, progress: Progress, queue?: string): string {
  const { done, running, failed, waiting } = progress.jobs;
  const all = totalOf(progress);
  const parts = [
    `${count(all)} ${noun}${all === 1 ? '' : 's'}: ${count(done)} done, ${count(running)} running, ${count(failed)} failed, ${count(waiting)} waiting`,
    running > 0 && rateOf(progress),
    queue !== undefined && `in SLURM's queue: ${queue || 'nothing'}`,
  ];
  return `${parts.filter(Boolean).join('; ')}.`;
}

function barLine(noun: string, progress: Progress, queue?: string): string {
  const { done, failed } = progress.jobs;
  const filled = Math.round((BAR * (done + failed)) / Math.max(1, totalOf(progress)));
  return `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ${sumLine(noun, progress, queue)}`;
}

/** A line a job at work, the longest first. */
function workLines({ atWork }: Progress, notes?: Looked['notes']): string[] {
  const lines = atWork.slice(0, MOST_AT_WORK).map((one) => `  ${workLine(one, notes)}`);
  const more = atWork.length - lines.length;
  return more > 0 ? [...lines, `  and ${count(more)} more at work`] : lines;
}

/** "n1: toy, none, seed 3, since 08:31:07 (2 min), epoch 12 of 40 at most" */
function workLine(one: AtWork, notes?: Looked['notes']): string {
  const { name, node, since, seconds, median } = one;
  const note = notes?.get(name);
  const slow = median === undefined ? '' : `, slow: half of those done took at most ${duration(median)}`;
  return `${node}: ${name}, since ${clockOf(since)} (${duration(seconds)})${note ? `, ${note}` : ''}${slow}`;
}

/** Prints how far jobs are, and who is at which. */
export function printProgress(noun: string, progress: Progress, json = false): void {
  if (json) printJson(progress);
  else for (const line of [sumLine(noun, progress), ...workLines(progress)]) print(line);
}

/** "08:31:07", by the reader's clock. */
export const clockOf = (time: number): string => new Date(time).toTimeString().slice(0, 8);
