import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { readTorch, writeTorch } from '../../src/interchange/files.js';
import {
  encodeTorch,
  type NdArray,
  type PickleValue,
  parsePickle,
  parseTorch,
  type TorchValue,
} from '../../src/interchange/index.js';
import { fixtureOf, fixtures } from './fixtures.js';

const directory = mkdtempSync(join(tmpdir(), 'torch-'));
afterAll(() => rmSync(directory, { recursive: true }));

const read = (name: string) => parseTorch(fixtureOf('torch.json', name), `${name}.pt`) as Map<string, PickleValue>;
const numbers = (array: PickleValue | undefined) => Array.from((array as NdArray).data, Number);

describe('reading torch.save archives', () => {
  const tensors = read('tensors');

  it.each([
    ['float64', Float64Array],
    ['float32', Float32Array],
    ['float16', Float32Array],
    ['bfloat16', Float32Array],
    ['int64', BigInt64Array],
    ['int32', Int32Array],
    ['int16', Int16Array],
    ['int8', Int8Array],
    ['uint8', Uint8Array],
    ['bool', Uint8Array],
  ])('%s', (dtype, kind) => {
    const tensor = tensors.get(dtype) as NdArray;
    expect(tensor).toMatchObject({ shape: [2, 3], dtype });
    expect(tensor.data).toBeInstanceOf(kind);
    expect(numbers(tensor)).toEqual(dtype === 'bool' ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 100, 5]);
  });

  it.each<[string, number[], number[]]>([
    ['view', [2, 3], [4, 5, 6, 7, 8, 9]],
    ['transposed', [4, 3], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]],
    ['strided', [4], [1, 4, 7, 10]],
    ['expanded', [4], [2, 2, 2, 2]],
    ['scalar', [], [7.5]],
    ['empty', [0, 5], []],
    ['parameter', [2], [1, 2]],
  ])('%s tensors come out row-major', (name, shape, data) => {
    expect(tensors.get(name)).toMatchObject({ shape, dtype: 'float32' });
    expect(numbers(tensors.get(name))).toEqual(data);
  });

  it('element types without a storage class of their own', () => {
    expect(read('uint16').get('x')).toEqual({ shape: [2], dtype: 'uint16', data: Uint16Array.of(1, 65535) });
  });

  it('state dicts, anchors, other data', () => {
    expect(read('state dict')).toEqual(
      new Map([
        ['weight', { shape: [1, 2], dtype: 'float32', data: Float32Array.of(0.25, -0.5) }],
        ['bias', { shape: [1], dtype: 'float32', data: Float32Array.of(0) }],
      ]),
    );
    const anchors = read('anchors');
    expect(anchors.get('anchor_center')).toMatchObject({ shape: [3, 4] });
    const joy = (anchors.get('anchor_img_dict') as Map<string, Map<string, NdArray>>).get('joy')?.get('feature');
    expect(joy).toEqual({ shape: [2, 4], dtype: 'float32', data: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7) });
    expect(Object.fromEntries(read('other data'))).toEqual({
      epoch: 3,
      name: 'é',
      dtype: 'torch.float32',
      size: [2, 3],
      device: 'cpu',
    });
  });

  it('archives of big-endian machines', () => {
    expect(numbers(read('big-endian').get('x'))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('the anchor files of shared/data', () => {
    const path = new URL('../../../shared/data/meld/anchors_faceexpr256.pt', import.meta.url).pathname;
    const anchors = readTorch(path) as Map<string, PickleValue>;
    const centres = anchors.get('anchor_center') as NdArray;
    expect(centres.shape).toEqual([7, 256]);
    const classes = anchors.get('anchor_img_dict') as Map<string, Map<string, NdArray>>;
    expect(classes.size).toBe(7);
    for (const [row, exemplars] of [...classes.values()].entries()) {
      const feature = exemplars.get('feature') as NdArray;
      expect(feature.shape).toEqual([35, 256]);
      const first = feature.data as Float32Array;
      let mean = 0;
      for (let i = 0; i < 35; i++) mean += first[i * 256] / 35;
      expect(mean).toBeCloseTo(Number(centres.data[row * 256]), 5);
    }
  });

  it.each<[string, RegExp]>([
    ['compressed', /compressed/],
    ['old format', /before PyTorch 1\.6.*torch\.save\(torch\.load\(/],
    ['whole module', /"torch\.nn\.modules\.linear\.Linear"/],
  ])('refuses %s', (name, reason) => {
    expect(() => read(name)).toThrow(InputError);
    expect(() => read(name)).toThrow(reason);
  });

  it('refuses archives whose parts do not fit', () => {
    const parts = unzipSync(fixtureOf('torch.json', 'anchors'));
    const folder = Object.keys(parts)[0].split('/')[0];
    const change = (changes: Record<string, Uint8Array | undefined>) => {
      const kept = Object.entries({ ...parts, ...changes }).filter(([, content]) => content !== undefined);
      return zipSync(Object.fromEntries(kept) as Record<string, Uint8Array>, { level: 0 });
    };
    const refusal = (file: Uint8Array) => expect(() => parseTorch(file, 'x.pt'));
    refusal(change({ [`${folder}/data/0`]: undefined })).toThrow(/memory "0" of a tensor is missing/);
    refusal(change({ [`${folder}/data/0`]: new Uint8Array(4) })).toThrow(/has 4 bytes, not 48/);
    refusal(change({ [`${folder}/data.pkl`]: undefined })).toThrow(/without a data\.pkl/);
    refusal(new Uint8Array(0)).toThrow(/no archive of torch\.save/);
    refusal(new Uint8Array(Buffer.from('PK\x05\x06'))).toThrow(/cut short or damaged/);
    expect(parseTorch(change({}), 'x.pt')).toEqual(read('anchors'));
  });

  it('refuses a directory that names one part many times', () => {
    const bomb = zipSync({ 'a/data.pkl': new Uint8Array(1000) }, { level: 0 });
    const directoryAt = 30 + 10 + 1000;
    const entry = bomb.subarray(directoryAt, directoryAt + 46 + 10);
    const end = Buffer.from(bomb.subarray(directoryAt + entry.length));
    end.writeUInt16LE(3, 8);
    end.writeUInt16LE(3, 10);
    const file = Buffer.concat([bomb.subarray(0, directoryAt), entry, entry, entry, end]);
    expect(() => parseTorch(new Uint8Array(file), 'x.pt')).toThrow(/impossible size or comes twice/);
  });
});

describe('torch tensors in plain pickles', () => {
  it.each(fixtures('tensors.json'))('%s', (_, file) => {
    const value = parsePickle(file, 'x.pkl') as Map<string, PickleValue>;
    expect(value.get('plain')).toMatchObject({ shape: [2, 3], dtype: 'float32' });
    expect(numbers(value.get('plain'))).toEqual([0, 1, 2, 3, 100, 5]);
    expect(numbers(value.get('half'))).toEqual([0, 1, 2, 3, 100, 5]);
    expect(numbers(value.get('int64'))).toEqual([0, 1, 2, 3, 100, 5]);
    expect(value.get('transposed')).toMatchObject({ shape: [4, 3] });
    expect(numbers(value.get('transposed'))).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
    expect(value.get('scalar')).toEqual({ shape: [], dtype: 'float32', data: Float32Array.of(7.5) });
    expect(numbers(value.get('parameter'))).toEqual([1, 2]);
  });

  it('refuses the old format where a plain pickle is wanted', () => {
    expect(() => parsePickle(fixtureOf('torch.json', 'old format'), 'old.pkl')).toThrow(/^old\.pkl .*torch\.save\(/);
  });
});

describe('writing torch.save archives', () => {
  const value: Map<string, TorchValue> = new Map<string, TorchValue>([
    ['anchor_center', { shape: [2, 2], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4) }],
    [
      'nested',
      new Map<string | number, TorchValue>([
        [7, new Map([['feature', { shape: [], dtype: 'int64', data: BigInt64Array.of(-4n) }]])],
      ]),
    ],
    ['half', { shape: [1, 0], dtype: 'float16', data: new Float32Array(0) }],
    ['bfloat', { shape: [2], dtype: 'bfloat16', data: Float32Array.of(1, -0.5) }],
    ['flags', { shape: [2], dtype: 'bool', data: Uint8Array.of(1, 0) }],
    ['list', [null, true, false, 'één', '', [], new Map()]],
    ['numbers', [0, -1, 2 ** 31, -(2 ** 40), 1.5, -0, Number.NaN, 2 ** 60]],
  ]);

  it('gives back what it wrote, the same bytes each time', () => {
    const path = join(directory, 'all.pt');
    writeTorch(path, value);
    expect(readTorch(path)).toEqual(value);
    expect(encodeTorch(value)).toEqual(encodeTorch(value));
  });

  it('holds the parts and instructions that torch.load expects', () => {
    const tensor: NdArray = { shape: [2, 1], dtype: 'float32', data: Float32Array.of(1, 2) };
    const parts = unzipSync(encodeTorch(new Map([['w', tensor]])));
    expect(Object.keys(parts)).toEqual(['archive/data.pkl', 'archive/byteorder', 'archive/data/0', 'archive/version']);
    expect(new Float32Array(parts['archive/data/0'].slice().buffer)).toEqual(tensor.data);
    // torch 2.13 loaded these very bytes with weights_only=True.
    expect(Buffer.from(parts['archive/data.pkl']).toString('latin1')).toBe(
      '\x80\x02}(X\x01\0\0\0wctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n' +
        'X\x01\0\0\x000X\x03\0\0\0cpuJ\x02\0\0\0tQJ\0\0\0\0(J\x02\0\0\0J\x01\0\0\0t(J\x01\0\0\0J\x01\0\0\0t' +
        '\x89ccollections\nOrderedDict\n)RtRu.',
    );
  });

  it('refuses what torch cannot hold', () => {
    expect(() => encodeTorch({ shape: [1], dtype: 'uint16', data: Uint16Array.of(1) })).toThrow(TypeError);
    expect(() => encodeTorch({ shape: [2], dtype: 'float32', data: Float32Array.of(1) })).toThrow(TypeError);
  });
});
