import { createPool, type Outcome, type Pool } from '../../jobs/index.js';

/** One process for tasks, one after the other; another takes its place when it dies. */
export interface WorkProcess<Task, Result> {
  /**
   * @param limit milliseconds after which the process is killed; the outcome then says so.
   * @param signal kills the process too.
   */
  run(task: Task, limit: number, signal?: AbortSignal): Promise<Outcome<Result>>;
  close(): Promise<void>;
}

/** @param onEnd called when a process was lost. */
export function createProcess<Task, Result>(
  module: URL,
  onEnd: () => void = () => undefined,
): WorkProcess<Task, Result> {
  let pool: Pool<Task, Result, never> | undefined;
  let closed = false;
  const closing = new Set<Promise<void>>();
  const drop = (lost: Pool<Task, Result, never>) => {
    if (pool === lost) pool = undefined;
    const gone = lost.close().finally(() => closing.delete(gone));
    closing.add(gone);
    return gone;
  };
  return {
    async run(task, limit, signal) {
      if (closed) throw new Error('The process is closed.');
      pool ??= createPool<Task, Result>({ module, size: 1 });
      const own = pool;
      let why: string | undefined;
      const stop = (reason: string) => {
        why = reason;
        drop(own);
      };
      const timer = setTimeout(() => stop('the time limit'), limit);
      const abort = () => stop('the end of its request');
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      try {
        const outcome = await own.run(task);
        if ('died' in outcome) onEnd();
        return outcome;
      } catch (error) {
        if (why === undefined) {
          // Nothing can run in this pool any more; the next task gets a new one.
          drop(own);
          throw error;
        }
        onEnd();
        return { died: why };
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      }
    },
    async close() {
      closed = true;
      if (pool !== undefined) drop(pool);
      await Promise.all(closing);
    },
  };
}

/** The built module of a room, the same place from src (in tests, after a build) and from dist. */
export const built = (name: string): URL => new URL(`../../../dist/server/${name}.js`, import.meta.url);
