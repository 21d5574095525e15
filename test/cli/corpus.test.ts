import { beforeAll, expect, test } from 'vitest';
import { readCorpus, writeCorpus } from '../../src/corpus/files.js';
import { sampleCorpus } from '../../src/corpus/index.js';
import { temporaryDirectory, vegaMerc } from './vega-merc.js';

const path = temporaryDirectory();

beforeAll(() => {
  for (const seed of [1, 2]) writeCorpus(path(`s${seed}`), { ...sampleCorpus(seed), name: `sample ${seed}` });
});

test('merge writes one corpus of two', () => {
  const { status, stdout } = vegaMerc(['corpus', 'merge', path('s1'), path('s2'), '--out', path('both')]);
  expect(status).toBe(0);
  expect(stdout).toContain('synthetic corpus');
  const [one, two, both] = ['s1', 's2', 'both'].map((name) => readCorpus(path(name)));
  expect(both.utterances).toBe(one.utterances + two.utterances);
  expect(both.name).toBe('sample 1 + sample 2');
});

test('compose says what it made, in words and JSON', () => {
  const options = ['--voices', path('s2'), '--faces', path('s2'), '--leave-out', 'audio=0.5', '--out', path('made')];
  const { status, stdout } = vegaMerc(['corpus', 'compose', path('s1'), ...options, '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    composed: true,
    synthetic: true,
    kind: 'a composed, partly synthetic corpus',
  });
  const audio = readCorpus(path('made')).features.audio?.presence as Uint8Array;
  const share = audio.reduce((a, b) => a + b, 0) / audio.length;
  expect(share).toBeGreaterThan(0.3);
  expect(share).toBeLessThan(0.6);
});

test('a share that is none is refused as wrong use', () => {
  const { status, stderr } = vegaMerc(['corpus', 'compose', path('s1'), '--leave-out', 'sound=2', '--out', path('no')]);
  expect(status).toBe(2);
  expect(stderr).toContain('MODALITY=SHARE of text, audio, visual');
});
