import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCorpus } from '../../src/corpus/files.js';
import { pickleTuple } from '../corpus/pickles.js';
import { temporaryDirectory, vegaMerc } from './vega-merc.js';

const inside = temporaryDirectory();
const data = '../shared/data';

describe('vega-merc import', () => {
  test.each([
    ['meld', 'meld_text_use512', 1432, 13708, ['audio', 'visual']],
    ['iemocap', 'iemocap_text_use512', 151, 7433, ['audio', 'visual']],
    ['ravdess', 'ravdess_av', 192, 1440, []],
  ])('makes a corpus of %s', (folder, name, dialogues, utterances, missing) => {
    const out = inside(folder);
    const args = ['import', `${data}/${folder}/${name}.pkl`, '--splits', `${data}/${folder}/splits.json`, '--out', out];
    const { status, stdout, stderr } = vegaMerc([...args, '--json']);
    expect([status, stderr]).toEqual([0, '']);
    const printed = JSON.parse(stdout) as Record<string, unknown>;
    expect(printed).toMatchObject({ path: out, kind: 'a corpus', name, dialogues, utterances });
    const modalities = printed.modalities as Record<string, unknown>;
    expect(Object.keys(modalities).filter((modality) => modalities[modality] === null)).toEqual(missing);
    const corpus = readCorpus(out);
    expect([corpus.utterances, corpus.hash]).toEqual([utterances, printed.hash]);
    expect(vegaMerc(args).stdout).toContain(`${out}: a corpus\n`);
    expect(readCorpus(out).hash).toBe(corpus.hash);
  });

  test('says that a modality is missing', () => {
    const { stdout } = vegaMerc([
      'import',
      `${data}/iemocap/iemocap_text_use512.pkl`,
      '--out',
      inside('told'),
      '--classes',
      'happy,sad,neutral,anger,excited,frustration',
    ]);
    expect(stdout).toContain('audio: all 8 columns are zero throughout, so it is recorded as missing');
    expect(stdout).toMatch(/│ visual +│ +– │ missing/);
    expect(stdout).toContain('no such split; training sets one aside');
  });

  test('takes names, a note and texts', () => {
    const out = inside('named');
    const args = ['--name', 'MELD', '--note', 'text only', '--text', `${data}/meld/utterances.jsonl`];
    const { status } = vegaMerc([
      'import',
      `${data}/meld/meld_text_use512.pkl`,
      '--splits',
      `${data}/meld/splits.json`,
      '--out',
      out,
      ...args,
    ]);
    expect(status).toBe(0);
    const corpus = readCorpus(out);
    expect(corpus).toMatchObject({ name: 'MELD', note: 'text only' });
    expect(corpus.dialogues[0].utterances[1].text).toBe('You must’ve had your hands full.');
  });

  describe('leaves nothing behind when it refuses', () => {
    const rows = new Map([['a', [[1, 2]]]]);
    const tuple = (label: number) => [new Map([['a', ['M']]]), new Map([['a', [label]]]), rows, rows, rows, ['a'], []];

    test.each([
      ['a label out of range', () => Buffer.from(pickleTuple(tuple(5))), /dialogue "a" has the label 5/],
      ['no file', () => undefined, /there is no such file/],
      ['another kind of file', () => Buffer.from('hello'), /./],
    ])('%s', (name, content, sentence) => {
      const path = inside(`${name}.pkl`);
      const bytes = content();
      if (bytes !== undefined) writeFileSync(path, bytes);
      const before = readdirSync(dirname(path));
      const { status, stdout, stderr } = vegaMerc(['import', path, '--classes', 'x,y', '--out', inside(`${name} out`)]);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(sentence);
      expect(stderr).toMatch(/^vega-merc: .*\n$/);
      expect(readdirSync(dirname(path))).toEqual(before);
    });

    test('a truncated file, and an older corpus stays', () => {
      const out = inside('kept');
      const good = inside('good.pkl');
      writeFileSync(good, pickleTuple(tuple(1)));
      expect(vegaMerc(['import', good, '--classes', 'x,y', '--out', out]).status).toBe(0);
      const { hash } = readCorpus(out);
      const short = inside('short.pkl');
      copyFileSync(`${data}/ravdess/ravdess_av.pkl`, short);
      truncateSync(short, 1_000_000);
      const { status, stderr } = vegaMerc(['import', short, '--splits', `${data}/ravdess/splits.json`, '--out', out]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/short\.pkl/);
      expect(readCorpus(out).hash).toBe(hash);
    });

    test('a directory with other files', () => {
      const out = inside('.');
      const { status, stderr } = vegaMerc([
        'import',
        `${data}/ravdess/ravdess_av.pkl`,
        '--splits',
        `${data}/ravdess/splits.json`,
        '--out',
        out,
      ]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/holds other files and no corpus/);
      expect(existsSync(inside('corpus.json'))).toBe(false);
    });
  });

  test('asks for class names instead of guessing them', () => {
    const { status, stderr } = vegaMerc(['import', `${data}/ravdess/ravdess_av.pkl`, '--out', inside('nameless')]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/numbers its classes 0 to 6 and does not name them/);
    expect(existsSync(inside('nameless'))).toBe(false);
  });

  test('needs less than 400 MB for the MELD file, as a whole process', () => {
    const script = `
      process.on('exit', () => console.error(process.resourceUsage().maxRSS));
      await import('./dist/cli/main.js');`;
    const args = ['import', `${data}/meld/meld_text_use512.pkl`, '--splits', `${data}/meld/splits.json`];
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script, '--', ...args, '--out', inside('measured')],
      { encoding: 'utf8' },
    );
    expect(status).toBe(0);
    expect(Number(stderr)).toBeGreaterThan(30 * 1024);
    expect(Number(stderr)).toBeLessThan(400 * 1024);
  });
});
