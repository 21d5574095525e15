import type { Clip } from '../clip.js';
import {
  AV_CODEC_ID_OPUS,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_SKIP_SAMPLES,
  avChannelLayoutDefault,
  avChannelLayoutDescribe,
  avGetSampleFmtName,
  type Frame,
  type Packet,
  Rational,
  type Stream,
} from './av.js';
import type { Container } from './container.js';
import { gatherSamples } from './send.js';
import { decodeTrack, type Reading } from './track.js';

/**
 * Sends a clip's sound: one channel, `rate` samples a second, floats.
 * @param timed whether samples lie where their times say, with silence for what is missing between and before them;
 * else one follows the other.
 * @returns how it went, and how many seconds were sent.
 */
export function sendSound(
  container: Container,
  stream: Stream,
  { start = 0, end }: Clip,
  rate: number,
  timed: boolean,
): Reading & { seconds: number } {
  const samples = gatherSamples();
  let sent = 0;
  const clock = sampleClock(stream, container.origin + start);
  const reading = decodeTrack(container, stream, {
    mend: opusSkip(stream),
    shapeOf: ({ sampleRate, format, channels }) => `${sampleRate} ${format} ${channels}`,
    filtersFor(frame) {
      const layout = layoutOf(frame);
      return [
        `abuffer@in=time_base=1/${frame.sampleRate}:sample_rate=${frame.sampleRate}:sample_fmt=${avGetSampleFmtName(frame.format as never)}:channel_layout=${layout}`,
        ...trimming(start, end),
        ...(timed ? [`aresample=${rate}:async=1:first_pts=0`] : []),
        `aformat=sample_fmts=flt:sample_rates=${rate}:channel_layouts=mono`,
        'abuffersink@out',
      ].join(',');
    },
    setTime(frame) {
      frame.pts = clock(frame);
      frame.timeBase = new Rational(1, frame.sampleRate);
    },
    take(frame) {
      sent += frame.nbSamples;
      samples.push(frame.toBuffer().subarray(0, frame.nbSamples * 4));
    },
  });
  samples.flush();
  return { ...reading, seconds: sent / rate };
}

function trimming(start: number, end: number | undefined): string[] {
  if (start === 0 && end === undefined) return [];
  return [`atrim=start=0${end === undefined ? '' : `:end=${(end - start).toFixed(6)}`}`];
}

/** Where a file names no places for its channels, the usual ones are taken. */
function layoutOf({ channelLayout, channels }: Frame): string {
  const named = avChannelLayoutDescribe(channelLayout);
  if (named !== null && !/^\d+ channels/.test(named)) return named;
  return avChannelLayoutDescribe(avChannelLayoutDefault(channels)) ?? 'mono';
}

/**
 * Times of frames in samples. A container's clock is often coarser than a sample: frames that follow each other by
 * that clock follow each other exactly.
 * @param zero what counts as 0, seconds of the container's clock.
 */
function sampleClock({ timeBase }: Stream, zero: number): (frame: Frame) => bigint {
  const tick = timeBase.num / timeBase.den;
  let next: number | undefined;
  return ({ bestEffortTimestamp, sampleRate, nbSamples }) => {
    let at = next ?? 0;
    if (bestEffortTimestamp !== AV_NOPTS_VALUE) {
      const said = Math.round((Number(bestEffortTimestamp) * tick - zero) * sampleRate);
      if (next === undefined || Math.abs(said - next) > Math.ceil(tick * sampleRate)) at = said;
    } else if (next === undefined) at = Math.round(-zero * sampleRate);
    next = at + nbSamples;
    return BigInt(at);
  };
}

/**
 * FFmpeg 8.1 counts the samples that Opus in Matroska and WebM wants left out at the beginning in the rate that was
 * encoded, and leaves out too few where that was not the decoder's 48,000. The codec's own header has the number
 * (RFC 7845, 5.1).
 */
function opusSkip({ codecpar }: Stream): ((packet: Packet) => void) | undefined {
  const header = codecpar.extradata;
  if (codecpar.codecId !== AV_CODEC_ID_OPUS || header === null || header.length < 12) return undefined;
  const skip = header.readUInt16LE(10);
  let first = true;
  return (packet) => {
    const side = first ? packet.getSideData(AV_PKT_DATA_SKIP_SAMPLES) : null;
    first = false;
    // Only where the recording's beginning is read: after a seek, nothing is left out.
    if (side === null || side.readUInt32LE(0) === 0 || side.readUInt32LE(0) === skip) return;
    const mended = Buffer.from(side);
    mended.writeUInt32LE(skip, 0);
    packet.addSideData(AV_PKT_DATA_SKIP_SAMPLES, mended);
  };
}
