import { describe, expect, test } from 'vitest';
import {
  countUtterances,
  makeSplits,
  makeValidationSplit,
  sampleCorpus,
  splitDialogues,
  splitsOf,
  withFewerDialogues,
} from '../../src/corpus/index.js';
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

describe('makeSplits', () => {
  const corpus = { ...sampleCorpus(1), splits: {} };
  const total = (ids: string[] = []) =>
    countUtterances(corpus, splitDialogues({ ...corpus, splits: { train: ids } }, 'train'));

  test('shares the labelled dialogues out, about 70, 10 and 20 in the hundred', () => {
    const made = makeSplits(corpus, 0);
    const ids = [...(made.train ?? []), ...(made.valid ?? []), ...(made.test ?? [])];
    expect(ids.sort()).toEqual(corpus.dialogues.map(({ id }) => id).sort());
    expect(total(made.test) / corpus.utterances).toBeCloseTo(0.2, 1);
    expect(total(made.valid) / corpus.utterances).toBeCloseTo(0.1, 1);
    expect(makeSplits(corpus, 0)).toEqual(made);
    expect(makeSplits(corpus, 1)).not.toEqual(made);
  });

  test('leaves out dialogues without a label', () => {
    const dialogues = corpus.dialogues.map((dialogue, i) =>
      i > 0 ? dialogue : { ...dialogue, utterances: dialogue.utterances.map((each) => ({ ...each, label: -1 })) },
    );
    expect(Object.values(makeSplits({ ...corpus, dialogues }, 0)).flat()).not.toContain(dialogues[0].id);
  });

  test('shows in training every class that it can', () => {
    // Of eight dialogues two hold the second class; a blind draw may put both of them into the test.
    const utterances = (label: number) => [{ speaker: 0, label }];
    const dialogues = Array.from({ length: 8 }, (_, i) => ({
      id: `${i}`,
      offset: i,
      utterances: utterances(i < 2 ? 1 : 0),
    }));
    for (let seed = 0; seed < 20; seed++) {
      const { train, test: tested } = makeSplits({ name: 'rare', dialogues, splits: {} }, seed);
      expect(train?.some((id) => id < '2')).toBe(true);
      expect(tested?.some((id) => id < '2')).toBe(true);
    }
  });

  test('makes no test of two dialogues, and nothing of one', () => {
    const of = (count: number) => ({ ...corpus, dialogues: corpus.dialogues.slice(0, count) });
    expect(Object.entries(makeSplits(of(2), 0)).map(([split, ids]) => [split, ids.length])).toEqual([
      ['train', 1],
      ['valid', 1],
    ]);
    expect(Object.values(makeSplits(of(3), 0)).map((ids) => ids.length)).toEqual([1, 1, 1]);
    expect(() => makeSplits(of(1), 0)).toThrow(/has no splits, and one dialogue with labels.*a "dialogue" each/);
  });
});

test('splitsOf gives a corpus the splits that a run made', () => {
  const splits = { train: ['a', 'b'], test: ['c'] };
  expect(splitsOf(splits)).toBe(splits);
  expect(splitsOf(splits, { madeValidation: ['a'] })).toEqual({ train: ['b'], valid: ['a'], test: ['c'] });
  expect(splitsOf({}, { madeSplits: splits })).toBe(splits);
});

describe('withFewerDialogues', () => {
  const corpus = sampleCorpus(1);
  const { train = [], ...others } = corpus.splits;
  const kept = (dialogues: number, seed?: number) => withFewerDialogues(corpus, { dialogues, seed });

  test('keeps so many training dialogues in their order, the fewer among the more, and every other split', () => {
    const [five, twenty] = [kept(5), kept(20)];
    expect(five.splits.train).toHaveLength(5);
    expect(train.filter((id) => twenty.splits.train?.includes(id))).toEqual(twenty.splits.train);
    expect(twenty.splits.train).toEqual(expect.arrayContaining(five.splits.train ?? []));
    expect(twenty.splits).toMatchObject(others);
    expect(twenty.dialogues).toEqual(corpus.dialogues);
  });

  test('draws by the seed, says so, and is another corpus', () => {
    expect(kept(5, 2).splits.train).not.toEqual(kept(5).splits.train);
    expect(kept(5, 2).splits.train).toEqual(kept(5, 2).splits.train);
    expect(kept(5).origin?.at(-1)).toBe(`trains on 5 of ${train.length} dialogues, seed 1`);
    expect(kept(5).hash).not.toBe(corpus.hash);
  });

  test('refuses more than there are', () => {
    expect(() => kept(train.length + 1)).toThrow(
      `has ${train.length} training dialogues, of which ${train.length + 1} cannot be kept`,
    );
  });
});
