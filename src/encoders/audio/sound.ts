import { decodeAudio, decodeAudioTogether } from '../media/audio.js';
import type { Clip } from '../media/clip.js';
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
 * @returns [D], or undefined where the clip is silent.
 * @throws ClipError where it cannot be decoded.
 */
export async function encodeSound(encoder: SoundEncoder, clip: Clip): Promise<Float32Array | undefined> {
  const stream = encoder.begin();
  for await (const samples of decodeAudio(clip)) await stream.push(samples);
  return stream.finish();
}

/**
 * Encodes the sounds of several short clips, decoded together.
 * @returns for each clip its row (undefined = silence), or nothing where it must be encoded by itself, since something
 * is wrong with it or with one beside it.
 */
export async function encodeSounds(
  encoder: SoundEncoder,
  clips: readonly Clip[],
): Promise<({ row: Float32Array | undefined } | undefined)[]> {
  const streams = clips.map(() => encoder.begin());
  const whole = await decodeAudioTogether(clips, (i, samples) => streams[i].push(samples));
  const rows: ({ row: Float32Array | undefined } | undefined)[] = [];
  for (const [i, stream] of streams.entries()) rows.push(whole[i] ? { row: await stream.finish() } : undefined);
  return rows;
}
