import { describe, expect, test } from 'vitest';
import { countUtterances, makeValidationSplit, sampleCorpus, splitDialogues } from '../../src/corpus/index.js';
import { tinyCorpus } from './tiny.js';

describe('makeValidationSplit', () => {
  const corpus = sampleCorpus(1);

  test('takes about a tenth of the utterances, by dialogue, and loses none', () => {
    const { train, valid } = makeValidationSplit(corpus, 7);
    expect([...train, ...valid].sort()).toEqual([...(corpus.splits.train ?? [])].sort());
    const size = (ids: string[]) =>
      countUtterances(corpus, splitDialogues({ ...corpus, splits: { train: ids } }, 'train'));
    const share = size(valid) / (size(train) + size(valid));
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.12);
  });

  test('depends on the seed alone', () => {
    expect(makeValidationSplit(corpus, 7)).toEqual(makeValidationSplit(corpus, 7));
    expect(makeValidationSplit(corpus, 8)).not.toEqual(makeValidationSplit(corpus, 7));
    expect(makeValidationSplit(corpus, 7).valid).toEqual(['train-17', 'train-24', 'train-33', 'train-34']);
  });

  test('takes one dialogue of two and refuses to take the only one', () => {
    const tiny = tinyCorpus();
    const { train, valid } = makeValidationSplit(tiny, 1);
    expect([train.length, valid.length]).toEqual([1, 1]);
    expect(() => makeValidationSplit({ ...tiny, splits: { train: ['a'] } }, 1)).toThrow(
      /"tiny" has one training dialogue/,
    );
    expect(() => makeValidationSplit({ ...tiny, splits: {} }, 1)).toThrow(/no training dialogues/);
  });
});
