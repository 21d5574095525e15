import { ClipError } from './errors.js';
import { checkLength, inputArguments, type Stretch } from './probe.js';
import { runMediaTool } from './process.js';

/** Samples a second of all sound that encoders see. */
export const SAMPLE_RATE = 16_000;

/**
 * The sound of a stretch: mono, 16 kHz, -1 to 1, in pieces of about a second.
 * @throws ClipError where it cannot be decoded, or gives much less than the file promised.
 */
export async function* decodeAudio(stretch: Stretch): AsyncGenerator<Float32Array> {
  const args = ['-v', 'error', '-nostdin', '-threads', '1', ...inputArguments(stretch), '-map', '0:a:0'];
  const output = ['-ac', '1', '-ar', `${SAMPLE_RATE}`, '-f', 'f32le', 'pipe:1'];
  let rest = Buffer.alloc(0);
  let samples = 0;
  for await (const chunk of runMediaTool('ffmpeg', [...args, ...output])) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const whole = bytes.length - (bytes.length % 4);
    rest = bytes.subarray(whole);
    if (whole === 0) continue;
    samples += whole / 4;
    // A copy: floats must lie at a multiple of four bytes, and the pipe's buffer is used again.
    yield new Float32Array(new Uint8Array(bytes.subarray(0, whole)).buffer);
  }
  if (samples === 0) throw new ClipError('holds no sound in this stretch');
  checkLength(samples / SAMPLE_RATE, stretch);
}
