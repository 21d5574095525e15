import { type Logger, pino } from 'pino';

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

/**
 * Lines of JSON on the standard output. What is logged says that something was asked, how long it took and how it ended;
 * never what was said in a conversation, or who said it.
 */
export function createLog(level: 'info' | 'warn' | 'error' | 'silent' = 'info'): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** A defect as it may be logged: where it happened. Its message may repeat what a client sent. */
export function traceOf(error: unknown): { name: string; at: string[] } {
  if (!(error instanceof Error)) return { name: typeof error, at: [] };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, at: frames.slice(0, 8).map((line) => line.trim()) };
}
