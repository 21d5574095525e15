import { describe, expect, it } from 'vitest';
import { buildBank } from '../../src/anchors/index.js';
import { nearestExemplars } from '../../src/prediction/index.js';

describe('nearestExemplars', () => {
  const bank = buildBank(
    [
      { name: 'joy', embeddings: Float32Array.of(1, 0, 0, 1) },
      { name: 'anger', embeddings: Float32Array.of(-1, 0, 3, 4) },
    ],
    2,
  );

  it('names the three nearest by class and place, with their cosines', () => {
    const { exemplars, cosines } = nearestExemplars(Float32Array.of(1, 0, 0, 1), bank) ?? {};
    expect([...(exemplars ?? [])]).toEqual([0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 0]);
    [1, 0.6, 0, 1, 0.8, 0].forEach((cosine, i) => {
      expect(cosines?.[i]).toBeCloseTo(cosine, 6);
    });
  });

  it('gives fewer where the bank has fewer, and nothing where it has none', () => {
    const two = { ...bank, exemplars: [bank.exemplars[0], new Float32Array(0)] };
    expect([...(nearestExemplars(Float32Array.of(0, 1), two)?.exemplars ?? [])]).toEqual([0, 1, 0, 0]);
    const none = { ...bank, exemplars: [new Float32Array(0), new Float32Array(0)] };
    expect(nearestExemplars(Float32Array.of(0, 1), none)).toBeUndefined();
  });
});
