import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeAnchors } from '../../src/anchors/files.js';
import { buildBank, syntheticAnchors } from '../../src/anchors/index.js';
import { randomStream } from '../../src/base/random.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { sampleCorpus } from '../../src/corpus/index.js';
import { evaluateModel, trainAndEvaluate } from '../../src/evaluation/index.js';
import { presetConfig, readRunConfig, withOverrides } from '../../src/run/index.js';
import { drawAnchors } from '../../src/training/draw.js';
import { prepare } from '../../src/training/prepare.js';

const folder = mkdtempSync(join(tmpdir(), 'vega-controls-'));
const corpusPath = join(folder, 'corpus');
const anchorPath = join(folder, 'faces.anchors.safetensors');
const corpus = sampleCorpus(1);
const TINY = ['hidden=16', 'attentionHeads=2', 'epochs=2', 'batchSize=20', 'anchorDim=9'];

/** Four different exemplars a class. */
function exemplarBank() {
  const stream = randomStream(1, 0, 0);
  const classes = corpus.classes.map((name) => ({
    name,
    embeddings: Float32Array.from({ length: 4 * 12 }, stream.normal),
  }));
  return buildBank(classes, 12);
}

beforeAll(() => {
  writeCorpus(corpusPath, corpus);
  writeAnchors(anchorPath, exemplarBank());
});

describe('kinds of anchors', () => {
  const cases = [
    { name: 'random', anchors: 'random', set: [], dim: 9 },
    { name: 'learned', anchors: 'learned', set: [], dim: 9 },
    { name: 'text', anchors: 'text', set: [], dim: 5 },
    { name: 'prototypes', anchors: anchorPath, set: ['prototypes=2', 'r=0.5'], dim: 12 },
    { name: 'dialogue', anchors: anchorPath, set: ['anchorDraw=dialogue', 'exemplars=2'], dim: 12 },
    { name: 'utterance', anchors: anchorPath, set: ['anchorDraw=utterance', 'r=1'], dim: 12 },
  ];
  const openText = async () => ({
    name: 'toy tower',
    dim: 5,
    embed: async (texts: readonly string[]) =>
      Float32Array.from(texts.flatMap((text, i) => [text.length, i, i * i, 1, -i])),
  });
  for (const { name, anchors, set, dim } of cases) {
    it(`${name}: trains, and the run directory scores the same afterwards`, async () => {
      const out = join(folder, name);
      const options = {
        corpus: corpusPath,
        anchors,
        out,
        preset: 'small',
        set: [...TINY, ...set],
        threads: 1,
        openText,
      };
      const { evaluation } = await trainAndEvaluate(options);
      expect(readRunConfig(out).shape.anchorDim).toBe(dim);
      expect(evaluation?.anchorHead?.accuracy).toBeTypeOf('number');
      const again = await evaluateModel({ model: out, threads: 1 });
      expect(again.evaluation).toEqual(evaluation);
    });
  }
});

describe('drawing anchors', () => {
  const batch = { lengths: [2, 1], speakers: new Int32Array(3), features: {} };
  const draw = (...set: string[]) => {
    const config = withOverrides(presetConfig('small'), set);
    const { data } = prepare(corpus, exemplarBank(), config);
    return { data, config, drawn: drawAnchors(data, config, batch, randomStream(1, 1, 0)) as Float32Array };
  };
  it('r = 0 gives what evaluation compares with', () => {
    const { data, drawn } = draw('r=0');
    expect(drawn).toEqual(data.targets);
    expect(draw('r=0', 'prototypes=3').drawn).toEqual(draw('prototypes=3').data.targets);
  });
  it('r = 1 gives exemplars, one set for each that draws', () => {
    const size = corpus.classes.length * 12;
    expect(draw('r=1').drawn).toHaveLength(size);
    expect(draw('r=1').drawn).not.toEqual(draw('r=1').data.targets);
    expect(draw('r=1', 'anchorDraw=dialogue').drawn).toHaveLength(2 * size);
    expect(draw('r=1', 'anchorDraw=utterance').drawn).toHaveLength(3 * size);
    expect(draw('r=1', 'prototypes=2').drawn).toHaveLength(2 * size);
  });
});

describe('combinations that mean nothing', () => {
  it('are refused in a sentence', () => {
    const configure = (...set: string[]) => withOverrides(presetConfig('small'), set);
    expect(() => configure('prototypes=2', 'anchorDraw=dialogue')).toThrow('anchorDraw must be batch');
    const bank = syntheticAnchors(corpus.classes, 8, 1);
    expect(() => prepare(corpus, bank, configure('anchorDraw=dialogue'), true)).toThrow('Learned anchors');
    expect(() => prepare(corpus, bank, configure('prototypes=100'))).toThrow('at least 100 exemplars');
  });
});
