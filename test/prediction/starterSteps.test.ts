import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CLASSES, faceSplits, writeManifests } from '../../scripts/starter/manifests.mjs';
import { makeAnchors, makeCorpora, trainStarter } from '../../scripts/starter/steps.mjs';

const shared = resolve('../shared/data');
const folder = mkdtempSync(join(tmpdir(), 'vega-starter-steps-'));
afterAll(() => rmSync(folder, { recursive: true }));
const settings = JSON.parse(readFileSync('scripts/starter/settings.json', 'utf8'));
const { splits } = settings;

interface Line {
  dialogue: string;
  speaker?: string;
  label: string;
  media?: string;
  split: 'train' | 'valid' | 'test';
}
const read = (out: string, name: string): Line[] =>
  readFileSync(join(out, `${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the manifests of the starter', () => {
  const out = join(folder, 'manifests');
  writeManifests(shared, out, splits);

  it('are the same whenever they are written', () => {
    const before = ['meld', 'ravdess', 'faces'].map((name) => readFileSync(join(out, `${name}.jsonl`), 'utf8'));
    writeManifests(shared, out, splits);
    expect(['meld', 'ravdess', 'faces'].map((name) => readFileSync(join(out, `${name}.jsonl`), 'utf8'))).toEqual(
      before,
    );
  });

  it('hold 36, 12 and 12 faces a class, and exact copies of one picture in one split alone', () => {
    const lines = read(out, 'faces');
    for (const label of CLASSES) {
      const counts = ['train', 'valid', 'test'].map(
        (split) => lines.filter((line) => line.label === label && line.split === split).length,
      );
      expect(counts, label).toEqual([36, 12, 12]);
    }
    const where = new Map<string, Set<string>>();
    for (const { media, split } of lines) {
      const hash = createHash('sha256')
        .update(readFileSync(resolve(out, media as string)))
        .digest('hex');
      where.set(hash, (where.get(hash) ?? new Set()).add(split));
    }
    expect(where.size).toBeLessThan(lines.length); // there are copies
    for (const own of where.values()) expect(own.size).toBe(1);
  });

  it('hold no actor in two splits, and all of their clips', () => {
    const where = new Map<string, Set<string>>();
    const lines = read(out, 'ravdess');
    for (const { speaker = '', split } of lines) where.set(speaker, (where.get(speaker) ?? new Set()).add(split));
    expect(lines).toHaveLength(1440);
    expect(where.size).toBe(24);
    for (const own of where.values()) expect(own.size).toBe(1);
  });

  it('leave the tests of voices and words as they were published with the data', () => {
    for (const name of ['meld', 'ravdess']) {
      const { test } = JSON.parse(readFileSync(join(shared, name, 'splits.json'), 'utf8')) as { test: unknown[] };
      const own = new Set(read(out, name).flatMap(({ dialogue, split }) => (split === 'test' ? [`${dialogue}`] : [])));
      expect(own.size).toBe(test.length);
    }
  });
});

describe('the split of faces', () => {
  it('does not hang on file names, and another seed gives another', () => {
    const names = (prefix: string) => {
      const home = join(folder, prefix);
      mkdirSync(home);
      for (let i = 0; i < 60; i++) writeFileSync(join(home, `${prefix}${(i * 7) % 60}.jpg`), `picture ${i}`);
      return home;
    };
    const byContent = (home: string, seed: number) =>
      Object.fromEntries(
        [...faceSplits(home, seed)].map(([name, split]) => [readFileSync(join(home, name), 'utf8'), split]),
      );
    const [a, b] = [names('a'), names('b')];
    expect(byContent(a, 1)).toEqual(byContent(b, 1));
    expect(byContent(a, 1)).not.toEqual(byContent(a, 2));
  });

  it('keeps copies together and still fills every split', () => {
    const home = join(folder, 'copies');
    mkdirSync(home);
    // Twenty pictures, three times each.
    for (let i = 0; i < 60; i++) writeFileSync(join(home, `${i}.jpg`), `picture ${i % 20}`);
    const splits = faceSplits(home, 1);
    for (let i = 0; i < 20; i++) expect(new Set([0, 20, 40].map((k) => splits.get(`${i + k}.jpg`))).size).toBe(1);
    const count = (split: string) => [...splits.values()].filter((one) => one === split).length;
    expect(['train', 'valid', 'test'].map(count)).toEqual([36, 12, 12]);
  });
});

describe('the steps of the starter', { timeout: 120_000 }, () => {
  const out = join(folder, 'out');
  /** Runs no command, but leaves what tells that it ran; is cut off at one of them. */
  const steps = async (cutOff = Number.POSITIVE_INFINITY) => {
    const ran: string[] = [];
    const pictures: string[] = [];
    const run = (...args: string[]) => {
      if (ran.length === cutOff) throw new Error('cut off');
      const [command, second, third] = args;
      const made = args[args.indexOf('--out') + 1];
      ran.push(`${command} ${args.includes('--resume') ? '--resume' : made.split('/').at(-1)}`);
      if (command === 'anchors')
        for (const label of readdirSync(third))
          pictures.push(...readdirSync(join(third, label)).map((name) => `${label}/${name}`));
      mkdirSync(command === 'anchors' ? dirname(made) : made, { recursive: true });
      const file = { extract: 'corpus.json', corpus: 'corpus.json', train: 'config.json' }[command];
      writeFileSync(file === undefined ? made : join(made, file), second);
    };
    try {
      const corpora = await makeCorpora(shared, out, settings, run);
      trainStarter(corpora, makeAnchors(shared, out, splits.faces, run), join(out, 'run'), settings.train, run);
    } catch (error) {
      if ((error as Error).message !== 'cut off') throw error;
    }
    return { ran, pictures };
  };
  const all = [
    'extract meld',
    'extract ravdess',
    'extract spoken',
    'extract faces',
    'extract found',
    'corpus voices',
    'corpus shown',
    'corpus composed',
    'corpus starter',
    'anchors faces.anchors.safetensors',
    'train run',
  ];

  it('are done in their order, and go on where they were cut off', async () => {
    expect((await steps(3)).ran).toEqual(all.slice(0, 3));
    expect((await steps(6)).ran).toEqual(all.slice(3, 9));
    const { ran, pictures } = await steps();
    expect(ran).toEqual(all.slice(9));
    // Anchors are of training faces alone, and the copies that they are built from are gone.
    expect(pictures).toHaveLength(7 * 36);
    for (const picture of pictures) {
      const [label, name] = picture.split('/');
      expect(faceSplits(join(shared, 'faces', label), splits.faces.seed).get(name)).toBe('train');
    }
    expect(existsSync(join(out, 'faces'))).toBe(false);
    expect((await steps()).ran).toEqual(['train --resume']);
  });
});
