import { createKernelMemory } from './kernels.js';

/** One dropout site: where in the model, how much is dropped, and how many values. */
export interface MaskRequest {
  /** A number of its own for each site, below 65,536. */
  site: number;
  probability: number;
  size: number;
}

/**
 * Makes dropout masks: each value is 1/(1 − p) with probability 1 − p (to 16 bits), else 0. A mask depends on (seed,
 * step, site) alone, so a resumed run repeats them exactly.
 */
export class MaskSource {
  private buffer = createKernelMemory(0);

  /** @returns a mask for each request, valid until the next call. */
  generate(seed: number, step: number, requests: readonly MaskRequest[]): Float32Array[] {
    const padded = requests.map((r) => Math.ceil(r.size / 32) * 32);
    const bytes = padded.reduce((a, b) => a + b, 0) * 4;
    if (this.buffer.memory.buffer.byteLength < bytes) this.buffer = createKernelMemory(Math.ceil(bytes * 1.25));
    const { memory, kernels } = this.buffer;
    const k0 = seed >>> 0;
    const k1 = Math.floor(seed / 2 ** 32) >>> 0;
    let at = 0;
    return requests.map(({ site, probability, size }, i) => {
      const threshold = Math.round(probability * 65536);
      kernels.dropoutMask(at, padded[i], threshold, 1 / (1 - probability), step, site, k0, k1);
      const mask = new Float32Array(memory.buffer, at, size);
      at += padded[i] * 4;
      return mask;
    });
  }
}

/** Floats that `fillUniform` makes at a time, a multiple of 16. */
const CHUNK = 1 << 18;

/** Fills an array with uniform numbers in [low, high) that depend on (seed, step, site) alone. */
export function fillUniform(
  out: Float32Array,
  low: number,
  high: number,
  seed: number,
  step: number,
  site: number,
): void {
  const { memory, kernels } = createKernelMemory(Math.min(CHUNK, Math.ceil(out.length / 16) * 16) * 4);
  const [k0, k1] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  for (let at = 0; at < out.length; at += CHUNK) {
    const n = Math.min(CHUNK, out.length - at);
    kernels.uniform(0, Math.ceil(n / 16) * 16, at / 16, low, high - low, step, site, k0, k1);
    out.set(new Float32Array(memory.buffer, 0, n), at);
  }
}
