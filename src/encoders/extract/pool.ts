import { createPool } from '../../jobs/index.js';
import type { EncoderChoice } from './choice.js';
import { createEncoders, type Outcome, type Task } from './encode.js';
import type { EncodeTask } from './task.js';

/** Encodes tasks, several at a time. */
export interface EncoderPool {
  /** How many tasks run at a time. */
  readonly size: number;
  /** As `Encoders.run`; a process may die of its task, and another one takes its place. */
  run(task: Task): Promise<Outcome[] | { died: string }>;
  close(): Promise<void>;
}

/** The built file: the same place from src (in tests, after a build) and from dist. */
const MODULE = new URL('../../../dist/encoders/extract/task.js', import.meta.url);

/**
 * @param jobs how many processes; with 1, tasks run in this one.
 * @param signal ends the processes. @param options.thumbnails as `createEncoders` has it.
 */
export function createEncoderPool(
  choice: EncoderChoice,
  jobs: number,
  signal?: AbortSignal,
  { thumbnails = false } = {},
): EncoderPool {
  if (jobs <= 1) {
    const encoders = createEncoders(choice, { thumbnails });
    return {
      size: 1,
      run: (task) => encoders.run(task, signal),
      close: () => encoders.dispose(),
    };
  }
  const pool = createPool<EncodeTask, Outcome[]>({ module: MODULE, size: jobs, signal });
  return {
    size: jobs,
    async run(task) {
      const outcome = await pool.run({ choice, task, thumbnails });
      if ('failed' in outcome) throw outcome.failed;
      return 'died' in outcome ? outcome : outcome.done;
    },
    close: pool.close,
  };
}
