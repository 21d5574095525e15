import { mkdirSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory, vegaMerc } from './vega-merc.js';

const inside = temporaryDirectory();
const shared = '../shared';

function info(path: string): { text: string; json: Record<string, unknown> } {
  const text = vegaMerc(['info', path]);
  const json = vegaMerc(['info', path, '--json']);
  expect([text.status, text.stderr, json.status, json.stderr]).toEqual([0, '', 0, '']);
  return { text: text.stdout, json: JSON.parse(json.stdout) as Record<string, unknown> };
}

describe('vega-merc info', () => {
  beforeAll(() => {
    vegaMerc(['sample', inside('sample')]);
  });

  test('a corpus', () => {
    const { text, json } = info(inside('sample'));
    expect(text).toContain('a synthetic corpus');
    expect(text).toMatch(/│ train │ +40 │/);
    expect(json).toMatchObject({
      kind: 'a synthetic corpus',
      synthetic: true,
      dialogues: 60,
      splits: { train: { dialogues: 40 }, valid: { dialogues: 8 }, test: { dialogues: 12 } },
      modalities: { text: { dim: 32 }, audio: { dim: 24 }, visual: { dim: 20 } },
    });
  });

  test('a feature pickle, without class names', () => {
    const { text, json } = info(`${shared}/data/iemocap/iemocap_text_use512.pkl`);
    expect(text).toContain('a feature pickle; "vega-merc import" makes a corpus of it');
    expect(text).toContain('the released 7-tuple');
    expect(json).toMatchObject({
      dialogues: 151,
      utterances: 7433,
      splits: { train: { utterances: 5810 }, test: { utterances: 1623 } },
      modalities: { text: { dim: 512 }, audio: null, visual: null },
    });
  });

  test('anchors of its own', () => {
    const { text, json } = info(`${inside('sample')}/synthetic.anchors.safetensors`);
    expect(text).toContain('synthetic anchors');
    expect(json).toMatchObject({ dim: 16, encoder: 'synthetic', exemplars: { joy: 12, fear: 12 } });
  });

  test('released anchors', () => {
    const { json } = info(`${shared}/data/meld/anchors_faceexpr256.pt`);
    expect(json).toMatchObject({ kind: 'anchors', dim: 256, exemplars: { anger: 35 } });
  });

  test('a run', () => {
    const { status } = vegaMerc([
      ...['train', inside('sample'), '--anchors', `${inside('sample')}/synthetic.anchors.safetensors`],
      ...['--out', inside('run'), '--preset', 'small', '--set', 'hidden=8', '--set', 'epochs=2'],
    ]);
    expect(status).toBe(0);
    const { text, json } = info(inside('run'));
    expect(text).toContain('run: a run\n');
    expect(text).toMatch(/synthetic corpus +synthetic sample, hash [0-9a-f]{64}/);
    expect(text).toContain('finished; epoch 2 of at most 2');
    expect(text).toMatch(/Scores on test \(validation-selected\)/);
    expect(json).toMatchObject({
      kind: 'a run',
      preset: 'small',
      shape: { dims: { text: 32, audio: 24, visual: 20 }, anchorDim: 16 },
      progress: { epochs: 2, finished: true },
      evaluations: [{ split: 'test', utterances: 117 }],
    });
  });

  test('a safetensors file', () => {
    const { text, json } = info(`${shared}/golden/vega/iemocap_small.safetensors`);
    expect(text).toMatch(/│ anchor\.center +│ 6 × 24/);
    expect(json.kind).toBe('a safetensors file');
    expect(json.tensors).toContainEqual({ name: 'anchor.center', shape: [6, 24], dtype: 'float32' });
  });

  test.each([
    ['a picture', `${shared}/data/faces/anger/00.jpg`, /is nothing that vega-merc knows/],
    ['a text', `${shared}/data/meld/splits.json`, /is nothing that vega-merc knows/],
    ['a directory', `${shared}/data`, /is nothing that vega-merc knows/],
  ])('refuses %s', (_, path, sentence) => {
    const { status, stdout, stderr } = vegaMerc(['info', path]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
  });

  test('refuses what only looks like something', () => {
    mkdirSync(inside('broken'));
    writeFileSync(inside('broken/corpus.json'), '{}');
    writeFileSync(inside('broken/empty'), '');
    writeFileSync(inside('broken/a.pkl'), Buffer.from([0x80, 4, 0x95]));
    writeFileSync(inside('broken/b.pt'), 'PK and nothing more');
    mkdirSync(inside('broken/run'));
    writeFileSync(inside('broken/run/config.json'), '{}');
    for (const name of ['.', 'run', 'empty', 'a.pkl', 'b.pt']) {
      const { status, stderr } = vegaMerc(['info', inside(`broken/${name}`)]);
      expect(status, name).toBe(1);
      expect(stderr, name).toMatch(/^vega-merc: .*broken.*\n$/);
    }
  });
});
