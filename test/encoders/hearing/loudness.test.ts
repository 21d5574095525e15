import { describe, expect, it } from 'vitest';
import { evened, levelOf } from '../../../src/encoders/hearing/loudness.js';

/** Half a second of a tone at a level, 16 kHz. */
const tone = (level: number) =>
  Float32Array.from({ length: 8_000 }, (_, i) => Math.SQRT2 * level * Math.sin((2 * Math.PI * 200 * i) / 16_000));
const joined = (...parts: Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
const decibels = (a: Float32Array, b: Float32Array) => 20 * Math.log10(levelOf(a) / levelOf(b));

describe('evened', () => {
  it('leaves half of the 20 dB between a soft beginning and what follows', () => {
    const sound = evened(joined(tone(0.02), tone(0.2)));
    expect(decibels(sound.subarray(8_000), sound.subarray(0, 7_900))).toBeCloseTo(10, 0);
  });

  it('does not make noise far below the speech into speech', () => {
    const sound = evened(joined(tone(0.0002), tone(0.2)));
    // Of 60 dB, the 34 down to the quietest that counts are halved.
    expect(decibels(sound.subarray(8_000), sound.subarray(0, 7_900))).toBeCloseTo(43, 0);
  });

  it('leaves silence silent', () => {
    expect(evened(new Float32Array(1_000))).toEqual(new Float32Array(1_000));
  });
});
