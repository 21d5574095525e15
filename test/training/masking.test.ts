import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { dropFeatures, dropModalities, maskFeatures } from '../../src/training/masking.js';
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

describe('dropModalities', () => {
  const many = (): Batch => ({
    lengths: Array.from({ length: 300 }, () => 2),
    speakers: new Int32Array(600),
    features: { text: new Float32Array(600 * 3).fill(1), audio: new Float32Array(600 * 2).fill(2) },
    // Every second utterance has only words.
    presence: { audio: Uint8Array.from({ length: 600 }, (_, n) => n % 2) },
  });

  it('takes modalities from whole dialogues, and never the last one that an utterance has', () => {
    const batch = many();
    dropModalities(batch, 0.5, randomStream(1, 1, 0));
    const { text, audio } = batch.presence as { text: Uint8Array; audio: Uint8Array };
    const share = (here: Uint8Array, from: number) => here.filter((x, n) => n % 2 === from && x === 1).length / 300;
    expect([...text].every((x, n) => x === 1 || audio[n] === 1)).toBe(true);
    // Words alone stay. Of both, either is gone in a quarter of the dialogues; both would be in another, which keep them.
    expect(share(text, 0)).toBe(1);
    expect(share(text, 1)).toBeCloseTo(0.75, 1);
    expect(share(audio, 1)).toBeCloseTo(0.75, 1);
    for (let n = 0; n < 600; n++) {
      expect((batch.features.text as Float32Array)[3 * n]).toBe(text[n]);
      if (n % 2 === 1) expect((batch.features.audio as Float32Array)[2 * n]).toBe(2 * audio[n]);
    }
  });

  it('leaves everything at probability 0, and repeats itself for the same step', () => {
    const [a, b, c] = [many(), many(), many()];
    dropModalities(a, 0, randomStream(1, 1, 0));
    expect(a).toEqual(many());
    dropModalities(b, 0.3, randomStream(1, 7, 0));
    dropModalities(c, 0.3, randomStream(1, 7, 0));
    expect(b).toEqual(c);
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
