import type { Picture } from '../imagePicture.js';
import { SAMPLE_RATE } from './audio.js';
import { type Clip, checkClip } from './clip.js';
import { decode } from './decoder.js';
import { PICTURE_HEADER_BYTES } from './wire.js';

/** Which stretch of a recording, in seconds: from its beginning and to its end where left out. */
export interface Stretch {
  start?: number;
  end?: number;
  /** Ends the decoding; what is thrown is its reason. */
  signal?: AbortSignal;
}

export interface SoundOptions extends Stretch {
  /** Samples a second; 16,000 when left out. */
  sampleRate?: number;
  /**
   * Whether sample i is what is heard i / sampleRate seconds after the stretch's start: what the recording leaves out
   * (a track that begins late, packets that were lost) is then silence. Else one piece of sound follows the other.
   */
  timed?: boolean;
}

export interface PictureOptions extends Stretch {
  /** Pictures a second; fewer where the recording has fewer. */
  fps: number;
}

/** A picture of a recording, and when it is seen: seconds from the recording's beginning. */
export interface TimedPicture extends Picture {
  time: number;
}

/** Frames larger than this are shrunk: the face detector works on 320 pixels, and a face keeps enough of its own. */
const LONGEST_SIDE = 640;

/**
 * Decodes a recording's first sound track, as it comes: one channel (several are mixed), floats of -1 to 1. Memory
 * stays flat however long the recording is.
 * @throws ClipError with the reason where the stretch cannot be had, or not whole: then after all of it that can be
 * decoded was given. InputError where nothing can be decoded on this system.
 *
 * @example
 * let count = 0;
 * for await (const samples of decodeSound('talk.mp4', { start: 10, end: 12 })) count += samples.length; // 32,000
 */
export async function* decodeSound(
  path: string,
  { start, end, sampleRate = SAMPLE_RATE, timed = false, signal }: SoundOptions = {},
): AsyncGenerator<Float32Array<ArrayBuffer>> {
  const clip: Clip = { media: path, start, end };
  checkClip(clip);
  for await (const { bytes } of decode({ clip, track: 'audio', rate: sampleRate, timed }, signal)) {
    // A copy: floats must lie at a multiple of four bytes.
    yield new Float32Array(new Uint8Array(bytes).buffer);
  }
}

/**
 * Decodes a recording's first track of moving pictures, as it comes: upright, with square pixels, at most 640 pixels
 * wide or high; the first picture, then one each 1/fps seconds by the pictures' own times.
 * @throws as `decodeSound`.
 */
export async function* decodePictures(
  path: string,
  { start, end, fps, signal }: PictureOptions,
): AsyncGenerator<TimedPicture> {
  const clip: Clip = { media: path, start, end };
  checkClip(clip);
  for await (const { bytes } of decode({ clip, track: 'video', fps, longest: LONGEST_SIDE }, signal)) {
    const [time, width, height] = [bytes.readDoubleLE(0), bytes.readUInt32LE(8), bytes.readUInt32LE(12)];
    yield { time, width, height, data: new Uint8Array(bytes.subarray(PICTURE_HEADER_BYTES)) };
  }
}
