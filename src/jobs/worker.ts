import { Worker } from 'node:worker_threads';
import { InputError } from '../base/errors.js';

/** What the workers of a pool do: a module exports `perform`, and each worker loads it once. */
export interface TaskModule<Task, Result, Note> {
  /** @param tell sends a note to the one who waits, for instance how far the task is. */
  perform(task: Task, tell: (note: Note) => void): Promise<Result>;
}

/** To a worker: one task after the other. */
export interface ToWorker {
  id: number;
  task: unknown;
}

/** From a worker: that it can work; and of a task that it has begun, its notes, and how it ended. */
export type FromWorker =
  | { ready: true }
  | { id: number; begun: true }
  | { id: number; note: unknown }
  | { id: number; done: unknown }
  | { id: number; failed: string; stack?: string; mendable: boolean };

// The process that `createPool` starts, with the module's address and its parent's process number.
const [module, parent] = process.argv.slice(2);

const send = (message: FromWorker) => process.connected && process.send?.(message);

/** How often a worker that is busy looks whether its parent is still there. */
const LOOK_MS = 500;

// It ends with the one that started it: at once where it waits, and from a thread of its own where it computes.
process.on('disconnect', () => process.exit());
const watch = `setInterval(() => process.ppid === ${Number(parent)} || process.kill(process.pid, 'SIGKILL'), ${LOOK_MS})`;
// Windows does not tell a process that its parent is gone.
if (process.platform !== 'win32') new Worker(watch, { eval: true }).unref();
// The terminal's interrupt reaches the whole group, and so does what service managers send; the parent decides what
// becomes of it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

const { perform } = (await import(module)) as TaskModule<unknown, unknown, unknown>;
process.on('message', async ({ id, task }: ToWorker) => {
  send({ id, begun: true });
  try {
    send({ id, done: await perform(task, (note) => send({ id, note })) });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    send({ id, failed: message, stack, mendable: error instanceof InputError });
  }
});
send({ ready: true });
