import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnchors, writeAnchors } from '../../src/anchors/files.js';
import { type AnchorBank, bankHash, buildBank, syntheticAnchors } from '../../src/anchors/index.js';
import { InputError } from '../../src/base/errors.js';
import { writeSafetensors } from '../../src/interchange/files.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'anchors-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const full: AnchorBank = buildBank(
  [
    {
      name: 'joy',
      embeddings: Float32Array.of(1, 2, 3, 4),
      sources: [
        { name: 'joy/a.jpg', hash: 'aa' },
        { name: 'joy/ü.jpg', hash: 'bb' },
      ],
      thumbnails: [Uint8Array.of(255, 216, 1), undefined],
    },
    { name: 'anger', embeddings: Float32Array.of(1, -1), sources: [{ name: 'anger/c.jpg', hash: 'cc' }] },
  ],
  2,
  'face-expression',
);

describe('anchor file', () => {
  it('returns everything that was written', () => {
    const path = join(folder, 'full.anchors.safetensors');
    writeAnchors(path, full);
    const read = readAnchors(path);
    expect({ ...read, thumbnails: undefined }).toEqual({ ...full, thumbnails: undefined });
    expect(read.thumbnails?.map((pictures) => pictures.map((p) => p && [...p]))).toEqual([
      [[255, 216, 1], undefined],
      [],
    ]);
  });

  it('returns a bank without encoder, sources and thumbnails', () => {
    const path = join(folder, 'bare.anchors.safetensors');
    const { encoder: _, ...bare } = syntheticAnchors(['joy', 'anger'], 8, 1);
    writeAnchors(path, bare);
    expect(readAnchors(path)).toEqual(bare);
  });

  it('refuses a file that was changed after it was written', () => {
    const path = join(folder, 'changed.anchors.safetensors');
    writeAnchors(path, full);
    const bytes = readFileSync(path);
    const headerLength = Number(bytes.readBigUInt64LE());
    bytes.writeFloatLE(0.25, 8 + headerLength);
    writeFileSync(path, bytes);
    expect(() => readAnchors(path)).toThrow(/does not agree with the hash/);
  });

  it('refuses other safetensors files and missing ones', () => {
    const path = join(folder, 'other.safetensors');
    writeSafetensors(path, new Map([['x', { shape: [1], dtype: 'float32', data: Float32Array.of(1) }]]));
    expect(() => readAnchors(path)).toThrow(/other\.safetensors is no sound anchor file.*anchors build/);
    expect(() => readAnchors(join(folder, 'none.safetensors'))).toThrow(/no such file/);
  });

  it('names what is wrong with damaged metadata', () => {
    const path = join(folder, 'damaged.anchors.safetensors');
    const write = (metadata: Record<string, string>) =>
      writeSafetensors(path, new Map([['centres', { shape: [1, 2], dtype: 'float32', data: Float32Array.of(1, 2) }]]), {
        format: 'vega-merc-anchors',
        version: '1',
        ...metadata,
      });
    write({ classes: '["joy"' });
    expect(() => readAnchors(path)).toThrow(/field "classes"/);
    write({ classes: '["joy","anger"]' });
    expect(() => readAnchors(path)).toThrow(/"centres" with one row for each of its 2 classes/);
    write({ version: '9' });
    expect(() => readAnchors(path)).toThrow(/version 9/);
  });

  it.each<[string, (centres: Float32Array, exemplars: Float32Array) => void, RegExp]>([
    ['NaN centres', (c) => c.fill(Number.NaN, 0, 2), /the centre of "joy" holds a number that is not finite/],
    ['zero centres', (c) => c.fill(0), /the centre of "joy" is zero, which has no direction/],
    [
      'centres of 1e38',
      (c) => c.fill(1e38),
      /the centre of "joy" has the length 1\.41e\+38, where embeddings have about 1/,
    ],
    ['an infinite exemplar', (_, e) => e.fill(Number.POSITIVE_INFINITY, 2), /exemplar 1 of "joy" holds a number/],
  ])('refuses %s, which would train without any effect', (_, change, sentence) => {
    const path = join(folder, 'numbers.anchors.safetensors');
    const centres = full.centres.slice();
    const exemplars = full.exemplars.map((rows) => rows.slice());
    change(centres, exemplars[0]);
    writeAnchors(path, { ...full, centres, exemplars, hash: bankHash(full.classes, full.dim, centres, exemplars) });
    expect(() => readAnchors(path)).toThrow(InputError);
    expect(() => readAnchors(path)).toThrow(sentence);
  });

  it('says what a file is that holds no anchors', () => {
    const path = join(folder, 'faces.html');
    writeFileSync(path, '<!doctype html><title>faces</title>');
    expect(() => readAnchors(path)).toThrow(/faces\.html is no anchor file but a page of HTML/);
  });
});
