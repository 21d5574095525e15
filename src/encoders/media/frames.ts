import type { Picture } from '../imagePicture.js';
import type { Decoding, Pieces } from './decode.js';

/** Frames larger than this are shrunk: the face detector works on 320 pixels, and a face keeps enough of its own. */
const MAX_SIDE = 640;

/**
 * A recording's frames, upright and with square pixels: the first one, then one each 1/rate seconds by the frames' own
 * times, so that a variable frame rate changes nothing.
 * @param rate frames a second.
 */
export function framesAt(rate: number): Decoding {
  // Half a millisecond of grace, since times are rounded.
  const chosen = `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${(1 / rate - 0.0005).toFixed(6)})'`;
  const square = "scale='iw*sar':ih,setsar=1";
  const small = `scale='min(${MAX_SIDE},iw)':'min(${MAX_SIDE},ih)':force_original_aspect_ratio=decrease`;
  const filters = ['-vf', `${chosen},${square},${small}`, '-vsync', 'vfr'];
  return {
    track: 'video',
    output: [...filters, '-f', 'image2pipe', '-c:v', 'ppm', '-pix_fmt', 'rgb24'],
    // A picture may stand as long as it likes, so frames do not tell how many seconds were decoded.
    secondsOf: () => undefined,
  };
}

const HEADER = /^P6\s+(\d+)\s+(\d+)\s+255\s/;
const LONGEST_HEADER = 32;

/** The pictures in what `framesAt` gives: binary PPM (P6, 8 bits), one after the other. */
export async function* readFrames(stream: Pieces): AsyncGenerator<Picture> {
  let parts: Buffer<ArrayBuffer>[] = [];
  let held = 0;
  let wanted = 1;
  for await (const chunk of stream) {
    parts.push(chunk);
    held += chunk.length;
    // Joined only when a picture is complete: joining at every piece would copy it dozens of times.
    while (held >= wanted) {
      const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
      parts = [bytes];
      const header = HEADER.exec(bytes.toString('latin1', 0, LONGEST_HEADER));
      if (header === null) {
        wanted = held + 1;
        break;
      }
      const [begin, width, height] = [header[0].length, Number(header[1]), Number(header[2])];
      wanted = begin + width * height * 3;
      if (held < wanted) break;
      yield { width, height, data: new Uint8Array(bytes.subarray(begin, wanted)) };
      parts = [bytes.subarray(wanted)];
      held -= wanted;
      wanted = 1;
    }
  }
}
