import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { dropFeatures, maskFeatures } from '../../src/training/masking.js';
import type { Batch } from '../../src/vega/types.js';

const batch = (): Batch => ({
  lengths: [2, 1, 3],
  speakers: new Int32Array(6),
  features: { text: new Float32Array(6 * 200).fill(1), visual: new Float32Array(6 * 50).fill(2) },
});

describe('maskFeatures', () => {
  it('zeroes whole dimensions of a dialogue, independently of other dialogues and modalities', () => {
    const masked = batch();
    maskFeatures(masked, 0.1, randomStream(1, 1, 0));
    const text = masked.features.text as Float32Array;
    const row = (n: number) => text.subarray(n * 200, (n + 1) * 200);
    expect(row(0)).toEqual(row(1));
    expect(row(3)).toEqual(row(4));
    expect(row(3)).toEqual(row(5));
    expect(row(1)).not.toEqual(row(2));
    expect(row(2)).not.toEqual(row(3));
    const share = text.filter((x) => x === 0).length / text.length;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.15);
    expect(text.every((x) => x === 0 || x === 1)).toBe(true);
    expect((masked.features.visual as Float32Array).some((x) => x === 0)).toBe(true);
  });

  it('repeats itself for the same step and leaves everything at probability 0', () => {
    const [a, b, c] = [batch(), batch(), batch()];
    maskFeatures(a, 0.3, randomStream(1, 5, 0));
    maskFeatures(b, 0.3, randomStream(1, 5, 0));
    maskFeatures(c, 0, randomStream(1, 5, 0));
    expect(a).toEqual(b);
    expect(c).toEqual(batch());
  });
});

describe('dropFeatures', () => {
  it('zeroes numbers of each utterance on its own and scales up the rest, so that the mean stays', () => {
    const dropped = batch();
    dropFeatures(dropped, 0.75, randomStream(1, 1, 0));
    const text = dropped.features.text as Float32Array;
    expect(new Set(text)).toEqual(new Set([0, 4]));
    expect(text.subarray(0, 200)).not.toEqual(text.subarray(200, 400)); // of one dialogue
    expect(text.reduce((a, b) => a + b, 0) / text.length).toBeCloseTo(1, 0.5);
    expect(new Set(dropped.features.visual)).toEqual(new Set([0, 8]));
  });

  it('repeats itself for the same step and leaves everything at probability 0', () => {
    const [a, b, c] = [batch(), batch(), batch()];
    dropFeatures(a, 0.3, randomStream(1, 5, 0));
    dropFeatures(b, 0.3, randomStream(1, 5, 0));
    dropFeatures(c, 0, randomStream(1, 5, 0));
    expect(a).toEqual(b);
    expect(c).toEqual(batch());
  });
});
