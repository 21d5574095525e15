import { InputError } from '../../base/errors.js';
import type { EncoderChoice } from './choice.js';
import { createEncoders, type Encoders, type Outcome, type Task } from './encode.js';

/** To a worker: first the encoders, then one task after the other. */
export type ToWorker = { choice: EncoderChoice } | { task: Task };
/** From a worker, one for each task. */
export type FromWorker = { outcomes: Outcome[] } | { fatal: string; mendable: boolean };

// The process that `createPool` starts; it ends with the one that started it.
let encoders: Encoders | undefined;

process.on('message', async (message: ToWorker) => {
  if ('choice' in message) {
    encoders = createEncoders(message.choice);
    return;
  }
  let answer: FromWorker;
  try {
    answer = { outcomes: await (encoders as Encoders).run(message.task) };
  } catch (error) {
    const { message: reason, stack } = error as Error;
    const mendable = error instanceof InputError;
    answer = { fatal: mendable ? reason : (stack ?? reason), mendable };
  }
  process.send?.(answer);
});
process.on('disconnect', () => process.exit());
// The terminal's interrupt reaches the whole group; the parent decides what becomes of it.
process.on('SIGINT', () => undefined);
