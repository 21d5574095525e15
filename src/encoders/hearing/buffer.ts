/** The last part of a sound that comes in pieces; positions count samples from the sound's beginning. */
export interface SoundBuffer {
  append(samples: Float32Array): void;
  /** A copy, within what is held. */
  slice(from: number, to: number): Float32Array;
  /** Lets go of what lies before. */
  forget(before: number): void;
  /** Samples that have come. */
  readonly length: number;
}

export function createSoundBuffer(): SoundBuffer {
  let held = new Float32Array(1 << 18);
  /** Position of the first sample that is held, and how many are. */
  let [begin, count] = [0, 0];
  return {
    append(samples) {
      if (count + samples.length > held.length) {
        const larger = new Float32Array(2 * (count + samples.length));
        larger.set(held.subarray(0, count));
        held = larger;
      }
      held.set(samples, count);
      count += samples.length;
    },
    slice: (from, to) => held.slice(Math.max(0, from - begin), Math.max(0, Math.min(count, to - begin))),
    forget(before) {
      const gone = Math.min(count, before - begin);
      // Moving the rest costs as much as it is long, so it is done seldom.
      if (gone < held.length >> 1) return;
      held.copyWithin(0, gone, count);
      begin += gone;
      count -= gone;
    },
    get length() {
      return begin + count;
    },
  };
}
