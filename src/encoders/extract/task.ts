import type { EncoderChoice } from './choice.js';
import { createEncoders, type Encoders, type Outcome, type Task } from './encode.js';

/** What a worker of the pool encodes, and with which encoders: the same ones as long as it lives. */
export interface EncodeTask {
  choice: EncoderChoice;
  task: Task;
  thumbnails?: boolean;
}

let encoders: Encoders | undefined;

/** The module of an extraction's workers: encodes the texts or clips of one task. */
export async function perform({ choice, task, thumbnails }: EncodeTask): Promise<Outcome[]> {
  encoders ??= createEncoders(choice, { thumbnails });
  return encoders.run(task);
}
