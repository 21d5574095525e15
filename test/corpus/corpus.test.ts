import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import {
  type CorpusParts,
  countLabels,
  countUtterances,
  createCorpus,
  splitDialogues,
} from '../../src/corpus/index.js';
import { tinyCorpus, tinyParts } from './tiny.js';

describe('createCorpus', () => {
  test('counts rows and places dialogues', () => {
    const corpus = tinyCorpus();
    expect(corpus.utterances).toBe(6);
    expect(corpus.dialogues.map(({ offset }) => offset)).toEqual([0, 2, 3]);
  });

  test('hashes what numbers depend on, and nothing else', () => {
    const { hash } = tinyCorpus();
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(createCorpus({ ...tinyParts(), name: 'other', note: 'x' }, 'tiny').hash).toBe(hash);
    const changes: ((parts: CorpusParts) => void)[] = [
      (parts) => {
        parts.dialogues[0].utterances[0].label = 1;
      },
      (parts) => {
        parts.dialogues[0].utterances[0].speaker = 1;
      },
      (parts) => {
        parts.splits = { train: ['a', 'c'], test: ['b'] };
      },
      (parts) => {
        (parts.features.text as { rows: Float32Array }).rows[3] = 0.5;
      },
      (parts) => {
        delete parts.features.audio;
      },
      (parts) => {
        delete parts.features.audio?.presence;
      },
    ];
    const hashes = changes.map((change) => {
      const parts = tinyParts();
      change(parts);
      return createCorpus(parts, 'tiny').hash;
    });
    expect(new Set([hash, ...hashes]).size).toBe(changes.length + 1);
  });

  const refusals: [string, (parts: CorpusParts) => void, RegExp][] = [
    ['a label out of range', (p) => (p.dialogues[2].utterances[1].label = 2), /utterance 1 of dialogue "c".*label 2/],
    ['a label that is no integer', (p) => (p.dialogues[0].utterances[1].label = 0.5), /dialogue "a".*label 0\.5/],
    ['a speaker out of range', (p) => (p.dialogues[1].utterances[0].speaker = 2), /dialogue "b".*speaker 2/],
    ['a dialogue twice', (p) => (p.dialogues[1].id = 'a'), /dialogue "a" occurs twice/],
    ['an empty dialogue', (p) => (p.dialogues[1].utterances = []), /dialogue "b" has no utterance/],
    ['no dialogue', (p) => (p.dialogues = []), /no dialogue/],
    ['one class', (p) => (p.classes = ['joy']), /1 class names; at least 2/],
    ['a class twice', (p) => (p.classes = ['joy', 'joy']), /class name "joy" occurs twice/],
    ['no features', (p) => (p.features = {}), /features of no modality/],
    ['too few rows', (p) => (p.features.audio = { dim: 1, rows: new Float32Array(5) }), /audio has 5 rows.*6 utter/],
    [
      'NaN',
      (p) => (p.features.text = { dim: 2, rows: new Float32Array(12).fill(Number.NaN, 9, 10) }),
      /text feature 1 of utterance 1 of dialogue "c" is NaN/,
    ],
    [
      'infinity',
      (p) => (p.features.text = { dim: 2, rows: new Float32Array(12).fill(1 / 0, 4, 5) }),
      /text feature 0 of utterance 0 of dialogue "b" is Infinity/,
    ],
    [
      'presence of another length',
      (p) => (p.features.audio = { dim: 1, rows: new Float32Array(6), presence: new Uint8Array(5) }),
      /audio_presence has 5 entries/,
    ],
    [
      'presence that is neither 0 nor 1',
      (p) => (p.features.audio = { dim: 1, rows: new Float32Array(6), presence: new Uint8Array(6).fill(2) }),
      /audio_presence of utterance 0 of dialogue "a" is 2/,
    ],
    ['an unknown dialogue in a split', (p) => (p.splits.valid = ['z']), /split "valid" names the dialogue "z"/],
    ['a dialogue in two splits', (p) => (p.splits.valid = ['c']), /"c" is in two splits, "train" and "valid"/],
    ['a dialogue twice in a split', (p) => (p.splits.test = ['b', 'b']), /"test" names the dialogue "b" twice/],
  ];
  test.each(refusals)('refuses %s', (_, change, sentence) => {
    const parts = tinyParts();
    change(parts);
    expect(() => createCorpus(parts, 'here')).toThrow(sentence);
    expect(() => createCorpus(parts, 'here')).toThrow(InputError);
    expect(() => createCorpus(parts, 'here')).toThrow(/^here: .*\.$/);
  });
});

test('splits are looked up in their own order; counts are of what is asked for', () => {
  const corpus = tinyCorpus();
  expect(splitDialogues(corpus, 'train')).toEqual([2, 0]);
  expect(splitDialogues(corpus, 'valid')).toEqual([]);
  expect(countUtterances(corpus, [2, 0])).toBe(5);
  expect(countLabels(corpus, [2, 0])).toEqual([3, 2]);
  expect(countLabels(corpus, [1])).toEqual([0, 0]);
});
