import { type Clip, decodeClip } from './clip.js';

/** Samples a second of all sound that encoders see. */
export const SAMPLE_RATE = 16_000;

/**
 * The sound of a clip: mono, 16 kHz, -1 to 1, in pieces as they come.
 * @throws ClipError where it cannot be decoded, or gives much less than the file promises.
 */
export async function* decodeAudio(clip: Clip): AsyncGenerator<Float32Array<ArrayBuffer>> {
  const output = ['-ac', '1', '-ar', `${SAMPLE_RATE}`, '-f', 'f32le'];
  let rest = Buffer.alloc(0);
  for await (const piece of decodeClip(clip, 'audio', output, (bytes) => bytes / 4 / SAMPLE_RATE)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    const whole = bytes.length - (bytes.length % 4);
    rest = bytes.subarray(whole);
    // A copy: floats must lie at a multiple of four bytes, and the pipe's buffer is used again.
    if (whole > 0) yield new Float32Array(new Uint8Array(bytes.subarray(0, whole)).buffer);
  }
}
