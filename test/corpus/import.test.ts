import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { type ImportFileOptions, importPickle } from '../../src/corpus/files.js';
import { countLabels, countUtterances, splitDialogues } from '../../src/corpus/index.js';
import { type Plain, pickleTuple } from './pickles.js';

const shared = '../shared/data';
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'import-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

type Tuple = Map<string | number, Plain>[] | Plain[];

/** Two dialogues, "a" with two utterances and 7 with one; the 7-tuple. */
function seven(): Plain[] {
  return [
    new Map<string | number, Plain>([
      ['a', ['M', 'F']],
      [7, ['F']],
    ]),
    new Map<string | number, Plain>([
      ['a', [0, 1]],
      [7, [1]],
    ]),
    new Map<string | number, Plain>([
      [
        'a',
        [
          [1, 2.5],
          [3, 4],
        ],
      ],
      [7, [[5, 6]]],
    ]),
    new Map<string | number, Plain>([
      [
        'a',
        [
          [0, 0, 0],
          [1, 1, 1],
        ],
      ],
      [7, [[2, 2, 2]]],
    ]),
    new Map<string | number, Plain>([
      ['a', [[0], [0]]],
      [7, [[0]]],
    ]),
    ['a'],
    [7],
  ];
}

/** The same dialogues as SDT's 12-tuple: layers 1, 2, 3 and 6 times the features of `seven`. */
function twelve(): Plain[] {
  const [speakers, labels, text, audio, visual, train, testIds] = seven();
  const times = (factor: number): Plain =>
    new Map(
      [...(text as Map<string, number[][]>)].map(([id, rows]) => [id, rows.map((row) => row.map((x) => x * factor))]),
    );
  const ids = new Map<string | number, Plain>([
    ['a', ['a_0', 'a_1']],
    [7, ['7_0']],
  ]);
  const sentences = new Map<string | number, Plain>([
    ['a', ['Hello.', 'Hi!']],
    [7, ['Well…']],
  ]);
  return [ids, speakers, labels, times(1), times(2), times(3), times(6), audio, visual, sentences, train, testIds];
}

function imported(tuple: Plain[], options: ImportFileOptions = {}) {
  const path = join(home, 'features.pkl');
  writeFileSync(path, pickleTuple(tuple));
  return importPickle(path, { classes: ['neutral', 'joy'], ...options });
}

function file(name: string, content: string): string {
  const path = join(home, name);
  writeFileSync(path, content);
  return path;
}

describe('the released 7-tuple', () => {
  test('becomes a corpus', () => {
    const corpus = imported(seven());
    expect(corpus).toMatchObject({
      name: 'features',
      classes: ['neutral', 'joy'],
      speakers: ['M', 'F'],
      utterances: 3,
      dialogues: [
        {
          id: 'a',
          offset: 0,
          utterances: [
            { speaker: 0, label: 0 },
            { speaker: 1, label: 1 },
          ],
        },
        { id: '7', offset: 2, utterances: [{ speaker: 1, label: 1 }] },
      ],
      splits: { train: ['a'], test: ['7'] },
    });
    expect(corpus.features.text).toEqual({ dim: 2, rows: Float32Array.from([1, 2.5, 3, 4, 5, 6]) });
  });

  test('says that a modality is missing, and where an utterance lacks one', () => {
    const { features, origin } = imported(seven());
    expect(features.audio).toEqual({
      dim: 3,
      rows: Float32Array.from([0, 0, 0, 1, 1, 1, 2, 2, 2]),
      presence: Uint8Array.from([0, 1, 1]),
    });
    expect(features.visual).toBeUndefined();
    expect(origin).toEqual([
      'imported from features.pkl, the released 7-tuple',
      'audio: all zero in 1 of 3 utterances, recorded as lacking it',
      'visual: all 1 columns are zero throughout, so it is recorded as missing',
      'splits: the ids in the file',
    ]);
  });

  test('takes splits, class and speaker names from a splits file, texts from another', () => {
    const splits = file('splits.json', '{"classes":["x","y"],"speakers":["M","F"],"train":[7],"valid":["a"],"more":1}');
    const texts = file('texts.jsonl', '{"dialogue":"a","index":1,"text":"Hi","speaker":"F"}\n');
    const corpus = imported(seven(), { splits, texts, classes: undefined, name: 'mine', note: 'made up' });
    expect(corpus).toMatchObject({
      name: 'mine',
      note: 'made up',
      classes: ['x', 'y'],
      splits: { train: ['7'], valid: ['a'] },
    });
    expect(corpus.dialogues[0].utterances.map(({ text }) => text)).toEqual([undefined, 'Hi']);
    expect(corpus.origin?.at(-1)).toBe('splits: splits.json');
  });

  test('leaves out features of dialogues without labels, and says so', () => {
    const tuple = seven();
    (tuple[2] as Map<string, Plain>).set('60', [[9, 9]]);
    const corpus = imported(tuple);
    expect(corpus.utterances).toBe(3);
    expect(corpus.origin).toContain('text: dialogues without labels left out (1): 60');
  });

  test('reads speakers as numbers, names and one-hot rows', () => {
    const speakers = (a: Plain, b: Plain, splits?: string) => {
      const tuple = seven();
      tuple[0] = new Map<string | number, Plain>([
        ['a', a],
        [7, b],
      ]);
      const corpus = imported(tuple, { splits });
      return [corpus.speakers, corpus.dialogues.flatMap((d) => d.utterances.map(({ speaker }) => speaker))];
    };
    expect(speakers([0, 2], [1])).toEqual([
      ['speaker 0', 'speaker 1', 'speaker 2'],
      [0, 2, 1],
    ]);
    expect(speakers(['Zoe', 'Al'], ['Zoe'])).toEqual([
      ['Zoe', 'Al'],
      [0, 1, 0],
    ]);
    expect(speakers(['F', 'F'], ['F'])).toEqual([
      ['M', 'F'],
      [1, 1, 1],
    ]);
    expect(
      speakers(
        [
          [0, 1, 0],
          [1, 0, 0],
        ],
        [[0, 1, 0]],
      ),
    ).toEqual([
      ['speaker 0', 'speaker 1', 'speaker 2'],
      [1, 0, 1],
    ]);
    const named = file('named.json', '{"speakers":["Al","Bo","Zoe"],"train":["a"]}');
    expect(speakers(['Zoe', 'Al'], ['Zoe'], named)).toEqual([
      ['Al', 'Bo', 'Zoe'],
      [2, 0, 2],
    ]);
    expect(
      speakers(
        [
          [0, 1, 0],
          [1, 0, 0],
        ],
        [[0, 1, 0]],
        named,
      ),
    ).toEqual([
      ['Al', 'Bo', 'Zoe'],
      [1, 0, 1],
    ]);
  });
});

describe("SDT's tuples", () => {
  test.each([
    [12, twelve()],
    [13, [...twelve(), new Map([['a', [2, 2]]]) as Plain]],
  ])('of %i items give the first text layer, and the sentences', (count, tuple) => {
    const corpus = imported(tuple);
    expect(corpus.features.text?.rows).toEqual(Float32Array.from([1, 2.5, 3, 4, 5, 6]));
    expect(corpus.dialogues[0].utterances[1]).toEqual({ speaker: 1, label: 1, text: 'Hi!' });
    expect(corpus.origin?.slice(0, 2)).toEqual([
      `imported from features.pkl, SDT's ${count}-tuple`,
      'text: the first of 4 layers in the file',
    ]);
  });

  test('give the mean of the layers where asked', () => {
    const corpus = imported(twelve(), { textLayers: 'mean' });
    expect(corpus.features.text?.rows).toEqual(Float32Array.from([3, 7.5, 9, 12, 15, 18]));
    expect(corpus.origin).toContain('text: the mean of 4 layers in the file');
  });
});

describe('refuses', () => {
  const put = (tuple: Tuple, item: number, id: string | number, value: Plain) =>
    (tuple[item] as Map<string | number, Plain>).set(id, value);
  const cases: [string, (tuple: Plain[]) => unknown, RegExp][] = [
    ['a label out of range', (t) => put(t, 1, 'a', [0, 2]), /utterance 1 of dialogue "a" has the label 2/],
    ['a label that is no number', (t) => put(t, 1, 'a', [0, 'joy']), /the text "joy" as the label of utterance 1.*"a"/],
    ['a fractional label', (t) => put(t, 1, 7, [0.5]), /label of utterance 0 of dialogue "7"/],
    [
      'fewer rows than labels',
      (t) => put(t, 3, 'a', [[1, 1, 1]]),
      /1 rows in the audio features of dialogue "a".*2 lab/,
    ],
    ['more speakers than labels', (t) => put(t, 0, 7, ['M', 'F']), /2 speakers in dialogue "7", but 1 labels/],
    [
      'rows of another dimension',
      (t) => put(t, 2, 7, [[5, 6, 7]]),
      /rows of 3 numbers in the text.*"7", but of 2.*"a"/,
    ],
    ['ragged rows', (t) => put(t, 2, 'a', [[1, 2], [3]]), /1 numbers in row 1 of the text features of dialogue "a"/],
    ['rows that are no numbers', (t) => put(t, 2, 7, [['x', 'y']]), /list of 2 items as row 0 of the text.*"7"/],
    ['features that are no rows', (t) => put(t, 2, 7, 'x'), /the text "x" as the text features of dialogue "7"/],
    ['NaN', (t) => put(t, 2, 7, [[Number.NaN, 0]]), /text feature 0 of utterance 0 of dialogue "7" is NaN/],
    ['a number beyond float32', (t) => put(t, 2, 7, [[1e39, 0]]), /dialogue "7" is Infinity/],
    [
      'a dialogue without speakers',
      (t) => (t[0] as Map<unknown, unknown>).delete(7),
      /lacks the speakers of dialogue "7"/,
    ],
    ['a dialogue without features', (t) => (t[4] as Map<unknown, unknown>).delete('a'), /lacks the visual.*"a"/],
    ['an unknown id in a split', (t) => (t[6] = ['zz']), /split "test" names the dialogue "zz"/],
    ['a dialogue in two splits', (t) => (t[6] = ['a']), /"a" is in two splits/],
    [
      'speakers of two kinds',
      (t) => put(t, 0, 7, [3]),
      /utterance 0 of dialogue "7" as numbers, but those before it as n/,
    ],
    [
      'a one-hot row with two ones',
      (t) =>
        (t[0] = new Map<string, Plain>([
          [
            'a',
            [
              [1, 1],
              [1, 0],
            ],
          ],
          ['7', [[1, 0]]],
        ])),
      /\[1, 1\].*not one-hot/,
    ],
    [
      'one-hot rows of two widths',
      (t) =>
        (t[0] = new Map<string, Plain>([
          [
            'a',
            [
              [0, 1],
              [1, 0],
            ],
          ],
          ['7', [[1, 0, 0]]],
        ])),
      /3 numbers.*but 2 in/,
    ],
    [
      'a negative speaker',
      (t) =>
        (t[0] = new Map<string, Plain>([
          ['a', [0, -1]],
          ['7', [0]],
        ])),
      /speaker -1 in utterance 1 of dialogue "a"/,
    ],
    ['an item of the wrong kind', (t) => (t[2] = [1, 2]), /a list of 2 items as item 2, where the text should be/],
    ['ids that are no list', (t) => (t[5] = 3), /the number 3 as item 5, where the train ids should be/],
    ['an id of the wrong kind', (t) => (t[5] = [null]), /None where a dialogue id should be/],
    ['another tuple', (t) => t.pop(), /a tuple of 6 items, but a feature file is the released 7-tuple/],
  ];
  test.each(cases)('%s', (_, change, sentence) => {
    const tuple = seven();
    change(tuple);
    expect(() => imported(tuple)).toThrow(sentence);
    expect(() => imported(tuple)).toThrow(InputError);
  });

  test('something that is no tuple', () => {
    const path = join(home, 'dict.pkl');
    writeFileSync(path, Buffer.from('\x80\x02}.', 'latin1'));
    expect(() => importPickle(path)).toThrow(/dict\.pkl holds a dictionary of 0 entries, but a feature file is/);
  });

  test('classes without names, by asking for them', () => {
    expect(() => imported(seven(), { classes: undefined })).toThrow(/classes 0 to 1 and does not name them.*--classes/);
  });

  test('text layers of different width', () => {
    const tuple = twelve();
    tuple[5] = tuple[7];
    expect(() => imported(tuple, { textLayers: 'mean' })).toThrow(/text layers of 2 and 3 numbers/);
  });

  test('sentences that are not as many as the labels', () => {
    const tuple = twelve();
    put(tuple, 9, 'a', ['Hello.']);
    expect(() => imported(tuple)).toThrow(/1 sentences in dialogue "a", but 2 labels/);
  });

  test('splits and texts that do not fit', () => {
    const broken = file('broken.json', '{"train":[{}]}');
    expect(() => imported(seven(), { splits: broken })).toThrow(/broken\.json: the field "train\.0"/);
    const few = file('few.json', '{"train":["a"],"speakers":["Al"]}');
    expect(() => imported(seven(), { splits: few })).toThrow(/speaker "F" in utterance 1|speaker "M" in utterance 0/);
    const tuple = seven();
    tuple[0] = new Map<string, Plain>([
      [
        'a',
        [
          [0, 1],
          [1, 0],
        ],
      ],
      ['7', [[1, 0]]],
    ]);
    expect(() => imported(tuple, { splits: few })).toThrow(/rows of 2 numbers, but only 1 speakers/);
    const texts = file('long.jsonl', '{"dialogue":"a","index":2,"text":"x"}');
    expect(() => imported(seven(), { texts })).toThrow(/long\.jsonl, line 1: the feature file has no utterance 2/);
    expect(() => imported(seven(), { splits: join(home, 'no.json') })).toThrow(/no\.json: there is no such file/);
  });
});

describe('real files', () => {
  const real = (folder: string, name: string, options: ImportFileOptions = {}) =>
    importPickle(`${shared}/${folder}/${name}.pkl`, { splits: `${shared}/${folder}/splits.json`, ...options });
  const sizes = (corpus: ReturnType<typeof real>) =>
    (['train', 'valid', 'test'] as const).map((split) => countUtterances(corpus, splitDialogues(corpus, split)));

  test('MELD', () => {
    const corpus = real('meld', 'meld_text_use512', { texts: `${shared}/meld/utterances.jsonl` });
    expect(corpus.dialogues).toHaveLength(1432);
    expect(corpus.utterances).toBe(13708);
    expect(sizes(corpus)).toEqual([9989, 1109, 2610]);
    expect(Object.keys(corpus.features)).toEqual(['text']);
    expect(corpus.features.text?.dim).toBe(512);
    expect(corpus.speakers).toEqual([
      'Joey',
      'Ross',
      'Rachel',
      'Phoebe',
      'Monica',
      'Chandler',
      'Janice',
      'Carol',
      'other',
    ]);
    expect(corpus.dialogues[0].utterances[0]).toMatchObject({ speaker: 5, label: 0 });
    expect(corpus.dialogues[0].utterances[0].text).toMatch(/^also I was the point person/);
    expect(corpus.features.text?.rows[0]).toBeCloseTo(2.77286563e-2, 9);
    expect(countLabels(corpus, splitDialogues(corpus, 'test'))).toEqual([1256, 281, 50, 208, 402, 68, 345]);
    expect(corpus.origin).toContain('audio: all 8 columns are zero throughout, so it is recorded as missing');
    expect(corpus.origin).toContain('visual: all 8 columns are zero throughout, so it is recorded as missing');
  });

  test('IEMOCAP', () => {
    const corpus = real('iemocap', 'iemocap_text_use512');
    const [train, valid, testSize] = sizes(corpus);
    expect([train + valid, testSize]).toEqual([5810, 1623]);
    expect(corpus.speakers).toEqual(['M', 'F']);
    expect(Object.keys(corpus.features)).toEqual(['text']);
    expect(corpus.dialogues[0].id).toBe('Ses03F_impro06');
    expect(corpus.dialogues[0].utterances[0]).toEqual({ speaker: 0, label: 2 });
    expect(corpus.features.text?.rows[0]).toBeCloseTo(-0.05109298, 7);
    const own = importPickle(`${shared}/iemocap/iemocap_text_use512.pkl`, { classes: corpus.classes });
    expect([own.splits.train?.length, own.splits.valid, own.splits.test?.length]).toEqual([120, undefined, 31]);
  });

  test('RAVDESS', () => {
    const corpus = real('ravdess', 'ravdess_av');
    expect([corpus.dialogues.length, corpus.utterances]).toEqual([192, 1440]);
    expect([corpus.features.text?.dim, corpus.features.audio?.dim, corpus.features.visual?.dim]).toEqual([
      512, 259, 35,
    ]);
    expect(corpus.features.audio?.rows[0]).toBeCloseTo(1.7521344, 6);
    expect(corpus.dialogues[0].utterances[0]).toEqual({ speaker: 0, label: 5 });
  });
});
