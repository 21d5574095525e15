import { statSync } from 'node:fs';
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
/** Containers count their last packet roughly. */
const ROUGHNESS_S = 0.3;
/** A subtitle may stay this much longer than the recording; times further past its end belong to another one. */
const OVERHANG_S = 1;

/** What ffmpeg says of files whose length it takes from their size, so that a missing half goes unnoticed. */
export const CUT_SHORT = /\[wav @[^\]]*\] Packet corrupt|: partial file/;
/** What it says of Matroska and WebM; it may say so when it opens the file, of which the clip is whole. */
const ENDED_EARLY = /File ended prematurely/;

/** ffmpeg's arguments that open a clip. */
export function inputArguments({ media, start = 0, end }: Clip): string[] {
  return [
    // The seek stands before the input, so that what lies before the clip is not decoded.
    ...(start > 0 ? ['-ss', `${start}`] : []),
    ...(end === undefined ? [] : ['-t', `${end - start}`]),
    '-i',
    // Without the prefix a name with a colon in it would be taken for a protocol.
    `file:${media}`,
  ];
}

/** What a decoded clip lacks of what was asked for. */
export interface Lack {
  reason: string;
  /** Seconds that were asked for and that the file promises. */
  expected: number;
  /** Whether the file is whole nevertheless where its pictures go on so long. */
  untilPictures: boolean;
}

/**
 * @param words what ffmpeg said of the clip's file; @param decoded seconds that it gave, where that can be told.
 * @returns undefined where nothing is lacking.
 * @throws ClipError where the clip's times are not the file's.
 */
export function lackOf(clip: Clip, words: string, decoded: number | undefined): Lack | undefined {
  const duration = durationIn(words);
  checkTimes(clip, duration);
  const { start = 0, end = Number.POSITIVE_INFINITY } = clip;
  const expected = Math.min(end, duration ?? 0) - start;
  if (CUT_SHORT.test(words) || (decoded === undefined && ENDED_EARLY.test(words) && end >= (duration ?? 0))) {
    return { reason: 'is damaged or was cut short: its last packet is not whole', expected, untilPictures: false };
  }
  if (decoded === undefined || duration === undefined) return undefined;
  if (decoded >= expected * LEAST_SHARE || decoded >= expected - ROUGHNESS_S) return undefined;
  return {
    reason: `is damaged or was cut short: ${decoded.toFixed(1)} s of ${expected.toFixed(1)} s could be decoded`,
    expected,
    untilPictures: true,
  };
}

/** @throws ClipError where a clip can be refused without a decoder. */
export function checkClip({ media: path, start = 0, end }: Clip): void {
  if (end !== undefined && end <= start) {
    throw new ClipError(`is asked for from ${seconds(start)} to ${seconds(end)}, which is no time at all`);
  }
  let size: number;
  try {
    size = statSync(path).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ClipError('does not exist');
    throw new ClipError(`cannot be read (${diskError(path, error).message})`);
  }
  if (size === 0) throw new ClipError('is empty');
}

/** Length of the input in seconds, as ffmpeg said it; undefined where it does not know. */
export function durationIn(words: string): number | undefined {
  const said = /^\s*Duration: (\d+):(\d+):(\d+\.\d+)/m.exec(words);
  return said === null ? undefined : Number(said[1]) * 3600 + Number(said[2]) * 60 + Number(said[3]);
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
