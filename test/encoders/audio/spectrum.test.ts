import { describe, expect, it } from 'vitest';
import {
  BINS,
  createCosineTransform,
  createMelBands,
  createPowerSpectrum,
  preEmphasis,
} from '../../../src/encoders/audio/spectrum.js';

const tone = (hertz: number, size = 400) =>
  Float32Array.from({ length: size }, (_, n) => Math.sin((2 * Math.PI * hertz * n) / 16_000));

describe('createPowerSpectrum', () => {
  it('has its peak at the frequency of a tone', () => {
    const power = new Float32Array(BINS);
    createPowerSpectrum(400)(tone(1000), power);
    expect(power.indexOf(Math.max(...power))).toBe(32);
  });
});

describe('preEmphasis', () => {
  it('is what the filter does to a tone', () => {
    const factor = preEmphasis(0.97);
    const x = tone(2000, 16_000);
    const y = x.map((value, n) => value - 0.97 * (x[n - 1] ?? 0));
    const energy = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
    expect(energy(y) / energy(x)).toBeCloseTo(factor[64], 2);
  });
});

describe('createMelBands', () => {
  it('puts a tone into the band around it', () => {
    const power = new Float32Array(BINS);
    const bands = new Float32Array(40);
    createPowerSpectrum(400)(tone(1000), power);
    createMelBands(40, 16_000, 20, 8000)(power, bands);
    // 1000 Hz is 1000 mel; the 40 centres divide 31.7 … 2840 mel.
    expect(bands.indexOf(Math.max(...bands))).toBe(13);
  });
});

describe('createCosineTransform', () => {
  it('is orthonormal', () => {
    const transform = createCosineTransform(8, 8);
    const values = Float32Array.from([1, -2, 3, 0.5, 0, 4, -1, 2]);
    const out = new Float32Array(8);
    transform(values, out);
    expect(Math.hypot(...out)).toBeCloseTo(Math.hypot(...values), 5);
    transform(new Float32Array(8).fill(1), out);
    expect(out[0]).toBeCloseTo(Math.sqrt(8), 5);
    expect(Math.hypot(...out.subarray(1))).toBeCloseTo(0, 5);
  });
});
