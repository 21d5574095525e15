import { describe, expect, test } from 'vitest';
import { RANDOM_SITES, randomStream } from '../../src/base/random.js';
import { epochBatches, packBatch, sampleCorpus, standardisations } from '../../src/corpus/index.js';
import { tinyCorpus } from './tiny.js';

describe('packBatch', () => {
  const corpus = tinyCorpus();

  test('packs the utterances of the dialogues in the order given, without padding', () => {
    expect(packBatch(corpus, [2, 0])).toEqual({
      lengths: [3, 2],
      speakers: Int32Array.from([0, 1, 0, 0, 1]),
      labels: Int32Array.from([1, 0, 0, 0, 1]),
      features: {
        text: Float32Array.from([4, 40, 5, 50, 6, 60, 1, 10, 2, 20]),
        audio: Float32Array.from([5, 0, 7, 1, 0]),
      },
      presence: { audio: Uint8Array.from([1, 0, 1, 1, 0]) },
    });
  });

  test('has no presence where every utterance has everything', () => {
    const { audio: _, ...features } = corpus.features;
    expect(packBatch({ ...corpus, features }, [0])).not.toHaveProperty('presence');
  });

  test('standardises what is present and keeps the rest zero', () => {
    const standardise = { audio: { mean: Float32Array.of(1), deviation: Float32Array.of(2) } };
    const { features } = packBatch(corpus, [2, 0], { standardise });
    expect(features.audio).toEqual(Float32Array.from([2, 0, 3, 0, 0]));
    expect(features.text?.[0]).toBe(4);
  });

  test('standardised training features have mean 0 and deviation 1', () => {
    const sample = sampleCorpus(3);
    const all = sample.dialogues.map((_, i) => i);
    const batch = packBatch(sample, all, { standardise: standardisations(sample, all) });
    const present = batch.presence?.visual as Uint8Array;
    const column = [...present.keys()]
      .filter((row) => present[row] === 1)
      .map((row) => (batch.features.visual as Float32Array)[row * 20 + 7]);
    const mean = column.reduce((a, b) => a + b) / column.length;
    const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (column.length - 1);
    expect(mean).toBeCloseTo(0, 6);
    expect(variance).toBeCloseTo(1, 5);
  });
});

describe('epochBatches', () => {
  test('cuts in order without a stream', () => {
    expect(epochBatches([5, 3, 1, 4, 2], 2, null)).toEqual([[5, 3], [1, 4], [2]]);
    expect(epochBatches([], 2, null)).toEqual([]);
  });

  test('shuffles with one, and leaves its argument alone', () => {
    const order = Array.from({ length: 20 }, (_, i) => i);
    const batches = epochBatches(order, 9, randomStream(1, 2, RANDOM_SITES.shuffle));
    expect(batches.map((batch) => batch.length)).toEqual([9, 9, 2]);
    expect(batches.flat()).not.toEqual(order);
    expect(batches.flat().sort((a, b) => a - b)).toEqual(order);
    expect(order[0]).toBe(0);
    expect(epochBatches(order, 9, randomStream(1, 2, RANDOM_SITES.shuffle))).toEqual(batches);
  });
});
