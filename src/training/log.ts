import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { diskError, writeFileAtomic } from '../base/files.js';
import type { FitProgress } from './progress.js';

/** One line of metrics.jsonl. */
export interface LogEvent {
  event: 'start' | 'resume' | 'epoch' | 'stopped' | 'end';
  /** Epochs completed. */
  epoch: number;
  [field: string]: unknown;
}

/** Fields that readers of a log use; an epoch's losses are numbers by term. */
const eventSchema: z.ZodType<LogEvent> = z.looseObject({
  event: z.enum(['start', 'resume', 'epoch', 'stopped', 'end']),
  epoch: z.int().min(0),
  losses: z.record(z.string(), z.number()).optional(),
  scores: z.record(z.string(), z.unknown()).optional(),
  bestEpoch: z.number().optional(),
  bestScore: z.number().optional(),
});

/** metrics.jsonl of a run: one event a line, in the file as soon as it is written. */
export interface MetricsLog {
  write(event: LogEvent): void;
  close(): void;
}

/**
 * Opens a log for further events. What an interrupted run wrote after its last checkpoint will be written again, so
 * it is cut off: every event from the first one of a later epoch, or from the end of the run, and a torn last line.
 */
export function openLog(path: string, progress: FitProgress): MetricsLog {
  const kept = readLog(path);
  const cut = kept.findIndex(({ event, epoch }) => epoch > progress.epoch || event === 'end' || event === 'stopped');
  const lines = (cut < 0 ? kept : kept.slice(0, cut)).map((event) => `${JSON.stringify(event)}\n`);
  writeFileAtomic(path, lines.join(''));
  const file = openSync(path, 'a');
  return {
    write(event) {
      const line = Buffer.from(`${JSON.stringify(event)}\n`, 'utf8');
      try {
        for (let at = 0; at < line.length; ) at += writeSync(file, line, at, line.length - at);
      } catch (error) {
        throw diskError(path, error);
      }
    },
    close: () => closeSync(file),
  };
}

/** The whole events of a log, up to the first line that is torn or no event; none where there is no file. */
export function readLog(path: string): LogEvent[] {
  const events: LogEvent[] = [];
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw diskError(path, error);
  }
  for (const line of text.split('\n')) {
    const event = eventSchema.safeParse(jsonOrNothing(line));
    if (!event.success) return events;
    events.push(event.data);
  }
  return events;
}

function jsonOrNothing(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
