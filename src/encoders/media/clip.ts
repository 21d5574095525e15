import { statSync } from 'node:fs';
import { diskError } from '../../base/files.js';
import { ClipError, NoTrackError } from './errors.js';
import { runFfmpeg } from './process.js';

/** A stretch of a recording. */
export interface Clip {
  /** Path of the file. */
  media: string;
  /** Seconds; from the file's beginning and to its end where left out. */
  start?: number;
  end?: number;
}

/** Less than this share of what a file promises, and it was cut short. */
const LEAST_SHARE = 0.9;
/** Containers count their last packet roughly. */
const ROUGHNESS_S = 0.3;
/** A subtitle may stay this much longer than the recording; times further past its end belong to another one. */
const OVERHANG_S = 1;

/** What ffmpeg says of files whose length it takes from their size, so that a missing half goes unnoticed. */
export const CUT_SHORT = /\[wav @[^\]]*\] Packet corrupt|: partial file/;
/** What it says of Matroska and WebM; it may say so when it opens the file, of which the clip is whole. */
const ENDED_EARLY = /File ended prematurely/;

/** What is decoded of a clip, for the sentences. */
const TRACKS = { audio: { map: '0:a:0', name: 'audio' }, video: { map: '0:V:0', name: 'video' } } as const;

/**
 * Decodes one track of a clip with ffmpeg, by the file's bytes and not by its name.
 * @param output ffmpeg's arguments between the input and the pipe.
 * @param secondsOf how many seconds of the clip the bytes given so far hold, where that can be told.
 * @throws ClipError with the reason where the clip cannot be had, or not whole.
 */
export async function* decodeClip(
  clip: Clip,
  track: keyof typeof TRACKS,
  output: readonly string[],
  secondsOf: (bytes: number) => number | undefined,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  checkClip(clip);
  const { map, name } = TRACKS[track];
  const args = [...QUIET, ...inputArguments(clip), '-map', map, ...output, 'pipe:1'];
  let words = '';
  let bytes = 0;
  try {
    for await (const piece of runFfmpeg(args, (said) => {
      words = said;
    })) {
      bytes += piece.length;
      yield piece;
    }
  } catch (error) {
    if (error instanceof ClipError && /matches no streams/.test(words)) throw new NoTrackError(`has no ${name} track`);
    if (bytes === 0) checkTimes(clip, durationIn(words));
    throw error;
  }
  if (bytes === 0) {
    checkTimes(clip, durationIn(words));
    throw new ClipError(`has nothing on its ${name} track there`);
  }
  const lack = lackOf(clip, words, secondsOf(bytes));
  // A film's sound may end before its pictures do; then nothing is amiss.
  if (lack !== undefined && !(lack.untilPictures && (await picturesReach(clip, lack.expected)))) {
    throw new ClipError(lack.reason);
  }
}

/** Says as little as possible, but what the input is. */
export const QUIET = ['-hide_banner', '-nostdin', '-nostats', '-v', 'info', '-threads', '1'];

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
function checkClip({ media: path, start = 0, end }: Clip): void {
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
function durationIn(words: string): number | undefined {
  const said = /^\s*Duration: (\d+):(\d+):(\d+\.\d+)/m.exec(words);
  return said === null ? undefined : Number(said[1]) * 3600 + Number(said[2]) * 60 + Number(said[3]);
}

function checkTimes({ start = 0, end }: Clip, duration: number | undefined): void {
  if (duration === undefined) return;
  if (start > 0 && start >= duration) {
    throw new ClipError(`ends at ${seconds(duration)}, before the clip's start at ${seconds(start)}`);
  }
  if (end !== undefined && end - duration > Math.max(OVERHANG_S, (end - start) / 2)) {
    throw new ClipError(`ends at ${seconds(duration)}, but the clip's end is at ${seconds(end)}`);
  }
}

/** Do the clip's pictures go on for so many seconds? They are counted, and not decoded. */
async function picturesReach(clip: Clip, expected: number): Promise<boolean> {
  const args = [...QUIET, ...inputArguments(clip), '-map', '0:V:0', '-c', 'copy', '-f', 'framecrc', 'pipe:1'];
  const packets: Buffer[] = [];
  try {
    for await (const piece of runFfmpeg(args, () => undefined)) packets.push(piece);
  } catch (error) {
    if (error instanceof ClipError) return false;
    throw error;
  }
  // A line a packet, after the lines of the header: stream, decoding time, time, duration, in units of a second.
  const text = Buffer.concat(packets).toString('latin1');
  const [, numerator, denominator] = (/^#tb 0: (\d+)\/(\d+)/m.exec(text) ?? []).map(Number);
  let last = 0;
  for (const line of text.split('\n')) {
    const [stream, , time, duration] = line.split(',').map(Number);
    if (stream === 0 && time + duration > last) last = time + duration;
  }
  return (last * numerator) / denominator >= expected * LEAST_SHARE;
}

function seconds(value: number): string {
  return `${Number(value.toFixed(3))} s`;
}
