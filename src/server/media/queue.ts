import { InputError } from '../../base/errors.js';
import { busy, Problem } from '../http/problems.js';
import type { Limits } from '../limits.js';
import { createProcess } from '../work/process.js';
import type { MediaResult, MediaTask } from './task.js';

/** Uploads whose media are made into rows, each in a process that ends with its request. */
export interface MediaQueue {
  /** Uploads that are received, waiting or decoded. */
  readonly busy: number;
  /**
   * A place for an upload, before a byte of it is read.
   * @throws Problem where there is none.
   */
  enter(): () => void;
  /** @throws Problem with what is wrong with the media. */
  read(task: MediaTask, signal?: AbortSignal): Promise<MediaResult>;
  close(): Promise<void>;
}

export interface MediaQueueOptions {
  workers: number;
  limits: Limits;
  module: URL;
  onLost?: () => void;
}

export function createMediaQueue({ workers, limits, module, onLost }: MediaQueueOptions): MediaQueue {
  const free = Array.from({ length: workers }, () => createProcess<MediaTask, MediaResult>(module, onLost));
  const all = [...free];
  const waiting: (() => void)[] = [];
  let entered = 0;
  return {
    get busy() {
      return entered;
    },
    enter() {
      if (entered >= limits.uploads)
        throw busy(`The server takes ${limits.uploads} uploads at a time, and as many are there.`, 5);
      entered++;
      let left = false;
      return () => {
        if (!left) entered--;
        left = true;
      };
    },
    async read(task, signal) {
      while (free.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      signal?.throwIfAborted();
      const process = free.pop() as (typeof all)[number];
      try {
        const outcome = await process.run(task, limits.decoding, signal);
        if ('done' in outcome) return outcome.done;
        signal?.throwIfAborted();
        if ('died' in outcome) throw ended(outcome.died);
        throw outcome.failed instanceof InputError
          ? new Problem('refused', withoutPaths(outcome.failed.message, task.folder))
          : outcome.failed;
      } finally {
        free.push(process);
        waiting.shift()?.();
      }
    },
    async close() {
      await Promise.all(all.map((process) => process.close()));
    },
  };
}

/** Sentences name files; a client shall not learn where they lie. */
const withoutPaths = (sentence: string, folder: string): string =>
  sentence.replaceAll(`${folder}/`, '').replaceAll(folder, 'the upload');

/** A file that ends the process is the client's; one that takes too long too. */
const ended = (how: string): Problem =>
  new Problem(
    'refused',
    how === 'the time limit'
      ? 'The media took longer to read than the server allows; give less at a time.'
      : `The media cannot be read: they made the process that decodes them end (${how}).`,
  );
