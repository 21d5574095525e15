import { describe, expect, it } from 'vitest';
import { alignAnchors, buildBank, centresFor, syntheticAnchors } from '../../src/anchors/index.js';

const bank = buildBank(
  [
    { name: 'sad', embeddings: Float32Array.of(3, 4, 0, 5) },
    { name: 'joy', embeddings: Float32Array.of(0, -2) },
    { name: 'fear', embeddings: Float32Array.of(-1, 0) },
  ],
  2,
  'test',
);

describe('buildBank', () => {
  it('normalises exemplars and leaves the centre as their mean', () => {
    expect([...bank.exemplars[0]].map((x) => Number(x.toFixed(6)))).toEqual([0.6, 0.8, 0, 1]);
    expect([...bank.centres].map((x) => Number(x.toFixed(6)))).toEqual([0.3, 0.9, 0, -1, -1, 0]);
  });

  it('refuses a zero embedding, an empty class and a name used twice', () => {
    const fine = { name: 'joy', embeddings: Float32Array.of(1, 0) };
    const build = (embeddings: Float32Array, name = 'sad') => buildBank([fine, { name, embeddings }], 2);
    expect(() => build(Float32Array.of(0, 0))).toThrow('exemplar 0 of "sad" is zero');
    expect(() => build(Float32Array.of(Number.NaN, 0))).toThrow('not a finite number');
    expect(() => build(new Float32Array(0))).toThrow('"sad" has 0 numbers');
    expect(() => build(Float32Array.of(1, 0), 'joy')).toThrow('"joy" of the anchors is named twice');
    expect(() => buildBank([fine], 2)).toThrow('at least two classes, but there is only "joy"');
  });
});

describe('alignAnchors', () => {
  it('puts classes into the order of the corpus, through aliases, and keeps the hash', () => {
    const { bank: aligned, matched, unused } = alignAnchors(bank, ['fearful', 'happiness', 'sadness'], 2);
    expect(aligned.classes).toEqual(['fearful', 'happiness', 'sadness']);
    expect([...aligned.centres]).toEqual([...centresFor(bank, [2, 1, 0])]);
    expect(aligned.exemplars[2]).toEqual(bank.exemplars[0]);
    expect(matched.map(({ anchor }) => anchor)).toEqual(['fear', 'joy', 'sad']);
    expect(unused).toEqual([]);
    expect(aligned.hash).toBe(bank.hash);
  });

  it('leaves out what the corpus has no use for, and then has another hash', () => {
    const { bank: aligned, unused } = alignAnchors(bank, ['joy', 'sad']);
    expect(unused).toEqual(['fear']);
    expect(aligned.centres.length).toBe(4);
    expect(aligned.hash).not.toBe(bank.hash);
  });

  it('refuses a missing class and another dimension, naming both sides', () => {
    expect(() => alignAnchors(bank, ['joy', 'sad', 'anger'])).toThrow(
      /no class for anger\. Classes of the corpus: joy, sad, anger; classes of the anchors: sad, joy, fear/,
    );
    expect(() => alignAnchors(bank, ['joy', 'sad'], 512)).toThrow(
      /dimension 2 \(encoder test\), but the model was built for anchors of dimension 512/,
    );
  });
});

describe('bankHash', () => {
  it('changes with any number and any name', () => {
    const build = (value: number, name: string) =>
      buildBank(
        [
          { name, embeddings: Float32Array.of(1, value) },
          { name: 'b', embeddings: Float32Array.of(1, 1) },
        ],
        2,
      ).hash;
    expect(build(1, 'a')).toBe(build(1, 'a'));
    expect(build(1, 'a')).not.toBe(build(1.0001, 'a'));
    expect(build(1, 'a')).not.toBe(build(1, 'c'));
  });
});

describe('syntheticAnchors', () => {
  it('says what it is and depends on nothing but its seed', () => {
    const made = syntheticAnchors(['joy', 'anger'], 16, 7);
    expect(made.encoder).toBe('synthetic');
    expect(made.hash).toBe(syntheticAnchors(['joy', 'anger'], 16, 7).hash);
    expect(made.hash).not.toBe(syntheticAnchors(['joy', 'anger'], 16, 8).hash);
  });
});
