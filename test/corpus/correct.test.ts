import { describe, expect, it } from 'vitest';
import { correctLabels } from '../../src/corpus/correct.js';
import { readCorpus, writeCorpus } from '../../src/corpus/files.js';
import { sampleCorpus } from '../../src/corpus/index.js';
import { temporaryDirectory } from '../cli/vega-merc.js';

const path = temporaryDirectory();

describe('correcting labels', () => {
  const corpus = sampleCorpus(1);
  const [{ id, utterances }] = corpus.dialogues;
  const label = corpus.classes[(utterances[0].label + 1) % corpus.classes.length];

  it('gives an utterance another label and the name of who gave it, also on the disk', () => {
    const corrected = correctLabels(corpus, [{ dialogue: id, index: 0, label }], ' Ada ');
    writeCorpus(path('corpus'), corrected);
    const [dialogue] = readCorpus(path('corpus')).dialogues;
    expect(dialogue.utterances[0]).toMatchObject({ label: corpus.classes.indexOf(label), labelledBy: 'Ada' });
    expect(dialogue.utterances[1]).toEqual(utterances[1]);
    expect(corrected.hash).not.toBe(corpus.hash);
    expect(corrected.origin?.at(-1)).toBe('labels corrected by Ada: 1');
  });

  it('takes a label away', () => {
    const { dialogues } = correctLabels(corpus, [{ dialogue: id, index: 1, label: null }], 'Ada');
    expect(dialogues[0].utterances[1].label).toBe(-1);
  });

  it('refuses what there is not', () => {
    expect(() => correctLabels(corpus, [{ dialogue: id, index: 0, label: 'bliss' }], 'Ada')).toThrow(
      'has no class "bliss"',
    );
    expect(() => correctLabels(corpus, [{ dialogue: id, index: 9999, label }], 'Ada')).toThrow('has no utterance 9999');
    expect(() => correctLabels(corpus, [{ dialogue: id, index: 0, label }], ' ')).toThrow('give your name');
  });
});
