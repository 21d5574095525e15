import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnchors, writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { writeTorch } from '../../src/interchange/files.js';
import type { TorchValue } from '../../src/interchange/index.js';

const released = '../shared/data/meld/anchors_faceexpr256.pt';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'released-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('released anchors', () => {
  it('reads the classes in the order of their rows', () => {
    const bank = readAnchors(released);
    expect(bank.classes).toEqual(['neutral', 'surprise', 'fear', 'sad', 'happy', 'disgust', 'anger']);
    expect(bank.dim).toBe(256);
    expect(bank.exemplars.map((rows) => rows.length)).toEqual(Array(7).fill(35 * 256));
    expect(bank.encoder).toBeUndefined();
    const mean = Array.from({ length: 256 }, (_, d) => {
      let sum = 0;
      for (let i = 0; i < 35; i++) sum += bank.exemplars[3][i * 256 + d];
      return sum / 35;
    });
    for (const [d, value] of mean.entries()) expect(bank.centres[3 * 256 + d]).toBeCloseTo(value, 6);
  });

  it('converts to an anchor file and back without a change', () => {
    const bank = readAnchors(released);
    const ours = join(folder, 'meld.anchors.safetensors');
    writeAnchors(ours, bank);
    expect(readAnchors(ours)).toMatchObject({ classes: bank.classes, hash: bank.hash });
    const back = join(folder, 'meld.pt');
    writeAnchors(back, readAnchors(ours));
    expect(readAnchors(back)).toMatchObject({ classes: bank.classes, hash: bank.hash });
  });

  it('normalises exemplars that are not of unit length', () => {
    const path = join(folder, 'long.pt');
    const bank = syntheticAnchors(['joy', 'anger'], 4, 1);
    writeAnchors(path, { ...bank, exemplars: bank.exemplars.map((rows) => rows.map((x) => 3 * x)) });
    for (const [c, rows] of readAnchors(path).exemplars.entries()) {
      for (const [i, x] of rows.entries()) expect(x).toBeCloseTo(bank.exemplars[c][i], 6);
    }
  });

  const matrix = (rows: number, columns: number): TorchValue => ({
    shape: [rows, columns],
    dtype: 'float32',
    data: new Float32Array(rows * columns).fill(1),
  });
  const pictures = (columns: number): TorchValue =>
    new Map([['joy', new Map([['feature', matrix(2, columns)]])]] as [string, TorchValue][]);

  it.each<[string, TorchValue, RegExp]>([
    ['a list', [1, 2], /holds no dict/],
    ['no centres', new Map([['anchor_img_dict', pictures(4)]]), /"anchor_center" is missing/],
    ['no exemplars', new Map([['anchor_center', matrix(1, 4)]]), /"anchor_img_dict" is missing/],
    [
      'another count',
      new Map([
        ['anchor_center', matrix(2, 4)],
        ['anchor_img_dict', pictures(4)],
      ]),
      /2 centres but exemplars of 1 classes/,
    ],
    [
      'another width',
      new Map([
        ['anchor_center', matrix(1, 4)],
        ['anchor_img_dict', pictures(5)],
      ]),
      /"feature" of class "joy" is missing or no matrix of 4 columns/,
    ],
  ])('refuses %s', (name, value, sentence) => {
    const path = join(folder, `${name}.pt`);
    writeTorch(path, value);
    expect(() => readAnchors(path)).toThrow(sentence);
  });
});
