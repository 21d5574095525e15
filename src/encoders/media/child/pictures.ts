import type { Clip } from '../clip.js';
import { AV_FRAME_DATA_DISPLAYMATRIX, AV_NOPTS_VALUE, avGetPixFmtName, type Frame, type Stream } from './av.js';
import type { Container } from './container.js';
import { sendPicture } from './send.js';
import { decodeTrack, type Reading } from './track.js';

/**
 * Sends a clip's pictures as RGB, upright and with square pixels: the first one, then one each 1/fps seconds by the
 * pictures' own times, so that a variable frame rate changes nothing.
 * @param longest no side is longer; larger pictures are shrunk.
 * @returns how it went, and how many were sent.
 */
export function sendPictures(
  container: Container,
  stream: Stream,
  { start = 0, end }: Clip,
  fps: number,
  longest: number,
): Reading & { pictures: number } {
  const { num, den } = stream.timeBase;
  const zero = BigInt(Math.round(((container.origin + start) * den) / num));
  let sent = 0;
  let next = 0n;
  const reading = decodeTrack(container, stream, {
    shapeOf({ format, width, height, sampleAspectRatio: sar, colorSpace, colorRange }) {
      return `${format} ${width} ${height} ${sar.num}/${sar.den} ${colorSpace} ${colorRange}`;
    },
    filtersFor(frame) {
      const sar = frame.sampleAspectRatio;
      return [
        `buffer@in=video_size=${frame.width}x${frame.height}:pix_fmt=${avGetPixFmtName(frame.format as never)}:time_base=${num}/${den}:pixel_aspect=${sar.num}/${Math.max(1, sar.den)}:colorspace=${frame.colorSpace}:range=${frame.colorRange}`,
        ...turning(frame.getSideData(AV_FRAME_DATA_DISPLAYMATRIX)),
        ...trimming(start, end),
        // Half a millisecond of grace, since times are rounded.
        `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${(1 / fps - 0.0005).toFixed(6)})'`,
        "scale='iw*sar':ih,setsar=1",
        `scale='min(${longest},iw)':'min(${longest},ih)':force_original_aspect_ratio=decrease`,
        'format=rgb24',
        'buffersink@out',
      ].join(',');
    },
    setTime(frame) {
      const said = frame.bestEffortTimestamp;
      frame.pts = said === AV_NOPTS_VALUE ? next : said - zero;
      next = frame.pts + (frame.duration > 0n ? frame.duration : 1n);
      frame.timeBase = stream.timeBase;
    },
    take(frame, { time }) {
      sent++;
      sendPicture(time + start, frame.width, frame.height, rowsOf(frame));
    },
  });
  return { ...reading, pictures: sent };
}

/** RGB rows without the padding between them. */
function rowsOf(frame: Frame): Uint8Array {
  return frame.toBuffer().subarray(0, frame.width * frame.height * 3);
}

function trimming(start: number, end: number | undefined): string[] {
  if (start === 0 && end === undefined) return [];
  return [`trim=start=0${end === undefined ? '' : `:end=${(end - start).toFixed(6)}`}`];
}

/**
 * Filters that turn and mirror pictures as their file says.
 * @param matrix nine 32-bit numbers; the first two columns are a linear map, times 65536.
 */
function turning(matrix: Buffer | null): string[] {
  if (matrix === null || matrix.length < 36) return [];
  const [a, b, , c, d] = Array.from({ length: 5 }, (_, i) => matrix.readInt32LE(i * 4) / 65_536);
  const scales = [Math.hypot(a, c), Math.hypot(b, d)];
  if (scales.includes(0)) return [];
  const degrees = (Math.atan2(b / scales[1], a / scales[0]) * 180) / Math.PI;
  const quarter = ((Math.round(degrees) % 360) + 360) % 360;
  if (quarter === 90) return [`transpose=${c > 0 ? 'cclock_flip' : 'clock'}`];
  if (quarter === 180) return [...(a < 0 ? ['hflip'] : []), ...(d < 0 ? ['vflip'] : [])];
  if (quarter === 270) return [`transpose=${c < 0 ? 'clock_flip' : 'cclock'}`];
  if (quarter === 0) return d < 0 ? ['vflip'] : [];
  return [`rotate=${quarter}*PI/180`];
}
