import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { calibrateByFolds, foldOf, holdOut } from '../../scripts/starter/folds.mjs';
import { CLASSES, faceSplits, writeManifests } from '../../scripts/starter/manifests.mjs';
import { correctedCalibrationError } from '../../scripts/starter/scores.mjs';
import { makeAnchors, makeFold, makeParts, trainStarter } from '../../scripts/starter/steps.mjs';
import { drawWay, varySound } from '../../scripts/starter/varied.mjs';
import { randomStream } from '../../src/base/random.js';
import { readCorpus, writeCorpus } from '../../src/corpus/files.js';
import { createCorpus, sampleCorpus } from '../../src/corpus/index.js';
import { readSafetensors } from '../../src/interchange/files.js';
import { expectedCalibrationError, reliabilityBins } from '../../src/metrics/index.js';
import { tinyRuns } from './trained.js';

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

describe('the folds of the voices', () => {
  const actors = Array.from({ length: 19 }, (_, i) => `actor ${i + 1}`);
  const row = (name: string, actor: string) => [name.length, Number(/\d+/.exec(actor)?.[0])];
  /** Two dialogues of two labels for each actor, and one of an actor that tests. */
  const voices = (name: string, speakers: string[]) => {
    const dialogues = [...speakers, 'actor 20'].flatMap((_, speaker) =>
      ['a', 'b'].map((part) => ({
        id: `${speaker}${part}`,
        utterances: [0, 1].map((label) => ({ speaker, label, media: `${speaker}.opus`, start: 0, end: 1 })),
      })),
    );
    const rows = dialogues.flatMap(({ utterances }) =>
      utterances.flatMap(({ speaker }) => row(name, [...speakers, 'actor 20'][speaker])),
    );
    const test = dialogues.slice(-2).map(({ id }) => id);
    const train = dialogues.slice(0, -2).map(({ id }) => id);
    const place = join(folder, name);
    const parts = { name, classes: ['neutral', 'joy'], speakers: [...speakers, 'actor 20'], dialogues };
    const features = { audio: { dim: 2, rows: Float32Array.from(rows) } };
    writeCorpus(place, createCorpus({ ...parts, features, splits: { train, test } }, name));
    return place;
  };

  it('hold each actor that does not test out once, women and men', () => {
    const folds = actors.map((actor) => foldOf(actor, 4));
    for (const fold of [0, 1, 2, 3]) {
      const held = folds.flatMap((one, i) => (one === fold ? [i + 1] : []));
      expect(held.length).toBeGreaterThanOrEqual(4);
      expect(new Set(held.map((number) => number % 2)).size).toBe(2);
    }
    expect(foldOf('actor 07, varied 3', 4)).toBe(foldOf('actor 07', 4));
  });

  it('are corpora in which what is held out validates, and nothing varied does', () => {
    const plain = voices('plain', actors);
    const varied = voices(
      'other',
      actors.map((actor) => `${actor}, varied 0`),
    );
    for (const [from, name] of [
      [plain, 'plain'],
      [varied, 'varied'],
    ]) {
      const to = join(folder, 'held', name);
      holdOut(from, to, 2, 4);
      const { splits, dialogues, speakers } = readCorpus(to);
      const who = (split?: string[]) =>
        new Set(
          dialogues.flatMap(({ id, utterances }) => (split?.includes(id) ? utterances : [])).map((u) => u.speaker),
        );
      expect(splits.test).toEqual(['19a', '19b']);
      const held = [...speakers.keys()].filter((i) => i < 19 && foldOf(speakers[i], 4) === 2);
      expect([...who(splits.train)]).toHaveLength(19 - held.length);
      for (const speaker of held) expect(who(splits.train).has(speaker)).toBe(false);
      expect([...who(splits.valid)]).toEqual(name === 'plain' ? held : []);
    }
  });
});

describe('the calibration by folds', { timeout: 120_000 }, () => {
  const sample = sampleCorpus(1);
  // Every second dialogue is of voices alone.
  const dialogues = sample.dialogues.map(({ id, offset, utterances }, d) => ({
    id: d % 2 === 0 ? `ravdess/actor0${d % 6}_${id}` : id,
    offset,
    utterances,
  }));
  const presence = Uint8Array.from(dialogues.flatMap(({ utterances }, d) => utterances.map(() => d % 2)));
  const names = new Map(sample.dialogues.map(({ id }, d) => [id, dialogues[d].id]));
  const { hash: _, ...parts } = sample;
  const features = Object.fromEntries(
    Object.entries(sample.features).map(([m, table]) => [m, m === 'audio' ? table : { ...table, presence }]),
  );
  const splits = Object.fromEntries(
    Object.entries(sample.splits).map(([split, ids]) => [split, ids.map((id) => names.get(id) as string)]),
  );
  const corpus = createCorpus({ ...parts, dialogues, features, splits }, 'sample');
  const runs = tinyRuns(corpus);
  afterAll(() => runs.remove());

  it('is that of a single run where all of them say the same', async () => {
    const run = await runs.train('run');
    const { metadata } = readSafetensors(join(run, 'model.safetensors'));
    const { temperatures, utterances } = JSON.parse(metadata.calibration);
    expect(temperatures.audio).toBeGreaterThan(0);
    const fold = { run, corpus: join(runs.root, 'corpus') };
    const { calibration, crossValidated } = await calibrateByFolds([fold, fold]);
    expect(calibration.utterances).toBe(2 * utterances);
    for (const [key, value] of Object.entries(temperatures as Record<string, number>))
      expect(calibration.temperatures?.[key], key).toBeCloseTo(value, 3);
    const valid = corpus.dialogues.filter(({ id }) => corpus.splits.valid?.includes(id) && id.startsWith('ravdess/'));
    expect(crossValidated.utterances).toBe(2 * valid.reduce((sum, dialogue) => sum + dialogue.utterances.length, 0));
    expect(Object.keys(crossValidated.actors)).toEqual([...new Set(valid.map(({ id }) => id.slice(13, 15)))].sort());
    expect(crossValidated.accuracy).toBeGreaterThan(0);
    expect(crossValidated.ece).toBeLessThan(1);
  });
});

describe('the voices made other than they were recorded', () => {
  const RATE = 16_000;
  const tone = (hertz: number, size: number) =>
    Float32Array.from({ length: RATE }, (_, i) => size * Math.sin((2 * Math.PI * hertz * i) / RATE));
  const power = (sound: Float32Array) => sound.reduce((sum, x) => sum + x * x, 0) / sound.length;
  const decibels = (a: Float32Array, b: Float32Array) => 10 * Math.log10(power(a) / power(b));
  const vary = (sound: Float32Array, way: object) =>
    varySound(sound, { speed: 1, gain: 1, ...way }, randomStream(1, 0, 0));

  it('are louder, overdriven, dull and noisy by as much as was drawn', () => {
    const low = tone(200, 0.1);
    expect(decibels(vary(low, { gain: 0.5 }), low)).toBeCloseTo(-6.02, 1);
    expect(decibels(vary(tone(4000, 0.1), { lowPass: 700 }), tone(4000, 0.1))).toBeLessThan(-12);
    expect(decibels(vary(low, { lowPass: 700 }), low)).toBeGreaterThan(-1);
    const noise = vary(low, { noise: 20 }).map((x, i) => x - low[i]);
    expect(decibels(noise, low)).toBeCloseTo(-20, 0);
    // Driven 100 times, a tone is all but a square: of power 1, and nowhere beyond 1.
    const square = vary(low, { drive: 100 });
    expect(power(square)).toBeGreaterThan(0.9);
    expect(Math.max(...square)).toBe(1);
  });

  it('are drawn within their bounds, each kind as often as is meant', () => {
    const ways = Array.from({ length: 2000 }, (_, i) => drawWay(randomStream(1, i, 0)));
    const share = (of: (way: (typeof ways)[number]) => unknown) => ways.filter(of).length / ways.length;
    expect(share(({ drive }) => drive)).toBeCloseTo(0.2, 1);
    expect(share(({ lowPass }) => lowPass)).toBeCloseTo(0.3, 1);
    expect(share(({ noise }) => noise)).toBeCloseTo(0.3, 1);
    for (const { speed, gain } of ways) {
      expect(Math.abs(Math.log(speed))).toBeLessThanOrEqual(-Math.log(0.85) + 1e-9);
      expect(gain).toBeGreaterThanOrEqual(0.1);
      expect(gain).toBeLessThanOrEqual(2);
    }
  });
});

describe('the calibration error less chance', () => {
  /** Answers that are right as often as `right` says of their confidence. */
  const answers = (count: number, right: (confidence: number) => number, seed: number) => {
    const { uniform } = randomStream(seed, 0, 0);
    const confidences = Array.from({ length: count }, () => 0.3 + 0.7 * uniform());
    const labels = confidences.map((c) => (uniform() < right(c) ? 0 : 1));
    // A second class that is never chosen: -1.
    return reliabilityBins(
      labels,
      confidences.flatMap((c) => [c, -1]),
      2,
    );
  };
  const mean = (of: (seed: number) => number) =>
    Array.from({ length: 40 }, (_, i) => of(i + 1)).reduce((a, b) => a + b, 0) / 40;

  it('is nearer to the truth than the plain one, of few answers', () => {
    const just = (seed: number) => answers(300, (c) => c, seed);
    const plain = mean((seed) => expectedCalibrationError(just(seed)));
    expect(plain).toBeGreaterThan(0.05);
    expect(mean((seed) => correctedCalibrationError(just(seed)))).toBeLessThan(0.6 * plain);
    const tooSure = (seed: number) => answers(300, (c) => c - 0.2, seed);
    expect(mean((seed) => correctedCalibrationError(tooSure(seed)))).toBeCloseTo(0.2, 1);
  });

  it('is the plain one where chance is little, and never below nothing', () => {
    const many = answers(200_000, (c) => c - 0.1, 1);
    expect(correctedCalibrationError(many)).toBeCloseTo(expectedCalibrationError(many), 3);
    expect(correctedCalibrationError(answers(30, (c) => c, 5))).toBeGreaterThanOrEqual(0);
  });
});

describe('the steps of the starter', { timeout: 300_000 }, () => {
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
      const file = command === 'train' ? 'config.json' : 'corpus.json';
      writeFileSync(command === 'anchors' ? made : join(made, file), second);
    };
    try {
      await makeParts(shared, out, { ...settings, vary: { times: 0, seed: 1 } }, run);
      const anchors = makeAnchors(shared, out, splits.faces, run);
      const hold = (from: string, to: string, fold: number, count: number) => {
        if (!existsSync(join(to, 'corpus.json'))) run('hold', from, `${fold} of ${count}`, '--out', to);
      };
      const { home } = makeFold(out, 1, settings, run, hold);
      trainStarter(home, anchors, join(home, 'run'), settings.train, run);
    } catch (error) {
      if ((error as Error).message !== 'cut off') throw error;
    }
    return { ran, pictures };
  };
  const all = [
    'extract meld',
    'extract lines',
    'extract ravdess',
    'extract spoken',
    'extract varied',
    'extract faces',
    'extract found',
    'corpus shown',
    'anchors faces.anchors.safetensors',
    'hold ravdess',
    'hold spoken',
    'hold varied',
    'corpus voices',
    'corpus composed',
    'corpus calls',
    'corpus starter',
    'train run',
  ];

  it('are done in their order, and go on where they were cut off', async () => {
    expect((await steps(4)).ran).toEqual(all.slice(0, 4));
    const { ran, pictures } = await steps(10);
    expect(ran).toEqual(all.slice(4, 14));
    expect((await steps()).ran).toEqual(all.slice(14));
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
