import { type Clip, CUT_SHORT, decodeClip, inputArguments, lackOf, QUIET } from './clip.js';
import { ClipError } from './errors.js';
import { FIRST_PIPE, runFfmpegWithPipes } from './process.js';

/** Samples a second of all sound that encoders see. */
export const SAMPLE_RATE = 16_000;

const OUTPUT = ['-ac', '1', '-ar', `${SAMPLE_RATE}`, '-f', 'f32le'];

/**
 * The sound of a clip: mono, 16 kHz, -1 to 1, in pieces as they come.
 * @throws ClipError where it cannot be decoded, or gives much less than the file promises.
 */
export function decodeAudio(clip: Clip): AsyncGenerator<Float32Array<ArrayBuffer>> {
  return samplesOf(decodeClip(clip, 'audio', OUTPUT, (bytes) => bytes / 4 / SAMPLE_RATE));
}

/**
 * Decodes short clips in one run of ffmpeg, which takes longer to start than to decode one.
 * @param take gets the pieces of the clip with that index; those of different clips come in any order.
 * @returns for each clip whether it is whole; what is not is to be decoded by itself, which also tells why.
 */
export async function decodeAudioTogether(
  clips: readonly Clip[],
  take: (index: number, samples: Float32Array<ArrayBuffer>) => Promise<void>,
): Promise<boolean[]> {
  const inputs = clips.flatMap(inputArguments);
  const outputs = clips.flatMap((_, i) => ['-map', `${i}:a:0`, ...OUTPUT, `pipe:${FIRST_PIPE + i}`]);
  const counts = clips.map(() => 0);
  const takers = clips.map((_, i) => async (pieces: AsyncIterable<Buffer<ArrayBuffer>>) => {
    for await (const samples of samplesOf(pieces)) {
      counts[i] += samples.length;
      await take(i, samples);
    }
  });
  const { code, words } = await runFfmpegWithPipes([...QUIET, ...inputs, ...outputs], takers);
  const mute = Number(/Stream map '(\d+):a:0' matches no streams/.exec(words)?.[1]);
  if (mute < clips.length && clips.length > 1) {
    // Nothing was decoded yet, and all but this one may be whole.
    const at = (index: number) => (index < mute ? index : index + 1);
    const others = clips.filter((_, i) => i !== mute);
    const whole = await decodeAudioTogether(others, (index, samples) => take(at(index), samples));
    return [...whole.slice(0, mute), false, ...whole.slice(mute)];
  }
  // Complaints do not tell which of the files they are about.
  if (code !== 0 || CUT_SHORT.test(words)) return clips.map(() => false);
  const said = words.split(/^Input #\d+/m).slice(1);
  return clips.map((clip, i) => {
    try {
      return counts[i] > 0 && lackOf(clip, said[i], counts[i] / SAMPLE_RATE) === undefined;
    } catch (error) {
      if (error instanceof ClipError) return false;
      throw error;
    }
  });
}

async function* samplesOf(pieces: AsyncIterable<Buffer<ArrayBuffer>>): AsyncGenerator<Float32Array<ArrayBuffer>> {
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    const whole = bytes.length - (bytes.length % 4);
    rest = bytes.subarray(whole);
    // A copy: floats must lie at a multiple of four bytes, and the pipe's buffer is used again.
    if (whole > 0) yield new Float32Array(new Uint8Array(bytes.subarray(0, whole)).buffer);
  }
}
