import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { readOutputs, type SplitOutputs } from '../../src/evaluation/index.js';
import { outputsFile, placesOf, writeOutputs } from '../../src/evaluation/outputs.js';
import { writeSafetensors } from '../../src/interchange/files.js';
import { tinyCorpus } from '../corpus/tiny.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vega-outputs-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const whole: SplitOutputs = {
  split: 'valid',
  classes: ['neutral', 'Freude', '怒り'],
  corpusHash: 'abc',
  selection: 'test-selected',
  dialogues: ['x', 'y "z"'],
  dialogueOf: Int32Array.of(0, 1),
  position: Int32Array.of(0, 0),
  labels: Int32Array.of(2, -1),
  logits: { fused: Float32Array.of(1, 2, 3, 4, 5, -6), audio: Float32Array.of(0, 0, 0, 1e-30, 1, 2) },
  anchorLogits: { fused: Float32Array.of(99, -99, 0, 1, 2, 3) },
  present: { audio: Uint8Array.of(1, 0) },
  gate: -0.25,
  nearest: { exemplars: Int32Array.of(0, 1, 2, 0, 1, 1, 0, 0), cosines: Float32Array.of(0.9, 0.5, 0.25, -1) },
};

describe('outputs of a split', () => {
  it('come back from their file as they were, with and without anchors', () => {
    writeOutputs(root, whole);
    expect(readOutputs(root, 'valid')).toEqual(whole);
    const { anchorLogits: _a, gate: _g, nearest: _n, selection: _s, ...plain } = { ...whole, split: 'test' as const };
    writeOutputs(root, plain);
    expect(readOutputs(root, 'test')).toEqual(plain);
    writeOutputs(root, { ...whole, gate: 0 });
    expect(readOutputs(root, 'valid')?.gate).toBe(0);
    expect(readOutputs(root, 'train')).toBeUndefined();
  });

  it('are refused with a sentence where the file is of another kind, or lacks a tensor', () => {
    const path = outputsFile(root, 'train');
    const again = /delete it and run "vega-merc evaluate" again/;
    writeSafetensors(path, new Map(), { format: 'other' });
    expect(() => readOutputs(root, 'train')).toThrow(again);
    writeSafetensors(path, new Map(), {
      format: 'vega-merc-outputs',
      version: '1',
      classes: '["a","b"]',
      dialogues: '[]',
      corpus: '',
    });
    expect(() => readOutputs(root, 'train')).toThrow('has no tensor "');
    writeFileSync(path, 'half a fi');
    expect(() => readOutputs(root, 'train')).toThrow(path);
    rmSync(path);
  });

  it('know their places in the corpus, in the order of the dialogues asked for', () => {
    expect(placesOf(tinyCorpus(), [2, 0], ['text', 'audio', 'visual'])).toEqual({
      dialogues: ['c', 'a'],
      dialogueOf: Int32Array.of(0, 0, 0, 1, 1),
      position: Int32Array.of(0, 1, 2, 0, 1),
      present: { audio: Uint8Array.of(1, 0, 1, 1, 0), visual: new Uint8Array(5) },
    });
  });

  it.each<[string, Partial<SplitOutputs>, RegExp]>([
    [
      'a label that is no class',
      { labels: Int32Array.of(3, -1) },
      /has 3 in the tensor "labels", which should be -1 to 2/,
    ],
    ['a dialogue that is not there', { dialogueOf: Int32Array.of(0, 9999) }, /has 9999 in the tensor "dialogue"/],
    [
      'logits that are no numbers',
      { logits: { fused: new Float32Array(6).fill(Number.NaN) } },
      /"logits\.fused" that is not finite/,
    ],
    ['no fused logits', { logits: {} }, /has no tensor "logits\.fused"/],
    ['classes that are no names', { classes: [1, 2, 3] as never }, /its metadata "classes"/],
  ])('with %s are refused', (_, part, sentence) => {
    writeOutputs(root, { ...whole, ...part });
    expect(() => readOutputs(root, 'valid')).toThrow(InputError);
    expect(() => readOutputs(root, 'valid')).toThrow(sentence);
  });
});
