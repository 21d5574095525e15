import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCorpus, writeCorpus } from '../../src/corpus/files.js';
import { createCorpus, mergeCorpora } from '../../src/corpus/index.js';
import { tinyCorpus, tinyParts } from './tiny.js';

/** Two dialogues of voices alone, with a class by another name and one of its own. */
function voices() {
  return createCorpus(
    {
      name: 'voices',
      classes: ['happy', 'fear'],
      speakers: ['Bob', 'Cy'],
      dialogues: [
        { id: 'a', utterances: [{ speaker: 0, label: 0, media: 'x.wav', start: 1, end: 2 }] },
        { id: 'z', utterances: [{ speaker: 1, label: 1 }] },
      ],
      features: { audio: { dim: 1, rows: Float32Array.from([8, 9]) } },
      splits: { train: ['z'], test: ['a'] },
      note: 'acted',
      synthetic: true,
    },
    'voices',
  );
}

describe('mergeCorpora', () => {
  const merged = mergeCorpora([tinyCorpus(), voices()], 'both');

  test('meets classes by meaning, and keeps what only one has', () => {
    expect(merged.classes).toEqual(['neutral', 'joy', 'fear']);
    const labels = merged.dialogues.map(({ utterances }) => utterances.map(({ label }) => merged.classes[label]));
    expect(labels).toEqual([['neutral', 'joy'], [undefined], ['joy', 'neutral', 'neutral'], ['joy'], ['fear']]);
  });

  test('keeps splits, dialogues and people apart', () => {
    expect(merged.dialogues.map(({ id }) => id)).toEqual(['tiny/a', 'tiny/b', 'tiny/c', 'voices/a', 'voices/z']);
    expect(merged.splits).toEqual({ train: ['tiny/c', 'tiny/a', 'voices/z'], test: ['tiny/b', 'voices/a'] });
    expect(merged.speakers).toEqual(['Ann', 'tiny: Bob', 'voices: Bob', 'Cy']);
    expect(merged.dialogues[3].utterances[0].speaker).toBe(2);
  });

  test('a modality of one corpus is missing in the other', () => {
    expect([...(merged.features.text?.presence ?? [])]).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
    expect([...(merged.features.text?.rows.slice(10) ?? [])]).toEqual([6, 60, 0, 0, 0, 0]);
    expect([...(merged.features.audio?.presence ?? [])]).toEqual([1, 0, 1, 1, 0, 1, 1, 1]);
    expect([...(merged.features.audio?.rows ?? [])]).toEqual([1, 0, 3, 5, 0, 7, 8, 9]);
    expect(merged.features.visual).toBeUndefined();
  });

  test('says where everything came from, also after writing and reading', () => {
    const directory = join(mkdtempSync(join(tmpdir(), 'vega-merge-')), 'both');
    writeCorpus(directory, merged);
    const read = readCorpus(directory);
    expect(read.dialogues[0].utterances.map(({ from }) => from)).toEqual([
      { text: 'tiny/a/0', audio: 'tiny/a/0' },
      { text: 'tiny/a/1' },
    ]);
    expect(read.dialogues[3].utterances[0]).toMatchObject({ from: { audio: 'voices/a/0' }, start: 1, end: 2 });
    expect(read.note).toBe('voices: acted');
    expect(read.synthetic).toBe(true);
    expect(read.composed).toBeUndefined();
    expect(read.origin?.[0]).toContain('"tiny" (3 dialogues');
  });

  test('refuses two corpora of one name, and features of different encoders', () => {
    expect(() => mergeCorpora([tinyCorpus(), tinyCorpus()], 'x')).toThrow('called "tiny"');
    expect(() => mergeCorpora([tinyCorpus()], 'x')).toThrow('at least two');
    const parts = tinyParts();
    parts.features.text = { ...(parts.features.text as NonNullable<typeof parts.features.text>), encoder: 'other' };
    const other = createCorpus({ ...parts, name: 'other' }, 'other');
    expect(() => mergeCorpora([tinyCorpus(), other], 'x')).toThrow(
      'The text features were not made alike: "tiny" has 2 numbers by counting, "other" has 2 numbers by other.',
    );
  });
});
