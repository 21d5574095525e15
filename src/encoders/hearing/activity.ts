import { Tensor } from 'onnxruntime-node';
import { openSingleThreaded } from '../session.js';
import { voiceActivityNetwork } from './networks.js';

/** Samples that one probability stands for: 32 ms of 16 kHz. */
export const STEP = 512;
/** Samples before a step that the network sees again. */
const CONTEXT = 64;
const STATE = [2, 1, 128];

/** Says where in a sound people speak. */
export interface VoiceActivity {
  /** Begins with one sound, which comes in steps of 512 samples of 16 kHz; each gives the probability of speech in it. */
  begin(): (step: Float32Array) => Promise<number>;
  dispose(): Promise<void>;
}

/** Opens Silero's network of voice activity (https://github.com/snakers4/silero-vad): 2.3 MB, recurrent. */
export async function openVoiceActivity(): Promise<VoiceActivity> {
  const session = await openSingleThreaded(await voiceActivityNetwork(), { keepMemory: true });
  const rate = new Tensor('int64', BigInt64Array.of(16_000n), []);
  return {
    begin() {
      const input = new Float32Array(CONTEXT + STEP);
      let state: Tensor = new Tensor('float32', new Float32Array(256), STATE);
      return async (step) => {
        input.copyWithin(0, STEP);
        input.set(step, CONTEXT);
        const { output, stateN } = await session.run({
          input: new Tensor('float32', input, [1, input.length]),
          state,
          sr: rate,
        });
        state = stateN as Tensor;
        return output.data[0] as number;
      };
    },
    dispose: () => session.release(),
  };
}
