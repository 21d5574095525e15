import { closeSync, openSync, readSync } from 'node:fs';
import { ClipError, type TrackKind } from '../errors.js';
import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_NOPTS_VALUE,
  AVDISCARD_ALL,
  AVDISCARD_DEFAULT,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
  Dictionary,
  FFmpegError,
  FormatContext,
  InputFormat,
  type Stream,
} from './av.js';

/**
 * The containers that are read, by FFmpeg's names: files that hold their own sound and pictures. Not among them are
 * those that name other files or places (hls, dash, concat, image2, sdp, …), which could reach whatever this process
 * can, and pictures.
 */
const CONTAINERS = [
  ...['mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'matroska', 'webm', 'avi', 'asf', 'flv', 'mpeg', 'mpegts', 'mpegvideo'],
  ...['ogg', 'mxf', 'dv', 'rm', 'nut', 'm4v', 'h264', 'hevc', 'ivf', 'gxf', 'wtv', 'vob', 'viv', 'nsv'],
  ...['wav', 'w64', 'aiff', 'au', 'caf', 'flac', 'mp3', 'aac', 'ac3', 'eac3', 'dts', 'amr', 'amrnb', 'amrwb', 'ape'],
  ...['tta', 'wv', 'tak', 'mpc', 'mpc8', 'voc', 'gsm', 'sox', 'nistsphere', 'oma', 'qcp', 'truehd'],
];
/** How text that lists other files or places begins: HLS, ffconcat, PLS, session descriptions, DASH, SMIL, ASX. */
const LISTS = /^[\s\ufeff]*(#EXTM3U|ffconcat|\[playlist\]|v=0\r?\n|(<\?xml[^>]*>\s*)?<(MPD|smil|asx)\b)/i;
const PICTURES = /(_pipe|^image2|^gif|^apng|^ico|^jpegxl_anim|^webp_anim)/;

/** A recording that is open for reading. */
export interface Container {
  format: FormatContext;
  /** FFmpeg's name of the kind of container. */
  kind: string;
  /** Seconds; undefined where the file does not say. */
  duration?: number;
  /** The time of the file's beginning by its own clock, seconds. */
  origin: number;
  close(): void;
}

/**
 * Opens a recording, by its bytes and not by its name; no other file is opened, whatever it holds.
 * @throws ClipError where it is none.
 */
export function openContainer(path: string): Container {
  const format = new FormatContext();
  format.allocContext();
  const options = Dictionary.fromObject({ protocol_whitelist: 'file', format_whitelist: CONTAINERS.join(',') });
  // Without the prefix a name with a colon in it would be taken for a protocol.
  const opened = format.openInputSync(`file:${path}`, null, options);
  options.free();
  // Where it fails, it frees the context too.
  if (opened < 0) throw new ClipError(whatItIs(path) ?? explain(opened));
  const found = format.findStreamInfoSync();
  if (found < 0) {
    format.closeInputSync();
    throw new ClipError(explain(found));
  }
  return {
    format,
    kind: format.iformat?.name ?? '',
    duration: known(format.duration),
    origin: known(format.startTime) ?? 0,
    close: () => format.closeInputSync(),
  };
}

/** The first sound track, or the first of pictures that move; the others' packets are then left out. */
export function chooseTrack({ format }: Container, track: TrackKind): Stream | undefined {
  const type = track === 'audio' ? AVMEDIA_TYPE_AUDIO : AVMEDIA_TYPE_VIDEO;
  const { streams } = format;
  const isCover = ({ disposition }: Stream) => (disposition & AV_DISPOSITION_ATTACHED_PIC) !== 0;
  const chosen = streams.find((stream) => stream.codecpar.codecType === type && !isCover(stream));
  for (const stream of streams) stream.discard = stream.index === chosen?.index ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
  return chosen;
}

/** Goes to a little before a time, in seconds from the file's beginning, where the container can. */
export function seek({ format, origin }: Container, seconds: number): void {
  // Codecs that build on what went before need a moment to get into step.
  const target = Math.max(0, seconds - 0.13) + origin;
  // Where it cannot, decoding begins at the file's beginning, and what lies before the time is left out all the same.
  format.seekFrameSync(-1, BigInt(Math.round(target * 1e6)), AVSEEK_FLAG_BACKWARD);
}

/** What went wrong, as the rest of a sentence about the file. */
export function explain(code: number): string {
  const words = new FFmpegError(code).message;
  // Of a kind that is not read, FFmpeg says that the argument is invalid.
  if (/Invalid (data found|argument)/i.test(words))
    return 'is damaged, cut short or no recording, whatever its name says';
  return `cannot be decoded (${words})`;
}

/** Of a file that is none of the containers: what it is, where that can be told. */
function whatItIs(path: string): string | undefined {
  const head = Buffer.alloc(65_536);
  const file = openSync(path, 'r');
  const read = head.subarray(0, readSync(file, head));
  closeSync(file);
  if (LISTS.test(read.toString('utf8'))) {
    return 'is a list of other files, not a recording; name the recordings themselves';
  }
  const name = InputFormat.probe(read, '')?.name ?? '';
  return PICTURES.test(name) ? 'is a picture, not a recording' : undefined;
}

function known(microseconds: bigint): number | undefined {
  return microseconds === AV_NOPTS_VALUE ? undefined : Number(microseconds) / 1e6;
}
