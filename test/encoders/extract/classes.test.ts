import { describe, expect, it } from 'vitest';
import { classesOf } from '../../../src/encoders/extract/classes.js';

const of = (...labels: (string | undefined)[]) =>
  classesOf({ name: 'x', splits: {}, origin: [], utterances: labels.map((label) => ({ dialogue: 'd', label })) });

describe('the classes of labels', () => {
  it('are those that occur, in the order of MELD where they are among its classes', () => {
    expect(of('joy', 'anger', undefined, 'neutral')).toEqual(['neutral', 'joy', 'anger']);
    expect(of('sad', 'mad', 'mad')).toEqual(['mad', 'sad']);
    expect(of(undefined)).toHaveLength(7);
    expect(() => of('bored')).toThrow('All labels are "bored"');
  });

  it.each([
    [['joy', 'joy', 'joy', 'joyy'], 'joyy', 'joy'],
    [['surprise', 'surprise', 'surprise', 'suprise'], 'suprise', 'surprise'],
    [['bored', 'bored', 'bored', 'borred', 'calm'], 'borred', 'bored'],
    [['joy', 'joy', 'Joy', 'anger'], 'Joy', 'joy'],
    [['joy', 'joy', 'joy ', 'anger'], 'joy ', 'joy'],
  ])('%j are not taken without a question', (labels, wrong, meant) => {
    expect(() => of(...labels)).toThrow(`The label "${wrong}" occurs once`);
    expect(() => of(...labels)).toThrow(`Did you mean "${meant}"?`);
  });

  it.each([
    // A name that emotions have is no slip, however rare and near.
    [['mad', 'mad', 'mad', 'sad']],
    // Neither is one that is as common as its neighbour, or not near.
    [['bored', 'bored', 'borred', 'borred', 'borred']],
    [['bored', 'bored', 'bored', 'tense']],
  ])('%j are', (labels) => {
    expect(of(...labels)).toEqual([...new Set(labels)].sort());
  });
});
