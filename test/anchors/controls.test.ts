import { describe, expect, it } from 'vitest';
import { emotionPrompt, initialLearnedAnchors, randomAnchors, textAnchors } from '../../src/anchors/index.js';

const classes = ['joy', 'anger', 'fear'];

describe('randomAnchors', () => {
  it('are orthonormal, as many as there are dimensions', () => {
    for (const [count, dim] of [
      [7, 512],
      [6, 6],
    ]) {
      const names = Array.from({ length: count }, (_, c) => `class ${c}`);
      const { centres, encoder } = randomAnchors(names, dim, 3);
      expect(encoder).toBe('random');
      for (let a = 0; a < count; a++) {
        for (let b = 0; b < count; b++) {
          let product = 0;
          for (let d = 0; d < dim; d++) product += centres[a * dim + d] * centres[b * dim + d];
          expect(product).toBeCloseTo(a === b ? 1 : 0, 5);
        }
      }
    }
  });

  it('depend on the seed alone', () => {
    expect(randomAnchors(classes, 8, 1).hash).toBe(randomAnchors(classes, 8, 1).hash);
    expect(randomAnchors(classes, 8, 1).hash).not.toBe(randomAnchors(classes, 8, 2).hash);
  });

  it('refuse fewer dimensions than classes', () => {
    expect(() => randomAnchors(classes, 2, 1)).toThrow(/3 classes need at least 3 dimensions to be orthonormal, not 2/);
  });
});

describe('initialLearnedAnchors', () => {
  it('start as unit vectors in random directions', () => {
    const { centres, encoder } = initialLearnedAnchors(classes, 64, 1);
    expect(encoder).toBe('learned');
    for (let c = 0; c < 3; c++) expect(Math.hypot(...centres.subarray(c * 64, (c + 1) * 64))).toBeCloseTo(1, 5);
    expect(centres).not.toEqual(initialLearnedAnchors(classes, 64, 2).centres);
  });
});

describe('textAnchors', () => {
  it('asks for a face that shows the emotion, and says so', async () => {
    const asked: string[] = [];
    const bank = await textAnchors(['neutral', 'sad'], {
      name: 'CLIP',
      dim: 2,
      embed: async (texts) => {
        asked.push(...texts);
        return Float32Array.of(2, 0, 0, 3);
      },
    });
    expect(asked).toEqual(['a photo of a face that shows no emotion', 'a photo of a face that shows sadness']);
    expect(bank.encoder).toBe('text: CLIP');
    expect([...bank.centres]).toEqual([1, 0, 0, 1]);
    expect(emotionPrompt('angry')).toContain('anger');
  });
});
