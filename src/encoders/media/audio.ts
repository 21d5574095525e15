import type { Decoding, Pieces } from './decode.js';

/** Samples a second of all sound that encoders see. */
export const SAMPLE_RATE = 16_000;

/** A recording's sound: mono, 16 kHz, floats of -1 to 1; less of it than the file promises is noticed. */
export const SOUND: Decoding = {
  track: 'audio',
  output: ['-ac', '1', '-ar', `${SAMPLE_RATE}`, '-f', 'f32le'],
  secondsOf: (bytes) => bytes / 4 / SAMPLE_RATE,
};

/** The samples in what `SOUND` gives. */
export async function* readSamples(pieces: Pieces): AsyncGenerator<Float32Array<ArrayBuffer>> {
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    const whole = bytes.length - (bytes.length % 4);
    rest = bytes.subarray(whole);
    // A copy: floats must lie at a multiple of four bytes, and the pipe's buffer is used again.
    if (whole > 0) yield new Float32Array(new Uint8Array(bytes.subarray(0, whole)).buffer);
  }
}
