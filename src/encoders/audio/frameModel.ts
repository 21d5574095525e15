import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError } from '../../base/errors.js';
import { SAMPLE_RATE } from '../media/audio.js';
import { createPooling } from '../pooling.js';
import type { SoundEncoder } from './encoder.js';

/** A network from samples [1, n] to states [1, frames, D]. */
export interface FrameModel {
  session: InferenceSession;
  /** What error sentences call it. */
  source: string;
  /** Whether sound is brought to mean 0 and deviation 1 first, as `do_normalize` of its configuration says. */
  normalise: boolean;
}

/** Longer sound goes through in windows, which bounds the memory of attention. */
const WINDOW = 20 * SAMPLE_RATE;
/** Less sound gives no frame. */
const SHORTEST = 0.1 * SAMPLE_RATE;
/** A sound that never gets louder is silence: -60 dB of full scale. */
const SILENCE_PEAK = 0.001;

/** Pools a network's states over time: their mean and deviation [2 D]. */
export async function poolFrames(model: FrameModel): Promise<SoundEncoder> {
  const { session } = model;
  const [input] = session.inputNames;
  const output = session.outputNames.includes('last_hidden_state') ? 'last_hidden_state' : session.outputNames[0];
  const states = async (samples: Float32Array) => {
    const padded = samples.length >= SHORTEST ? samples : pad(samples, SHORTEST);
    const feeds: Record<string, Tensor> = {
      [input]: new Tensor('float32', model.normalise ? standardised(padded) : padded, [1, padded.length]),
    };
    if (session.inputNames.includes('attention_mask')) {
      feeds.attention_mask = new Tensor('int64', new BigInt64Array(padded.length).fill(1n), [1, padded.length]);
    }
    const { data, dims } = (await session.run(feeds, [output]))[output];
    if (output !== 'last_hidden_state' || dims.length !== 3 || !(data instanceof Float32Array)) {
      throw new InputError(
        `${model.source} gives ${session.outputNames.join(', ')} and no "last_hidden_state" [1, frames, D]: it is no encoder of speech. Use an export of the bare model (feature extraction), not of one with a head.`,
      );
    }
    return { data, frames: dims[1], dim: dims[2] };
  };
  const { dim } = await states(new Float32Array(SAMPLE_RATE));

  return {
    dim: 2 * dim,
    begin() {
      const pooling = createPooling(dim);
      const window = new Float32Array(WINDOW);
      let [held, peak] = [0, 0];
      const run = async () => {
        const { data, frames } = await states(window.slice(0, held));
        for (let i = 0; i < frames; i++) pooling.add(data.subarray(i * dim, (i + 1) * dim));
        held = 0;
      };
      return {
        async push(samples) {
          for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
          for (let at = 0; at < samples.length; ) {
            const part = samples.subarray(at, at + WINDOW - held);
            window.set(part, held);
            held += part.length;
            at += part.length;
            if (held === WINDOW) await run();
          }
        },
        async finish() {
          if (peak < SILENCE_PEAK) return undefined;
          if (held >= SHORTEST || pooling.count === 0) await run();
          return Float32Array.of(...pooling.mean(), ...pooling.deviation());
        },
      };
    },
    dispose: () => session.release(),
  };
}

function pad(samples: Float32Array, length: number): Float32Array {
  const longer = new Float32Array(length);
  longer.set(samples);
  return longer;
}

function standardised(samples: Float32Array): Float32Array {
  let [sum, squares] = [0, 0];
  for (const x of samples) sum += x;
  const mean = sum / samples.length;
  for (const x of samples) squares += (x - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / samples.length + 1e-7);
  return samples.map((x) => (x - mean) * scale);
}
