import type { Clip } from './clip.js';
import type { TrackKind } from './errors.js';

/** What a decoder is asked for: one track of a clip. One line of JSON. */
export type Request = { clip: Clip } & (
  | { track: 'audio'; rate: number; timed: boolean }
  | { track: 'video'; fps: number; longest: number }
);

/** Descriptor of the pipe between a decoder and the process that started it, in both directions. */
export const PIPE = 3;

/** A message from a decoder: its kind (a byte), the length of what follows (4 bytes, little-endian), what follows. */
export const HEADER_BYTES = 5;

/** Kinds of messages. An answer is any number of the first three, and then one of the others. */
export const KIND = {
  /** Samples: 32-bit floats. */
  sound: 1,
  /** A picture: time (64-bit float, seconds), width and height (32-bit), RGB bytes of its rows. */
  picture: 2,
  /** Nothing yet, but the decoder gets on; also its first word, when it has loaded the codecs. */
  alive: 3,
  /** The clip was whole. */
  end: 4,
  /** `Refusal`: the clip cannot be had, or not whole. */
  refused: 5,
  /** Why nothing at all can be decoded here, as text. */
  unusable: 6,
} as const;

/** Bytes before a picture's rows. */
export const PICTURE_HEADER_BYTES = 16;

/** A ClipError, or a NoTrackError. */
export interface Refusal {
  reason: string;
  noTrack?: TrackKind;
}
