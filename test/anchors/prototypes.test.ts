import { describe, expect, it } from 'vitest';
import {
  type AnchorBank,
  buildBank,
  prototypesFor,
  samplePrototypes,
  syntheticAnchors,
} from '../../src/anchors/index.js';
import { kMeans } from '../../src/anchors/prototypes.js';
import { randomStream } from '../../src/base/random.js';

/** Ten exemplars close to each of two directions. */
const twoSided: AnchorBank = buildBank(
  ['joy', 'anger'].map((name, c) => ({
    name,
    embeddings: Float32Array.from({ length: 20 * 2 }, (_, i) => {
      const [exemplar, d] = [Math.floor(i / 2), i % 2];
      const angle = (exemplar < 10 ? 0 : Math.PI / 2) + c * Math.PI + (exemplar % 10) * 0.01;
      return d === 0 ? Math.cos(angle) : Math.sin(angle);
    }),
  })),
  2,
);

describe('prototypesFor', () => {
  it('with k = 1 are the centres', () => {
    expect(prototypesFor(twoSided, [1, 0], 1, 5)).toEqual(
      Float32Array.from([...twoSided.centres.subarray(2), ...twoSided.centres.subarray(0, 2)]),
    );
  });

  it('find the groups of a class', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const found = prototypesFor(twoSided, [0], 2, seed);
      const rows = [found.subarray(0, 2), found.subarray(2)].sort((a, b) => b[0] - a[0]);
      expect(rows[0][0]).toBeGreaterThan(0.99);
      expect(rows[1][1]).toBeGreaterThan(0.99);
    }
  });

  it('depend on the seed alone and need enough exemplars', () => {
    const bank = syntheticAnchors(['joy', 'anger'], 8, 1, 12);
    expect(prototypesFor(bank, [0, 1], 4, 9)).toEqual(prototypesFor(bank, [0, 1], 4, 9));
    expect(() => prototypesFor(bank, [0, 1], 13, 9)).toThrow(/13 exemplars of each, but "joy" has 12/);
  });

  it('as many as there are exemplars are the exemplars', () => {
    const bank = syntheticAnchors(['joy', 'anger'], 8, 1, 3);
    const found = prototypesFor(bank, [0], 3, 1);
    const sort = (rows: Float32Array) => [0, 1, 2].map((i) => rows.slice(i * 8, i * 8 + 8).join()).sort();
    expect(sort(found)).toEqual(sort(bank.exemplars[0]));
  });
});

describe('kMeans', () => {
  it('ends on rows that are all alike', () => {
    expect([...kMeans(new Float32Array(12).fill(2), 3, 3, randomStream(1, 0, 0))]).toEqual(Array(9).fill(2));
  });
});

describe('samplePrototypes', () => {
  it('are the prototypes with r = 0 and different exemplars with r = 1', () => {
    const bank = syntheticAnchors(['joy', 'anger'], 4, 1, 6);
    const given = prototypesFor(bank, [1, 0], 3, 1);
    expect(samplePrototypes(bank, [1, 0], given, 0, randomStream(1, 0, 0))).toEqual(given);
    const drawn = samplePrototypes(bank, [1, 0], given, 1, randomStream(1, 0, 0));
    const rows = Array.from({ length: 6 }, (_, i) => drawn.slice(i * 4, i * 4 + 4).join());
    expect(new Set(rows).size).toBe(6);
    const exemplars = Array.from({ length: 6 }, (_, i) => bank.exemplars[1].slice(i * 4, i * 4 + 4).join());
    for (const row of rows.slice(0, 3)) expect(exemplars).toContain(row);
  });
});
