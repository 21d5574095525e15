import { type Stats, statSync } from 'node:fs';
import { diskError } from '../../base/files.js';
import { ClipError } from './errors.js';

/** A stretch of a recording. */
export interface Clip {
  /** Path of the file. */
  media: string;
  /** Seconds; from the file's beginning and to its end where left out. */
  start?: number;
  end?: number;
}

/** Less than this share of what a file promises, and it was cut short. */
export const LEAST_SHARE = 0.9;
/** Containers count their last packet roughly, seconds. */
export const ROUGHNESS_S = 0.3;
/** A subtitle may stay this much longer than the recording; times further past its end belong to another one. */
const OVERHANG_S = 1;

/** @throws ClipError where a clip can be refused without a decoder. */
export function checkClip({ media: path, start = 0, end }: Clip): void {
  if (end !== undefined && end <= start) {
    throw new ClipError(`is asked for from ${seconds(start)} to ${seconds(end)}, which is no time at all`);
  }
  let about: Stats;
  try {
    about = statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ClipError('does not exist');
    throw new ClipError(`cannot be read (${diskError(path, error).message})`);
  }
  checkFile(about);
}

/** @throws ClipError where it is no file, or an empty one. */
export function checkFile(about: Stats): void {
  if (about.isDirectory()) throw new ClipError('is a folder, not a recording');
  // Opening a pipe would wait for somebody to write into it.
  if (!about.isFile()) throw new ClipError('is a pipe or a device, not a file');
  if (about.size === 0) throw new ClipError('is empty');
}

/** @throws ClipError where a clip's times are not those of a file of this length. */
export function checkTimes({ start = 0, end }: Clip, duration: number | undefined): void {
  if (duration === undefined) return;
  if (start > 0 && start >= duration) {
    throw new ClipError(`ends at ${seconds(duration)}, before the clip's start at ${seconds(start)}`);
  }
  if (end !== undefined && end - duration > Math.max(OVERHANG_S, (end - start) / 2)) {
    throw new ClipError(`ends at ${seconds(duration)}, but the clip's end is at ${seconds(end)}`);
  }
}

function seconds(value: number): string {
  return `${Number(value.toFixed(3))} s`;
}
