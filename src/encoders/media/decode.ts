import {
  type Clip,
  CUT_SHORT,
  checkClip,
  checkTimes,
  durationIn,
  inputArguments,
  LEAST_SHARE,
  lackOf,
} from './clip.js';
import { ClipError, NoTrackError } from './errors.js';
import { FIRST_PIPE, runFfmpeg, runFfmpegWithPipes } from './process.js';

/** One track of a recording, and how it is decoded. */
export interface Decoding {
  track: 'audio' | 'video';
  /** ffmpeg's arguments between input and pipe. */
  output: readonly string[];
  /** How many seconds of the clip so many bytes hold, where that can be told. */
  secondsOf(bytes: number): number | undefined;
}

/** What ffmpeg gives of a track, in pieces as they come. */
export type Pieces = AsyncIterable<Buffer<ArrayBuffer>>;

/** How a clip came out of a decoding together with others; unsure: decoded by itself, it is whole or tells why not. */
export type Verdict = 'whole' | 'no track' | 'unsure';

/** The first audio track; the first video track that is no cover. */
const SPECIFIERS = { audio: 'a:0', video: 'V:0' } as const;
/** Says as little as possible, but what the input is. */
const QUIET = ['-hide_banner', '-nostdin', '-nostats', '-v', 'info', '-threads', '1'];

/**
 * Decodes one track of a clip with ffmpeg, by the file's bytes and not by its name.
 * @throws ClipError with the reason where the clip cannot be had, or not whole.
 */
export async function* decodeClip(
  clip: Clip,
  { track, output, secondsOf }: Decoding,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  checkClip(clip);
  const args = [...QUIET, ...inputArguments(clip), '-map', `0:${SPECIFIERS[track]}`, ...output, 'pipe:1'];
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
    if (error instanceof ClipError && /matches no streams/.test(words)) throw new NoTrackError(track);
    if (bytes === 0) checkTimes(clip, durationIn(words));
    throw error;
  }
  const lack = lackOf(clip, words, bytes === 0 ? undefined : secondsOf(bytes));
  if (bytes === 0 && lack === undefined) throw new ClipError(`has nothing on its ${track} track there`);
  // A film's sound may end before its pictures do; then nothing is amiss.
  if (lack !== undefined && !(lack.untilPictures && (await picturesReach(clip, lack.expected)))) {
    throw new ClipError(lack.reason);
  }
}

/**
 * Decodes short clips in one run of ffmpeg, which takes longer to start than to decode one.
 * @param take gets the pieces of the clip with that index, all clips at the same time. It may be called a second time;
 * then what it got before is void.
 */
export async function decodeTogether(
  clips: readonly Clip[],
  decoding: Decoding,
  take: (index: number, pieces: Pieces) => Promise<void>,
): Promise<Verdict[]> {
  const without = async (left: number, verdict: Verdict): Promise<Verdict[]> => {
    const others = clips.toSpliced(left, 1);
    const takeOther = (i: number, pieces: Pieces) => take(i < left ? i : i + 1, pieces);
    const verdicts = others.length === 0 ? [] : await decodeTogether(others, decoding, takeOther);
    return verdicts.toSpliced(left, 0, verdict);
  };
  const refused = clips.findIndex((clip) => !canBeOpened(clip));
  if (refused >= 0) return without(refused, 'unsure');
  const specifier = SPECIFIERS[decoding.track];
  const outputs = clips.flatMap((_, i) => ['-map', `${i}:${specifier}`, ...decoding.output, `pipe:${FIRST_PIPE + i}`]);
  const bytes = clips.map(() => 0);
  const count = async function* (pieces: Pieces, i: number) {
    for await (const piece of pieces) {
      bytes[i] += piece.length;
      yield piece;
    }
  };
  const takers = clips.map((_, i) => (pieces: Pieces) => take(i, count(pieces, i)));
  const { code, words } = await runFfmpegWithPipes([...QUIET, ...clips.flatMap(inputArguments), ...outputs], takers);
  const lacking = Number(/Stream map '(\d+):[aV]:0' matches no streams/.exec(words)?.[1]);
  // Nothing was decoded yet, and all but this one may be whole.
  if (lacking < clips.length) return without(lacking, 'no track');
  // Complaints do not tell which of the files they are about.
  if (code !== 0 || CUT_SHORT.test(words)) return clips.map(() => 'unsure');
  const said = words.split(/^Input #\d+/m).slice(1);
  return clips.map((clip, i) => {
    try {
      const whole = bytes[i] > 0 && lackOf(clip, said[i], decoding.secondsOf(bytes[i])) === undefined;
      return whole ? 'whole' : 'unsure';
    } catch (error) {
      if (error instanceof ClipError) return 'unsure';
      throw error;
    }
  });
}

function canBeOpened(clip: Clip): boolean {
  try {
    checkClip(clip);
    return true;
  } catch (error) {
    if (error instanceof ClipError) return false;
    throw error;
  }
}

/** Do the clip's pictures go on for so many seconds? Their packets are counted, and not decoded. */
async function picturesReach(clip: Clip, expected: number): Promise<boolean> {
  const map = ['-map', `0:${SPECIFIERS.video}`, '-c', 'copy', '-f', 'framecrc', 'pipe:1'];
  const packets: Buffer[] = [];
  try {
    for await (const piece of runFfmpeg([...QUIET, ...inputArguments(clip), ...map], () => undefined)) {
      packets.push(piece);
    }
  } catch (error) {
    if (error instanceof ClipError) return false;
    throw error;
  }
  // A line a packet, after those of the header: stream, decoding time, time and duration in units of a second.
  const text = Buffer.concat(packets).toString('latin1');
  const [, numerator, denominator] = (/^#tb 0: (\d+)\/(\d+)/m.exec(text) ?? []).map(Number);
  let last = 0;
  for (const line of text.split('\n')) {
    const [stream, , time, duration] = line.split(',').map(Number);
    if (stream === 0 && time + duration > last) last = time + duration;
  }
  return (last * numerator) / denominator >= expected * LEAST_SHARE;
}
