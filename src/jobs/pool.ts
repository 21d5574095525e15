import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InputError } from '../base/errors.js';
import type { FromWorker, ToWorker } from './worker.js';

/** How a task ended: its result; what its module threw; or by which signal or exit code its process ended at it. */
export type Outcome<Result> = { done: Result } | { failed: Error } | { died: string };

export interface TaskListener<Note> {
  /** A worker has begun with it. */
  onStart?: () => void;
  onNote?: (note: Note) => void;
}

/** Runs tasks in processes of their own, several at a time, in the order in which they come. */
export interface Pool<Task, Result, Note> {
  /** How many tasks run at a time. */
  readonly size: number;
  /**
   * A process that ends takes only its own task with it: another one takes its place, and a task that it had not begun
   * goes to the next. Rejects where nothing can run any more: the pool was closed or aborted, processes are refused, or a
   * listener threw.
   */
  run(task: Task, listener?: TaskListener<Note>): Promise<Outcome<Result>>;
  /** Ends the processes, whatever they are at, and waits until they are gone. What is still waiting is rejected. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** The module of the tasks (see `TaskModule`), as built. */
  module: URL;
  size: number;
  /** Closes the pool; its reason is what waiting tasks are rejected with. */
  signal?: AbortSignal;
}

/** The built file: the same place from src (in tests, after a build) and from dist. */
const WORKER = fileURLToPath(new URL('../../dist/jobs/worker.js', import.meta.url));

/** So many processes that end before they can work, one after the other, are no accident. */
const MOST_FAILED_STARTS = 3;
/** A task that was handed over so often without being begun is what ends the processes. */
const MOST_HANDOVERS = 3;

interface Waiting {
  id: number;
  task: unknown;
  listener: TaskListener<unknown>;
  begun: boolean;
  handovers: number;
  resolve(outcome: Outcome<unknown>): void;
  reject(reason: unknown): void;
}

interface Hand {
  child: ChildProcess;
  ready: boolean;
  at?: Waiting;
}

export function createPool<Task, Result, Note = never>({
  module,
  size,
  signal,
}: PoolOptions): Pool<Task, Result, Note> {
  const queue: Waiting[] = [];
  const hands = new Set<Hand>();
  const gone: Promise<void>[] = [];
  let limit = size;
  let failedStarts = 0;
  let ids = 0;
  let ended: { reason: unknown } | undefined;

  const end = (reason: unknown) => {
    if (ended !== undefined) return;
    ended = { reason };
    signal?.removeEventListener('abort', onAbort);
    for (const { reject } of queue.splice(0)) reject(reason);
    for (const { child, at } of hands) {
      at?.reject(reason);
      child.kill('SIGKILL');
    }
  };
  const onAbort = () => end(signal?.reason);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener('abort', onAbort);

  /** Gives waiting tasks to idle processes, and starts further processes while tasks wait and the limit allows. */
  const fill = () => {
    while (ended === undefined && queue.length > 0) {
      const idle = [...hands].find(({ ready, at, child }) => ready && at === undefined && child.connected);
      if (idle !== undefined) give(idle, queue.shift() as Waiting);
      else if (hands.size < limit && startingHands() < queue.length) start();
      else return;
    }
  };
  const startingHands = () => [...hands].filter(({ ready }) => !ready).length;

  const give = (hand: Hand, waiting: Waiting) => {
    hand.at = waiting;
    waiting.begun = false;
    waiting.handovers++;
    // What cannot be sent was not begun; the process is ending, and `onClose` sees to the task.
    hand.child.send({ id: waiting.id, task: waiting.task } satisfies ToWorker, () => undefined);
  };

  const start = () => {
    let child: ChildProcess;
    try {
      child = fork(WORKER, [module.href, `${process.pid}`], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
        execArgv: process.execArgv.filter((argument) => !argument.startsWith('--inspect')),
      });
    } catch (error) {
      return refused(error as Error);
    }
    const hand: Hand = { child, ready: false };
    hands.add(hand);
    child.on('error', (error) => {
      // Of one that runs, only sending or killing failed: its end is told by "close".
      if (child.pid !== undefined) return;
      hands.delete(hand);
      refused(error);
    });
    child.on('message', (message: FromWorker) => onMessage(hand, message));
    // After "exit", when everything that it had still sent has been read.
    const closed = new Promise<void>((resolve) => {
      child.once('close', (code, killed) => {
        onClose(hand, killed ?? `exit code ${code}`);
        resolve();
      });
    });
    if (child.pid !== undefined) gone.push(closed);
  };

  const onMessage = (hand: Hand, message: FromWorker) => {
    if ('ready' in message) {
      hand.ready = true;
      failedStarts = 0;
      return fill();
    }
    const { at } = hand;
    if (ended !== undefined || at?.id !== message.id) return;
    try {
      if ('begun' in message) {
        at.begun = true;
        return at.listener.onStart?.();
      }
      if ('note' in message) return at.listener.onNote?.(message.note);
    } catch (error) {
      return end(error);
    }
    hand.at = undefined;
    at.resolve('done' in message ? { done: message.done } : { failed: thrown(message) });
    fill();
  };

  const onClose = (hand: Hand, how: string) => {
    hands.delete(hand);
    const { at, ready } = hand;
    if (ended !== undefined) return;
    if (at?.begun || (at && at.handovers >= MOST_HANDOVERS)) at.resolve({ died: how });
    else if (at) queue.unshift(at);
    if (!ready && ++failedStarts >= MOST_FAILED_STARTS) {
      end(new Error(`Worker processes end before they can work (the last one: ${how}).`));
    }
    fill();
  };

  /** With fewer processes it takes longer; with none it cannot go on. */
  const refused = (error: Error) => {
    limit = hands.size;
    if (limit > 0 || ended !== undefined) return;
    end(
      new InputError(
        `The system refuses to start a process (${(error as NodeJS.ErrnoException).code ?? error.message}). ` +
          'Close other programs, raise the limits on processes and memory, or try again later.',
      ),
    );
  };

  return {
    size,
    run: (task, listener = {}) =>
      new Promise<Outcome<Result>>((resolve, reject) => {
        if (ended !== undefined) return reject(ended.reason);
        queue.push({
          id: ++ids,
          task,
          listener: listener as TaskListener<unknown>,
          begun: false,
          handovers: 0,
          resolve: resolve as Waiting['resolve'],
          reject,
        });
        fill();
      }),
    async close() {
      end(new Error('The pool is closed.'));
      await Promise.all(gone);
    },
  };
}

function thrown({ failed, stack, mendable }: { failed: string; stack?: string; mendable: boolean }): Error {
  if (mendable) return new InputError(failed);
  const error = new Error(failed);
  if (stack !== undefined) error.stack = stack;
  return error;
}
