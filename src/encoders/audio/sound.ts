import { describeSound } from './descriptors.js';
import type { SoundEncoder } from './encoder.js';
import { FUNCTIONALS, functionals } from './functionals.js';

/** Statistics of prosody and spectrum, as an encoder; see `functionals`. */
export function openFunctionals(): SoundEncoder {
  return {
    dim: FUNCTIONALS.length,
    begin() {
      const sound = describeSound();
      return {
        push: async (samples) => sound.push(samples),
        finish: async () => functionals(sound.finish()),
      };
    },
    dispose: async () => {},
  };
}

/** Several encoders' rows one after the other; absent where one of them finds nothing but silence. */
export function besides(parts: readonly SoundEncoder[]): SoundEncoder {
  const dim = parts.reduce((sum, part) => sum + part.dim, 0);
  return {
    dim,
    begin() {
      const streams = parts.map((part) => part.begin());
      return {
        async push(samples) {
          for (const stream of streams) await stream.push(samples);
        },
        async finish() {
          const row = new Float32Array(dim);
          let at = 0;
          for (const stream of streams) {
            const values = await stream.finish();
            if (values === undefined) return undefined;
            row.set(values, at);
            at += values.length;
          }
          return row;
        },
      };
    },
    async dispose() {
      for (const part of parts) await part.dispose();
    },
  };
}

/**
 * Encodes a clip's sound as it is decoded.
 * @param sound samples in pieces, 16 kHz.
 * @returns [D], or undefined where the clip is silent.
 */
export async function encodeSound(
  encoder: SoundEncoder,
  sound: AsyncIterable<Float32Array>,
): Promise<Float32Array | undefined> {
  const stream = encoder.begin();
  for await (const samples of sound) await stream.push(samples);
  return stream.finish();
}
