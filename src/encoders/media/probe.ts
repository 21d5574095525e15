import { statSync } from 'node:fs';
import { z } from 'zod';
import { diskError } from '../../base/files.js';
import { ClipError } from './errors.js';
import { runMediaTool } from './process.js';

/** What a recording holds. */
export interface MediaInfo {
  /** Seconds; undefined where the container does not say. */
  duration?: number;
  audio: boolean;
  /** Moving pictures; a cover picture does not count. */
  video: boolean;
}

/** A stretch of a recording. */
export interface Clip {
  /** Path of the file. */
  media: string;
  /** Seconds; from the file's beginning and to its end where left out. */
  start?: number;
  end?: number;
}

/** A clip whose times were checked against its file. */
export interface Stretch {
  media: string;
  start: number;
  /** Seconds to read, up to the file's end at most; undefined: all that follows. */
  length?: number;
  /** Seconds that decoding must give, when the file holds what it says; undefined where nobody knows. */
  expected?: number;
}

const outputSchema = z.object({
  format: z.object({ duration: z.coerce.number().optional() }).optional(),
  streams: z
    .array(
      z.object({
        codec_type: z.string().optional(),
        disposition: z.object({ attached_pic: z.number().optional() }).optional(),
      }),
    )
    .default([]),
});

/**
 * Asks ffprobe what is in a file, by its bytes and not by its name.
 * @throws ClipError where it is missing, empty or no recording; InputError where ffprobe is missing.
 */
export async function probe(path: string): Promise<MediaInfo> {
  let size: number;
  try {
    size = statSync(path).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new ClipError('does not exist');
    throw new ClipError(`cannot be read (${diskError(path, error).message})`);
  }
  if (size === 0) throw new ClipError('is empty');
  const entries = 'format=duration:stream=codec_type:stream_disposition=attached_pic';
  const args = ['-v', 'error', '-show_entries', entries, '-of', 'json', '-i', path];
  let json = '';
  for await (const chunk of runMediaTool('ffprobe', args)) json += chunk.toString();
  const { format, streams } = outputSchema.parse(JSON.parse(json));
  const info = {
    duration: format?.duration,
    audio: streams.some((stream) => stream.codec_type === 'audio'),
    video: streams.some((stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1),
  };
  if (!info.audio && !info.video) throw new ClipError('holds neither sound nor moving pictures');
  return info;
}

/**
 * Checks a clip's times against its file.
 * @throws ClipError where nothing is left to read.
 */
export function stretchOf({ media, start = 0, end }: Clip, { duration }: MediaInfo): Stretch {
  const seconds = (value: number) => `${Number(value.toFixed(3))} s`;
  if (end !== undefined && end <= start) {
    throw new ClipError(`is asked for from ${seconds(start)} to ${seconds(end)}, which is no time at all`);
  }
  if (duration !== undefined && start >= duration) {
    throw new ClipError(`ends at ${seconds(duration)}, before the clip's start at ${seconds(start)}`);
  }
  // A subtitle may stay a moment longer than the picture; far past the end, the times belong to another file.
  if (duration !== undefined && end !== undefined && end - duration > Math.max(1, (end - start) / 2)) {
    throw new ClipError(`ends at ${seconds(duration)}, but the clip's end is at ${seconds(end)}`);
  }
  const stop = duration === undefined ? end : Math.min(end ?? duration, duration);
  return {
    media,
    start,
    length: end === undefined ? undefined : (stop ?? end) - start,
    expected: duration === undefined || stop === undefined ? undefined : stop - start,
  };
}

/** ffmpeg's arguments that open a stretch: the seek comes first, so that what lies before is not decoded. */
export function inputArguments({ media, start, length }: Stretch): string[] {
  return [
    ...(start > 0 ? ['-ss', `${start}`] : []),
    ...(length === undefined ? [] : ['-t', `${length}`]),
    '-i',
    // Without the prefix a name with a colon in it would be taken for a protocol.
    `file:${media}`,
  ];
}

/** Less than this share of what a file promises, and it was cut short. */
const LEAST_SHARE = 0.9;
/** Containers count their last packet roughly. */
const ROUGHNESS_S = 0.3;

/** @throws ClipError where a file gave much less than it promised. @param decoded seconds */
export function checkLength(decoded: number, { expected }: Stretch): void {
  if (expected === undefined || decoded >= expected * LEAST_SHARE || decoded >= expected - ROUGHNESS_S) return;
  throw new ClipError(
    `is damaged or was cut short: ${decoded.toFixed(1)} s of ${expected.toFixed(1)} s could be decoded`,
  );
}
