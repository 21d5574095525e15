import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../../../src/corpus/files.js';
import type { FeatureTable } from '../../../src/corpus/index.js';
import { DEFAULT_CHOICE, type ExtractOptions, extract } from '../../../src/encoders/index.js';
import { record, temporaryFolder, voice } from '../make.js';

// What strangers give through a manifest: the decoder's own tests (test/encoders/media/strangers.test.ts) try the same.

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

interface Line {
  dialogue: string;
  media?: string;
  text?: string;
  speaker?: string;
  label?: string;
}

function run(lines: readonly Line[], out: string, choice: Partial<ExtractOptions['encoders']>) {
  writeFileSync(at(`${out}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const encoders = { ...DEFAULT_CHOICE, text: undefined, audio: undefined, visual: undefined, ...choice };
  return extract({ input: at(`${out}.jsonl`), out: at(out), encoders, jobs: 1, cache: at('cache') });
}

beforeAll(() => {
  record(at('voice.wav'), { sound: voice(1) });
  record(at('private.ts'), { sound: voice(2) });
});

describe('extract, given by strangers', { timeout: 120_000 }, () => {
  it('reads the file of any name, and no other', async () => {
    const names = [
      ...[
        '-i',
        'a "quoted" \'name\'',
        'two\nlines',
        '%d %03d',
        '$(touch oops)',
        '`id`',
        'data:,x',
        'concat:a|b',
        'ü 語',
      ],
      ...['--help', 'pipe:0', 'http:x', '..wav', '__proto__', 'constructor', 'NUL'],
    ];
    for (const name of names) copyFileSync(at('voice.wav'), at(name));
    const lines = [...names, 'voice.wav'].map((media) => ({ dialogue: 'a', media }));
    const { corpus, record } = await run(lines, 'names', { audio: ['functionals'] });
    expect(record.misses).toEqual([]);
    const { rows, dim } = corpus.features.audio as FeatureTable;
    const row = rows.slice(-dim);
    names.forEach((name, i) => {
      expect(rows.slice(i * dim, (i + 1) * dim), name).toEqual(row);
    });
    expect(existsSync('oops')).toBe(false);
  });

  it('reads no file that another one names', async () => {
    const list = '#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2.0,\nprivate.ts\n#EXT-X-ENDLIST\n';
    writeFileSync(at('hls.mp4'), list);
    writeFileSync(at('concat.mp4'), "ffconcat version 1.0\nfile 'private.ts'\n");
    const lines = ['hls.mp4', 'concat.mp4', 'voice.wav'].map((media) => ({ dialogue: 'a', media }));
    const { record } = await run(lines, 'lists', { audio: ['functionals'] });
    expect(record.misses.map(({ index, state, reason }) => [index, state, reason])).toEqual([
      [0, 'failed', expect.stringContaining('is a list of other files')],
      [1, 'failed', expect.stringContaining('is a list of other files')],
    ]);
  });

  it('keeps names that a program might trip over', async () => {
    const names = ['..', '__proto__', 'constructor', '/etc/passwd', '=1+1', '\u001b[2J'];
    const lines = names.map((name) => ({ dialogue: name, speaker: name, label: name, text: `Words of ${name}.` }));
    await run(lines, 'words', { text: 'sentence' });
    const { dialogues, classes, speakers } = readCorpus(at('words'));
    expect(dialogues.map(({ id }) => id)).toEqual(names);
    expect(dialogues.map(({ utterances: [{ speaker, label }] }) => [speakers[speaker], classes[label]])).toEqual(
      names.map((name) => [name, name]),
    );
  });
});
