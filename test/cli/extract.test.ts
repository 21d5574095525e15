import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../../src/corpus/files.js';
import { vegaMerc as anyVegaMerc, temporaryDirectory } from './vega-merc.js';

const inside = temporaryDirectory();
const ravdess = join(process.cwd(), '../shared/data/ravdess/audio');

/** With a cache of its own. */
const vegaMerc = (...args: string[]) => anyVegaMerc(args, { VEGA_MERC_CACHE: inside('cache') });

function manifest(name: string, lines: object[]): string {
  writeFileSync(inside(name), lines.map((line) => JSON.stringify(line)).join('\n'));
  return inside(name);
}

describe('vega-merc extract', { timeout: 300_000 }, () => {
  it('makes a corpus that info reads, and says what it did', () => {
    const input = manifest('talk.jsonl', [
      { dialogue: 'a', speaker: 'Ann', text: 'Oh, no!', label: 'sadness' },
      { dialogue: 'a', speaker: 'Ben', text: 'What?', label: 'surprise' },
    ]);
    const args = ['extract', input, '--out', inside('talk'), '--jobs', '1'];
    const { status, stdout, stderr } = vegaMerc(...args);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain(': a corpus\n');
    expect(stdout).toMatch(/text +│ sentence \(@energetic-ai/);
    expect(stderr).toContain('Utterances encoded 2/2');
    expect(vegaMerc('info', inside('talk')).stdout).toContain('extracted from talk.jsonl');
    const again = JSON.parse(vegaMerc(...args, '--json').stdout) as { extraction: object; kind: string };
    expect(again).toMatchObject({
      kind: 'a corpus',
      extraction: { cached: 2, misses: [], counts: { text: { present: 2 } } },
    });
  });

  it('leads from labelled clips that name no split to training and scores', () => {
    const lines = Array.from({ length: 12 }, (_, i) => [
      { dialogue: `d${i}`, speaker: 'Ann', text: 'I am so happy, this is wonderful!', label: 'joy' },
      { dialogue: `d${i}`, speaker: 'Ben', text: 'That is terrible, how sad.', label: 'sadness' },
    ]).flat();
    const extracted = vegaMerc('extract', manifest('own.jsonl', lines), '--out', inside('own'), '--jobs', '1');
    expect(extracted.status, extracted.stderr).toBe(0);
    expect(extracted.stdout).toMatch(/│ no split │ +12 │ +24 │ +12 │ +12 │/);
    expect(extracted.stdout).toContain('none; training makes train, valid and test, by dialogue, and records them');
    const run = inside('own-run');
    const settings = ['--set', 'hidden=16', '--set', 'epochs=3', '--set', 'batchSize=2'];
    const trained = vegaMerc(
      'train',
      inside('own'),
      '--anchors',
      'none',
      '--out',
      run,
      '--preset',
      'small',
      ...settings,
    );
    expect(trained.status, trained.stderr).toBe(0);
    expect(trained.stderr).toContain('named in config.json: train 9, valid 1, test 2.');
    expect(trained.stdout).toContain('weighted F1');
    const { madeSplits } = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as {
      madeSplits: Record<string, string[]>;
    };
    expect(madeSplits.test).toHaveLength(2);
    const evaluated = JSON.parse(vegaMerc('evaluate', run, '--json').stdout) as { dialogues: number };
    expect(evaluated).toMatchObject({ split: 'test', dialogues: 2, utterances: 4 });
    expect(vegaMerc('verify', run).status).toBe(0);
    expect(vegaMerc('report', run).status).toBe(0);
  });

  it('asks about a label that looks like another one misspelt', () => {
    const lines = ['joy', 'joy', 'joy', 'anger', 'joyy'].map((label, i) => ({ dialogue: `d${i}`, text: 'Oh.', label }));
    const args = ['extract', manifest('slip.jsonl', lines), '--out', inside('slip'), '--jobs', '1'];
    const asked = vegaMerc(...args);
    expect(asked.status).toBe(1);
    expect(asked.stderr).toContain(
      'The label "joyy" occurs once (first in dialogue "d4"), "joy" 3 times. Did you mean "joy"? Correct the label; if it ' +
        'is a class of its own, confirm that with --classes anger,joy,joyy.',
    );
    expect(existsSync(inside('slip'))).toBe(false);
    expect(vegaMerc(...args, '--classes', 'anger,joy,joyy').status).toBe(0);
  });

  it('exits with 1 where something failed and --strict was given, and tells failures of a kind together', () => {
    const lines = ['one', 'two', 'three'].map((name) => ({ dialogue: 'a', text: name, media: `${name}.wav` }));
    const args = ['extract', manifest('gone.jsonl', lines), '--out', inside('gone'), '--visual', 'none', '--jobs', '1'];
    const lenient = vegaMerc(...args);
    expect(lenient.status, lenient.stderr).toBe(0);
    expect(lenient.stdout).toContain('audio of dialogue "a", utterance 0: ../one.wav does not exist, and so 2 others');
    const strict = vegaMerc(...args, '--strict');
    expect(strict.status).toBe(1);
    expect(strict.stderr).toContain('3 failures, and --strict was given.');
  });

  it('refuses what it cannot use with one sentence', () => {
    const input = manifest('one.jsonl', [{ dialogue: 'a', text: 'x' }]);
    const out = inside('never');
    expect(vegaMerc('extract', input)).toMatchObject({ status: 2 });
    expect(vegaMerc('extract', input, '--out', out, '--fps', '0')).toMatchObject({ status: 2 });
    expect(vegaMerc('extract', inside('none.jsonl'), '--out', out)).toMatchObject({ status: 1, stdout: '' });
    expect(existsSync(out)).toBe(false);
  });

  it('ends with a sentence where the cache cannot be written, however many processes encode', () => {
    const lines = Array.from({ length: 12 }, (_, i) => ({ dialogue: `${i}`, text: `Line ${i}`, media: `${i}.wav` }));
    for (let i = 0; i < 12; i++) cpSync(join(ravdess, '03-01-05-02-01-01-01.opus'), inside(`${i}.wav`));
    writeFileSync(inside('file'), '');
    const input = manifest('unkept.jsonl', lines);
    const options = [
      '--out',
      inside('unkept'),
      '--visual',
      'none',
      '--audio',
      'functionals',
      '--cache',
      inside('file'),
    ];
    for (const jobs of ['1', '2']) {
      const { status, stderr } = vegaMerc('extract', input, ...options, '--jobs', jobs);
      expect(status, stderr).toBe(1);
      expect(stderr).toMatch(/file.*: a part of the path is not a directory/);
      expect(existsSync(inside('unkept'))).toBe(false);
    }
  });

  it('goes on where it was killed, with the same result', async () => {
    const names = readdirSync(ravdess).slice(0, 48);
    const input = manifest(
      'clips.jsonl',
      names.map((name) => ({ dialogue: 'a', media: join(ravdess, name) })),
    );
    const args = ['extract', input, '--visual', 'none', '--audio', 'functionals', '--jobs', '2'];
    await new Promise<void>((resolve) => {
      const child = spawn(process.execPath, ['dist/cli/main.js', ...args, '--out', inside('killed')], {
        env: { ...process.env, VEGA_MERC_CACHE: inside('cache') },
      });
      child.stderr.on('data', () => child.kill('SIGKILL'));
      child.once('exit', () => resolve());
    });
    expect(existsSync(inside('killed/corpus.json'))).toBe(false);
    const resumed = vegaMerc(...args, '--out', inside('killed'), '--json');
    const { extraction } = JSON.parse(resumed.stdout) as { extraction: { cached: number } };
    expect(extraction.cached).toBeGreaterThan(0);
    expect(extraction.cached).toBeLessThan(48);
    const whole = anyVegaMerc([...args, '--out', inside('whole')], { VEGA_MERC_CACHE: inside('other') });
    expect(whole.status, whole.stderr).toBe(0);
    expect(readCorpus(inside('killed')).hash).toBe(readCorpus(inside('whole')).hash);
  });
});

describe('without the optional packages', { timeout: 300_000 }, () => {
  let home: string;
  const run = (...args: string[]) => {
    const env = { ...process.env, VEGA_MERC_CACHE: inside('bare'), VEGA_MERC_DEBUG: '' };
    return spawnSync(process.execPath, [join(home, 'dist/cli/main.js'), ...args], { encoding: 'utf8', env });
  };

  beforeAll(() => {
    // A copy, since Node looks for packages where a file really is.
    home = inside('installed');
    cpSync('dist', join(home, 'dist'), { recursive: true });
    cpSync('package.json', join(home, 'package.json'));
    const { peerDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      peerDependencies: Record<string, string>;
    };
    const optional = new Set(Object.keys(peerDependencies));
    mkdirSync(join(home, 'node_modules'));
    for (const name of readdirSync('node_modules').flatMap(packagesIn)) {
      if (optional.has(name)) continue;
      mkdirSync(join(home, 'node_modules', name, '..'), { recursive: true });
      symlinkSync(join(process.cwd(), 'node_modules', name), join(home, 'node_modules', name));
    }
  });

  it('the core works', () => {
    const made = run('sample', inside('sample'));
    expect(made.status, made.stderr).toBe(0);
    expect(run('info', inside('sample')).status).toBe(0);
    expect(run('extract', '--help').status).toBe(0);
  });

  it.each([
    ['words', [], /needs vega-merc-encoders, which is not installed\. Install with: npm install /],
    [
      'voices',
      ['--text', 'none', '--visual', 'none'],
      /needs vega-merc-encoders, which is not installed\. Install with: npm install /,
    ],
    [
      'faces',
      ['--text', 'none', '--audio', 'none'],
      /needs vega-merc-encoders, which is not installed\. Install with: npm install /,
    ],
    [
      'functionals of voices, for their decoder,',
      ['--text', 'none', '--visual', 'none', '--audio', 'functionals'],
      /needs vega-merc-encoders, which is not installed\. Install with: npm install /,
    ],
    [
      'models',
      ['--text', 'some/model', '--audio', 'none', '--visual', 'none'],
      /needs @huggingface\/transformers, which is not installed\. Install with: npm install /,
    ],
  ])('a command that needs %s names the package and how to install it', (_, args, sentence) => {
    const input = manifest('need.jsonl', [{ dialogue: 'a', text: 'x', media: join(ravdess, readdirSync(ravdess)[0]) }]);
    const { status, stderr } = run('extract', input, '--out', inside('need'), ...args);
    expect(status).toBe(1);
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n'), stderr).toHaveLength(1);
  });
});

/** Names of the packages in an entry of node_modules: itself, or those of a scope. */
function packagesIn(entry: string): string[] {
  if (entry.startsWith('.')) return [];
  return entry.startsWith('@') ? readdirSync(join('node_modules', entry)).map((name) => `${entry}/${name}`) : [entry];
}
