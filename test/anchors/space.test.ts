import { describe, expect, test } from 'vitest';
import { anchorSpaceOf, buildBank, moveBank } from '../../src/anchors/index.js';
import { randomStream } from '../../src/base/random.js';

const DIM = 6;
const CLASSES = ['neutral', 'joy', 'anger'];

/** Faces that share a strong common part, differ by class along one axis each, and scatter most along the last axis. */
function faces() {
  const stream = randomStream(4, 0, 0);
  const embeddings = (c: number) =>
    Float32Array.from({ length: 200 * DIM }, (_, i) => {
      const axis = i % DIM;
      return (axis === 0 ? 3 : 0) + (axis === c + 1 ? 1 : 0) + (axis === DIM - 1 ? 0.9 : 0.15) * stream.normal();
    });
  return buildBank(
    CLASSES.map((name, c) => ({ name, embeddings: embeddings(c) })),
    DIM,
  );
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const centre = ({ centres }: { centres: Float32Array }, c: number) => centres.subarray(c * DIM, (c + 1) * DIM);
const cosine = (bank: { centres: Float32Array }, a: number, b: number) =>
  dot(centre(bank, a), centre(bank, b)) /
  Math.sqrt(dot(centre(bank, a), centre(bank, a)) * dot(centre(bank, b), centre(bank, b)));

describe('the space of anchors', () => {
  const bank = faces();

  test('raw is the bank itself', () => {
    expect(anchorSpaceOf(bank, 'raw')).toBeUndefined();
    expect(moveBank(bank, undefined)).toBe(bank);
  });

  test('centred centres no longer look alike', () => {
    const moved = moveBank(bank, anchorSpaceOf(bank, 'centred'));
    expect(cosine(bank, 0, 1)).toBeGreaterThan(0.8);
    // Three directions that sum to nothing are 120 degrees apart.
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ])
      expect(cosine(moved, a, b)).toBeCloseTo(-0.5, 1);
    expect(dot(moved.exemplars[0].subarray(0, DIM), moved.exemplars[0].subarray(0, DIM))).toBeCloseTo(1, 5);
    expect(moved.hash).not.toBe(bank.hash);
    expect(bank.centres).toEqual(faces().centres);
  });

  test('whitened faces of a class scatter alike in every direction', () => {
    const spread = ({ exemplars, centres }: typeof bank, axis: number) =>
      Math.sqrt(
        Array.from({ length: 200 }, (_, i) => (exemplars[0][i * DIM + axis] - centres[axis]) ** 2).reduce(
          (a, b) => a + b,
        ) / 200,
      );
    const [centred, whitened] = (['centred', 'whitened'] as const).map((name) =>
      moveBank(bank, anchorSpaceOf(bank, name)),
    );
    expect(spread(centred, DIM - 1) / spread(centred, 4)).toBeGreaterThan(2);
    expect(spread(whitened, DIM - 1) / spread(whitened, 4)).toBeLessThan(
      spread(centred, DIM - 1) / spread(centred, 4) / 1.5,
    );
  });

  test('a face that is the mean face has no direction and is refused', () => {
    const space = anchorSpaceOf(bank, 'centred');
    const same = { ...bank, exemplars: [Float32Array.from(space?.mean ?? []), ...bank.exemplars.slice(1)] };
    expect(() => moveBank(same, space)).toThrow('mean face subtracted');
  });

  test('whitening needs faces to learn from', () => {
    const few = buildBank(
      [
        { name: 'a', embeddings: Float32Array.of(1, 0) },
        { name: 'b', embeddings: Float32Array.of(0, 1) },
      ],
      2,
    );
    expect(() => anchorSpaceOf(few, 'whitened')).toThrow('two faces a class');
  });
});
