import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../base/errors.js';
import type { EncoderChoice } from './choice.js';
import { createEncoders, type Outcome, type Task } from './encode.js';
import type { FromWorker, ToWorker } from './worker.js';

/** Runs tasks, several at a time. */
export interface Pool {
  /** How many tasks run at a time. */
  readonly size: number;
  /** As `Encoders.run`; a worker may die of its task, and another one takes its place. */
  run(task: Task): Promise<Outcome[] | { died: string }>;
  close(): Promise<void>;
}

/** The built file: the same place from src (in tests, after a build) and from dist. */
const WORKER = fileURLToPath(new URL('../../../dist/encoders/extract/worker.js', import.meta.url));

/**
 * @param jobs how many processes; with 1, tasks run in this one.
 */
export function createPool(choice: EncoderChoice, jobs: number): Pool {
  if (jobs <= 1) {
    const encoders = createEncoders(choice);
    return { size: 1, run: (task) => encoders.run(task), close: () => encoders.dispose() };
  }
  const idle: ChildProcess[] = [];
  const all = new Set<ChildProcess>();
  const start = () => {
    const worker = fork(WORKER, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    all.add(worker);
    worker.once('exit', () => all.delete(worker));
    worker.send({ choice } satisfies ToWorker);
    return worker;
  };
  return {
    size: jobs,
    async run(task) {
      const worker = idle.pop() ?? start();
      const answer = await ask(worker, task);
      if ('died' in answer) return answer;
      idle.push(worker);
      if ('outcomes' in answer) return answer.outcomes;
      throw answer.mendable ? new InputError(answer.fatal) : new Error(answer.fatal);
    },
    async close() {
      for (const worker of all) worker.kill('SIGKILL');
    },
  };
}

function ask(worker: ChildProcess, task: Task): Promise<FromWorker | { died: string }> {
  return new Promise((resolve) => {
    const onExit = (code: number | null, signal: string | null) => {
      worker.off('message', onMessage);
      resolve({ died: signal ?? `exit code ${code}` });
    };
    const onMessage = (answer: FromWorker) => {
      worker.off('exit', onExit);
      resolve(answer);
    };
    worker.once('exit', onExit);
    worker.once('message', onMessage);
    worker.send({ task } satisfies ToWorker, (error) => {
      if (error === null) return;
      worker.off('message', onMessage);
      worker.off('exit', onExit);
      resolve({ died: error.message });
    });
  });
}
