import { describe, expect, it } from 'vitest';
import { describeSound } from '../../../src/encoders/audio/descriptors.js';
import { FUNCTIONALS, functionals } from '../../../src/encoders/audio/functionals.js';

/** A voice of ten harmonics; its pitch in Hz by time. */
function voice(seconds: number, pitch: (t: number) => number, level = 0.2): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: seconds * 16_000 }, (_, n) => {
    phase += (2 * Math.PI * pitch(n / 16_000)) / 16_000;
    let sum = 0;
    for (let k = 1; k <= 10; k++) sum += Math.sin(k * phase) / k;
    return level * sum;
  });
}

function describeAll(samples: Float32Array, piece = samples.length): Record<string, number> {
  const sound = describeSound();
  for (let at = 0; at < samples.length; at += piece) sound.push(samples.slice(at, at + piece));
  const row = functionals(sound.finish()) as Float32Array;
  return Object.fromEntries(FUNCTIONALS.map((name, i) => [name, row[i]]));
}

const joined = (...parts: Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
const silence = (seconds: number) => new Float32Array(seconds * 16_000);

describe('functionals', () => {
  it('names every number, once', () => {
    expect(new Set(FUNCTIONALS).size).toBe(FUNCTIONALS.length);
    expect(functionals(described(voice(1, () => 120)))).toHaveLength(FUNCTIONALS.length);
  });

  it.each([75, 150, 220, 400])('measures a pitch of %i Hz', (hertz) => {
    const row = describeAll(voice(1, () => hertz));
    expect(row['pitch.p50']).toBeCloseTo(12 * Math.log2(hertz / 150), 1);
    expect(row['rhythm.voicedShare']).toBeGreaterThan(0.9);
    expect(row['pitch.jitter']).toBeLessThan(0.01);
  });

  it('measures how fast pitch rises, in semitones a second', () => {
    const row = describeAll(voice(2, (t) => 150 * 2 ** ((6 * t) / 12)));
    expect(row['pitch.slope']).toBeCloseTo(6, 0);
    expect(row['pitch.risingShare']).toBeGreaterThan(0.95);
  });

  it('measures level in decibels, and nothing else changes with it', () => {
    const loud = describeAll(voice(1, () => 200, 0.2));
    const soft = describeAll(voice(1, () => 200, 0.02));
    expect(loud['level.p50'] - soft['level.p50']).toBeCloseTo(20, 1);
    for (const name of ['centroid.p50', 'pitch.p50', 'zeroCrossings.mean', 'alphaRatio.p50']) {
      expect(soft[name], name).toBeCloseTo(loud[name], 1);
    }
  });

  it('looks at the sound and not at the silence around it', () => {
    const row = describeAll(
      joined(
        silence(1),
        voice(1, () => 200),
        silence(0.5),
        voice(1, () => 200),
        silence(1),
      ),
    );
    const alone = describeAll(voice(1, () => 200));
    expect(row['mfcc2.p50']).toBeCloseTo(alone['mfcc2.p50'], 0);
    expect(row['rhythm.pausesPerSecond']).toBeCloseTo(1 / 2.5, 1);
    expect(row['rhythm.pauseMean']).toBeCloseTo(0.5, 1);
    expect(row['rhythm.soundSeconds']).toBeCloseTo(2, 0);
  });

  it('hears that noise has no pitch', () => {
    let state = 1;
    const noise = Float32Array.from({ length: 16_000 }, () => {
      state = (state * 48271) % 2147483647;
      return 0.2 * (state / 1073741823.5 - 1);
    });
    const row = describeAll(noise);
    expect(row['rhythm.voicedShare']).toBeLessThan(0.1);
    expect(row['flatness.mean']).toBeGreaterThan(-6);
    expect(Object.values(row).every(Number.isFinite)).toBe(true);
  });

  it('does not depend on the pieces in which the sound comes', () => {
    const samples = joined(
      silence(0.2),
      voice(0.7, (t) => 120 + 60 * t),
      silence(0.1),
    );
    const whole = describeAll(samples);
    for (const piece of [1, 161, 4096]) expect(describeAll(samples, piece)).toEqual(whole);
  });

  it('gives nothing for silence, and something for the shortest sound', () => {
    expect(functionals(described(silence(1)))).toBeUndefined();
    expect(functionals(described(silence(1).map((_, i) => (i % 2 === 0 ? 1e-4 : -1e-4))))).toBeUndefined();
    expect(functionals(described(voice(0.01, () => 200)))?.every(Number.isFinite)).toBe(true);
  });
});

function described(samples: Float32Array) {
  const sound = describeSound();
  sound.push(samples);
  return sound.finish();
}
