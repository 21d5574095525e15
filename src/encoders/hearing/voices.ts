import { Tensor } from 'onnxruntime-node';
import { openNetwork } from '../session.js';
import { levelOf } from './loudness.js';
import { voiceNetwork } from './networks.js';

/** Dimension of a voice. */
export const VOICE_DIM = 256;

/** Tells voices apart. */
export interface VoiceReader {
  /**
   * @param sound of one person: 16 kHz, pauses left out.
   * @returns [256] of unit length: the more alike two voices, the larger their inner product.
   */
  read(sound: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Samples that the network sees: 160 frames of 25 ms each 10 ms. */
const WINDOW = 159 * 160 + 400;
/** Windows begin so far apart, or farther where a sound is long: more of the same person tell nothing new. */
const HOP = 12_800;
const MOST_WINDOWS = 6;
/** Quieter speech is made this loud, as in the network's training: -30 dB of full scale. */
const LEVEL = 10 ** (-30 / 20);

/**
 * Opens the voice encoder of Resemblyzer (Wan et al., arXiv 1710.10467): trained to tell 8,000 speakers apart, whatever
 * they say.
 */
export async function openVoiceReader(): Promise<VoiceReader> {
  const session = await openNetwork(await voiceNetwork());
  return {
    async read(sound) {
      const windows = windowsOf(sound);
      const input = new Float32Array(windows.length * WINDOW);
      const gain = Math.max(1, LEVEL / (levelOf(sound) || 1));
      windows.forEach((begin, w) => {
        // A sound that is shorter than a window is said again.
        for (let i = 0; i < WINDOW; i++) input[w * WINDOW + i] = sound[(begin + i) % sound.length] * gain;
      });
      const { voice } = await session.run({ sound: new Tensor('float32', input, [windows.length, 1, WINDOW]) });
      const mean = new Float32Array(VOICE_DIM);
      (voice.data as Float32Array).forEach((value, i) => {
        mean[i % VOICE_DIM] += value;
      });
      return unit(mean);
    },
    dispose: () => session.release(),
  };
}

/** Where the windows begin. */
function windowsOf(sound: Float32Array): number[] {
  const last = Math.max(0, sound.length - WINDOW);
  const count = Math.min(MOST_WINDOWS, Math.floor(last / HOP) + 1);
  return Array.from({ length: count }, (_, i) => (count === 1 ? last >> 1 : Math.round((last * i) / (count - 1))));
}

/** The same direction, of length 1; zeros stay zeros. */
export function unit(values: Float32Array): Float32Array {
  const length = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  return length === 0 ? values : values.map((x) => x / length);
}

/** Cosine of two voices of unit length. */
export function likeness(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i], 0);
}
