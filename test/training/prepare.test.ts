import { describe, expect, it } from 'vitest';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { type Corpus, sampleCorpus } from '../../src/corpus/index.js';
import { presetConfig, withOverrides } from '../../src/run/index.js';
import { prepare } from '../../src/training/prepare.js';

const corpus = sampleCorpus(1);
const configure = (...set: string[]) => withOverrides(presetConfig('small'), set);
const withSplits = (splits: Corpus['splits']): Corpus => ({ ...corpus, splits });

describe('prepare', () => {
  it('weights classes by the largest count over each count of the training labels', () => {
    const { data } = prepare(corpus, null, configure('classWeights=balanced'));
    const counts = corpus.classes.map(() => 0);
    for (const index of data.train) for (const { label } of corpus.dialogues[index].utterances) counts[label]++;
    expect([...data.classWeights]).toEqual(counts.map((count) => Math.fround(Math.max(...counts) / count)));
    expect([...prepare(corpus, null, configure('classWeights=none')).data.classWeights]).toEqual(Array(7).fill(1));
    const given = prepare(corpus, null, configure('classWeights=1,2,3,4,5,6,7'));
    expect([...given.data.classWeights]).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(() => prepare(corpus, null, configure('classWeights=1,2'))).toThrow(
      'classWeights gives 2 weights, but corpus "synthetic sample" has 7 classes: neutral, joy',
    );
  });

  it('gives a class that training never shows a finite weight', () => {
    const dialogues = corpus.dialogues.map((d) => ({
      ...d,
      utterances: d.utterances.map((u) => ({ ...u, label: u.label === 6 ? -1 : u.label })),
    }));
    expect(prepare({ ...corpus, dialogues }, null, configure()).data.classWeights[6]).toBe(1);
  });

  it('describes the model that the corpus needs', () => {
    expect(prepare(corpus, null, configure()).shape).toEqual({
      classes: 7,
      speakers: 4,
      dims: { text: 32, audio: 24, visual: 20 },
      partial: ['audio', 'visual'],
    });
    expect(prepare(corpus, syntheticAnchors(corpus.classes, 5, 1), configure()).shape.anchorDim).toBe(5);
  });

  it('puts the anchors into the order of the corpus, through the alias table', () => {
    const names = ['disgusted', 'afraid', 'surprised', 'angry', 'sad', 'happy', 'neutral', 'contempt'];
    const { data, alignment } = prepare(corpus, syntheticAnchors(names, 5, 1), configure());
    expect(data.anchors?.classes).toEqual(corpus.classes);
    expect(alignment?.matched[1]).toEqual({ wanted: 'joy', anchor: 'happy' });
    expect(alignment?.unused).toEqual(['contempt']);
    expect(() => prepare(corpus, syntheticAnchors(names.slice(1), 5, 1), configure())).toThrow(
      /no class for disgust.*Classes of the corpus.*classes of the anchors/,
    );
  });

  it('moves the anchors to the space that was asked for, and tells it', () => {
    const bank = syntheticAnchors(corpus.classes, 5, 1);
    expect(prepare(corpus, bank, configure()).space).toBeUndefined();
    const { data, space } = prepare(corpus, bank, configure('anchorSpace=centred'));
    const mean = Array.from({ length: 5 }, (_, d) => (data.targets as Float32Array).filter((_, i) => i % 5 === d));
    for (const axis of mean) expect(Math.abs(axis.reduce((a, b) => a + b) / 7)).toBeLessThan(0.15);
    expect(space?.mean.length).toBe(5);
    expect(data.anchors?.hash).not.toBe(bank.hash);
    expect(() => configure('anchorSpace=center')).toThrow('raw');
  });

  it('makes a validation split from train where there is none, the same for every seed', () => {
    const { train, test } = corpus.splits;
    const made = prepare(withSplits({ train, test }), null, configure());
    expect(made.madeValidation?.length).toBeGreaterThan(0);
    expect(made.madeValidation?.every((id) => train?.includes(id))).toBe(true);
    const ids = (indices: number[]) => indices.map((i) => corpus.dialogues[i].id);
    expect(ids(made.data.selection)).toEqual(made.madeValidation);
    expect([...ids(made.data.train), ...ids(made.data.selection)].sort()).toEqual([...(train ?? [])].sort());
    expect(prepare(withSplits({ train, test }), null, configure('seed=9')).madeValidation).toEqual(made.madeValidation);
    expect(prepare(corpus, null, configure()).madeValidation).toBeUndefined();
  });

  it('makes all splits of a corpus that has none, the same for every seed and way of selecting', () => {
    const made = prepare(withSplits({}), null, configure());
    const { madeSplits, madeValidation, data } = made;
    const ids = (indices: number[]) => indices.map((i) => corpus.dialogues[i].id);
    expect(madeValidation).toBeUndefined();
    expect([ids(data.train), ids(data.selection)]).toEqual([madeSplits?.train, madeSplits?.valid]);
    expect(data.splits).toEqual(madeSplits);
    expect(data.corpus.splits, 'the corpus is what its hash says').toEqual({});
    const other = prepare(withSplits({}), null, configure('seed=9', 'select=test'));
    expect(other.madeSplits).toEqual(madeSplits);
    expect(ids(other.data.selection)).toEqual(madeSplits?.test);
  });

  it('selects on test only when told, and then needs no validation split', () => {
    const { train, test } = corpus.splits;
    const { data, madeValidation } = prepare(withSplits({ train, test }), null, configure('select=test'));
    expect(data.selection.map((i) => corpus.dialogues[i].id)).toEqual(test);
    expect(data.train).toHaveLength(train?.length ?? 0);
    expect(madeValidation).toBeUndefined();
  });

  it('refuses splits without labels', () => {
    expect(() => prepare(withSplits({ test: corpus.splits.test }), null, configure('select=test'))).toThrow(
      'Corpus "synthetic sample" has no labelled dialogue in its training split; there is nothing to train on.',
    );
    expect(() => prepare(withSplits({ train: corpus.splits.train }), null, configure('select=test'))).toThrow(
      'Corpus "synthetic sample" has no labelled dialogue in its test split, which selects the epoch.',
    );
  });
});
