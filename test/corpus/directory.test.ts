import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { readCorpus, writeCorpus } from '../../src/corpus/files.js';
import { sampleCorpus } from '../../src/corpus/index.js';
import { readSafetensors, writeSafetensors } from '../../src/interchange/files.js';
import type { SafetensorsFile } from '../../src/interchange/index.js';
import { tinyCorpus } from './tiny.js';

let home: string;
let directory: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'corpus-'));
  directory = join(home, 'tiny');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** What a test reads from, and writes to, corpus.json. */
type Json = Record<string, unknown> & { hashes?: Record<string, string>; splits: Record<string, string[]> };

function editJson(edit: (json: Json) => void): void {
  const path = join(directory, 'corpus.json');
  const json = JSON.parse(readFileSync(path, 'utf8')) as Json;
  edit(json);
  writeFileSync(path, JSON.stringify(json));
}

function editLines(edit: (lines: string[]) => string[]): void {
  const path = join(directory, 'utterances.jsonl');
  writeFileSync(path, edit(readFileSync(path, 'utf8').split('\n')).join('\n'));
}

function editTensors(edit: (tensors: SafetensorsFile['tensors']) => void): void {
  const path = join(directory, 'features.safetensors');
  const { tensors } = readSafetensors(path);
  edit(tensors);
  writeSafetensors(path, tensors);
}

describe('a corpus directory', () => {
  test('comes back as it was', () => {
    const corpus = tinyCorpus();
    writeCorpus(directory, corpus);
    expect(readCorpus(directory)).toEqual(corpus);
    expect(readdirSync(home)).toEqual(['tiny']);
    expect(readdirSync(directory).sort()).toEqual(['corpus.json', 'features.safetensors', 'utterances.jsonl']);
  });

  test('keeps what belongs to a synthetic corpus', () => {
    const corpus = sampleCorpus(1);
    writeCorpus(directory, corpus);
    expect(readCorpus(directory)).toEqual(corpus);
  });

  test('says that a modality is missing, and names speakers and labels', () => {
    writeCorpus(directory, tinyCorpus());
    const json = JSON.parse(readFileSync(join(directory, 'corpus.json'), 'utf8')) as Json;
    expect(json.formatVersion).toBe(1);
    expect(json.modalities).toEqual({ text: { dim: 2, encoder: 'counting' }, audio: { dim: 1 }, visual: null });
    const [first, second, third] = readFileSync(join(directory, 'utterances.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(first)).toEqual({
      dialogue: 'a',
      index: 0,
      speaker: 'Ann',
      text: 'Hello – “you”\n',
      label: 'neutral',
    });
    expect(JSON.parse(second)).toMatchObject({ media: 'a/1.wav', start: 0, end: 1.5 });
    expect(JSON.parse(third)).toMatchObject({ dialogue: 'b', label: null });
  });

  test('replaces an older corpus, but nothing else', () => {
    writeCorpus(directory, sampleCorpus(1));
    writeFileSync(join(directory, 'mine.txt'), 'x');
    writeCorpus(directory, tinyCorpus());
    expect(readCorpus(directory)).toEqual(tinyCorpus());
    expect(existsSync(join(directory, 'mine.txt'))).toBe(true);
    rmSync(join(directory, 'corpus.json'));
    expect(() => writeCorpus(directory, tinyCorpus())).toThrow(/holds other files and no corpus/);
  });

  test('leaves nothing behind where it cannot be written', () => {
    writeFileSync(join(home, 'file'), '');
    expect(() => writeCorpus(join(home, 'file'), tinyCorpus())).toThrow(InputError);
    expect(() => writeCorpus(join(home, 'file', 'inside'), tinyCorpus())).toThrow(InputError);
    expect(readdirSync(home)).toEqual(['file']);
  });

  const changes: [string, () => void, RegExp][] = [
    [
      'an unknown version',
      () => editJson((json) => (json.formatVersion = 2)),
      /format version 2.*reads version 1 only/,
    ],
    ['a missing version', () => editJson((json) => delete json.formatVersion), /field "formatVersion"/],
    ['broken JSON', () => writeFileSync(join(directory, 'corpus.json'), '{'), /corpus\.json is not JSON/],
    ['a missing field', () => editJson((json) => delete json.classes), /field "classes"/],
    ['an unknown field', () => editJson((json) => (json.colour = 'red')), /colour/],
    [
      'no utterances file',
      () => rmSync(join(directory, 'utterances.jsonl')),
      /utterances\.jsonl: there is no such file/,
    ],
    ['no features file', () => rmSync(join(directory, 'features.safetensors')), /features\.safetensors: there is no/],
    ['no corpus.json', () => rmSync(join(directory, 'corpus.json')), /is not a corpus directory.*vega-merc import/],
    [
      'a missing tensor',
      () => editTensors((tensors) => tensors.delete('audio')),
      /no tensor "audio", but corpus\.json describes one/,
    ],
    [
      'an unknown tensor',
      () => editTensors((tensors) => tensors.set('smell', { shape: [1], dtype: 'uint8', data: new Uint8Array(1) })),
      /tensor "smell", which corpus\.json does not describe/,
    ],
    [
      'a presence without its modality',
      () => {
        editJson((json) => (json.modalities = { text: { dim: 2 }, audio: null, visual: null }));
        editTensors((tensors) => tensors.delete('audio'));
      },
      /tensor "audio_presence"/,
    ],
    [
      'wrong rows',
      () =>
        editTensors((tensors) => tensors.set('audio', { shape: [5, 1], dtype: 'float32', data: new Float32Array(5) })),
      /"audio" is float32 \[5, 1\], but the corpus needs float32 \[6, 1\]/,
    ],
    [
      'a wrong element type',
      () =>
        editTensors((tensors) => tensors.set('audio', { shape: [6, 1], dtype: 'float64', data: new Float64Array(6) })),
      /"audio" is float64/,
    ],
    [
      'a changed feature',
      () => editTensors((tensors) => ((tensors.get('text') as { data: Float32Array }).data[3] = 0)),
      /features\.safetensors: the tensor "text" does not agree with its hash.*Restore it/,
    ],
    [
      'a changed presence',
      () => editTensors((tensors) => ((tensors.get('audio_presence') as { data: Uint8Array }).data[1] = 1)),
      /the tensor "audio" does not agree/,
    ],
    [
      'a changed text',
      () => editLines((lines) => lines.map((line) => line.replace('Hello', 'Bye'))),
      /utterances\.jsonl: the file does not agree with its hash/,
    ],
    [
      'changed splits',
      () => editJson((json) => json.splits.train.reverse()),
      /corpus\.json: what it says of classes, speakers or splits does not agree/,
    ],
    ['an unknown dialogue in a split', () => editJson((json) => (json.splits.valid = ['z'])), /names the dialogue "z"/],
    ['a dialogue in two splits', () => editJson((json) => (json.splits.valid = ['c'])), /"c" is in two splits/],
    [
      'an unknown class',
      () => editLines((lines) => lines.map((line) => line.replace('"joy"', '"jy"'))),
      /utterances\.jsonl, line 2: the label "jy" is not in corpus\.json\. Did you mean "joy"/,
    ],
    [
      'an unknown speaker',
      () => editLines((lines) => lines.map((line) => line.replace('"Bob"', '"Bop"'))),
      /line 2: the speaker "Bop"/,
    ],
    [
      'utterances out of order',
      () => editLines((lines) => [...lines.slice(0, 3), lines[4], lines[3], lines[5]]),
      /line 4: dialogue "c" has the index 1 where 0 should be/,
    ],
    [
      'a line that is no JSON',
      () => editLines((lines) => ['hello', ...lines]),
      /utterances\.jsonl, line 1 is not JSON/,
    ],
    [
      'a missing utterance',
      () => editLines((lines) => lines.slice(0, 5)),
      /\[6, 2\], but the corpus needs float32 \[5, 2\]/,
    ],
  ];
  test.each(changes)('with %s is refused', (_, change, sentence) => {
    writeCorpus(directory, tinyCorpus());
    change();
    expect(() => readCorpus(directory)).toThrow(sentence);
    expect(() => readCorpus(directory)).toThrow(InputError);
  });

  test('accepts a change by hand once its hashes are deleted', () => {
    writeCorpus(directory, tinyCorpus());
    editJson((json) => {
      json.splits.train.reverse();
      delete json.hashes;
    });
    expect(readCorpus(directory).splits.train).toEqual(['a', 'c']);
  });

  test('that does not exist is refused', () => {
    mkdirSync(directory);
    expect(() => readCorpus(join(home, 'nowhere'))).toThrow(/nowhere is not a corpus directory/);
    expect(() => readCorpus(directory)).toThrow(/is not a corpus directory/);
  });
});
