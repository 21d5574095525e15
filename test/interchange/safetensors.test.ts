import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import type { FileRange } from '../../src/base/range.js';
import { locateSafetensors, readSafetensors, writeSafetensors } from '../../src/interchange/files.js';
import { asFloat32, encodeSafetensors, type NdArray, parseSafetensors } from '../../src/interchange/index.js';
import { fixture } from './fixtures.js';

const directory = mkdtempSync(join(tmpdir(), 'safetensors-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A file with the given header text and body. */
function file(header: string, body = new Uint8Array(0), length = BigInt(Buffer.byteLength(header))): Uint8Array {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length);
  return Buffer.concat([size, Buffer.from(header), body]);
}

const everyType: [string, NdArray][] = [
  ['f64', { shape: [2], dtype: 'float64', data: Float64Array.of(Math.PI, -0) }],
  ['f32', { shape: [2, 1], dtype: 'float32', data: Float32Array.of(0.1, Number.NaN) }],
  ['f16', { shape: [3], dtype: 'float16', data: Float32Array.of(0.5, -65504, 2 ** -24) }],
  ['bf16', { shape: [2], dtype: 'bfloat16', data: Float32Array.of(1.5, -(2 ** 100)) }],
  ['i64', { shape: [2], dtype: 'int64', data: BigInt64Array.of(-1n, 2n ** 62n) }],
  ['i32', { shape: [1], dtype: 'int32', data: Int32Array.of(-7) }],
  ['i16', { shape: [1], dtype: 'int16', data: Int16Array.of(-300) }],
  ['i8', { shape: [1], dtype: 'int8', data: Int8Array.of(-3) }],
  ['u64', { shape: [1], dtype: 'uint64', data: BigUint64Array.of(2n ** 64n - 1n) }],
  ['u32', { shape: [1], dtype: 'uint32', data: Uint32Array.of(4_000_000_000) }],
  ['u16', { shape: [1], dtype: 'uint16', data: Uint16Array.of(65535) }],
  ['u8', { shape: [3], dtype: 'uint8', data: Uint8Array.of(1, 2, 3) }],
  ['flags', { shape: [2], dtype: 'bool', data: Uint8Array.of(1, 0) }],
  ['scalar', { shape: [], dtype: 'float32', data: Float32Array.of(8) }],
  ['empty', { shape: [0, 4], dtype: 'float32', data: new Float32Array(0) }],
  ['7', { shape: [1], dtype: 'float64', data: Float64Array.of(7) }],
];

describe('safetensors', () => {
  it('gives back every element type, shape and metadata that it wrote', () => {
    const path = join(directory, 'all.safetensors');
    writeSafetensors(path, new Map(everyType), { b: 'two "quoted"', a: 'één' });
    const read = readSafetensors(path);
    expect(read.metadata).toEqual({ a: 'één', b: 'two "quoted"' });
    expect(new Map([...read.tensors].sort())).toEqual(new Map([...everyType].sort()));
    expect(readdirSync(directory)).toEqual(['all.safetensors']);
  });

  it('writes the same bytes whatever the order of its input', () => {
    const forward = encodeSafetensors(new Map(everyType), { a: '1', b: '2' });
    const backward = encodeSafetensors(new Map([...everyType].reverse()), { b: '2', a: '1' });
    expect(forward).toEqual(backward);
    expect(new DataView(forward.buffer, forward.byteOffset).getUint32(0, true) % 8).toBe(0);
  });

  it('reads what the Python library wrote, and would write the same tensors', () => {
    const { tensors, metadata } = parseSafetensors(fixture('python.safetensors'), 'python.safetensors');
    expect(metadata).toEqual({ made_by: 'python' });
    expect(tensors.get('float32')).toEqual({
      shape: [2, 3],
      dtype: 'float32',
      data: Float32Array.of(0, 1, 2, 3, 4, 5),
    });
    expect(tensors.get('float16')?.data).toEqual(Float32Array.of(1, -2.5, Number.POSITIVE_INFINITY));
    expect(tensors.get('bfloat16')?.data).toEqual(Float32Array.of(1, -2.5, 3.140625));
    expect(tensors.get('int64')?.data).toEqual(BigInt64Array.of(-5n, 9007199254740993n));
    expect(tensors.get('bool')?.data).toEqual(Uint8Array.of(1, 0, 1));
    expect(parseSafetensors(encodeSafetensors(tensors, metadata), 'again').tensors).toEqual(tensors);
  });

  it('shares the memory of aligned tensors', () => {
    const bytes = new Uint8Array(encodeSafetensors(new Map(everyType)));
    expect(parseSafetensors(bytes, 'x').tensors.get('f32')?.data.buffer).toBe(bytes.buffer);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(parseSafetensors(shifted.subarray(1), 'x').tensors).toEqual(parseSafetensors(bytes, 'x').tensors);
  });

  it('gives any tensor as 32-bit floats', () => {
    const asked = new Map(everyType);
    expect(asFloat32(asked.get('i64') as NdArray)).toEqual(Float32Array.of(-1, 2 ** 62));
    expect(asFloat32(asked.get('f64') as NdArray)[0]).toBe(Math.fround(Math.PI));
    expect(asFloat32(asked.get('f32') as NdArray)).toBe(asked.get('f32')?.data);
  });

  const eight = new Uint8Array(8);
  const entry = (shape: string, offsets: string, dtype = 'F32') =>
    `{"a":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}}`;
  it.each<[string, Uint8Array, RegExp]>([
    ['no header length', new Uint8Array(3), /too few/],
    ['a header beyond the file', file('{}', eight, 4096n), /declares a header of 4096 bytes/],
    ['a header beyond any file', file('{}', eight, 2n ** 64n - 1n), /declares a header of/],
    ['no JSON', file('{"a'), /not JSON/],
    ['bytes that are no UTF-8', file('', Uint8Array.of(0x22, 0xff, 0x22), 3n), /not JSON/],
    [
      'a tensor named twice',
      file(
        '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
        eight,
      ),
      /names "a" twice/,
    ],
    [
      'a header of far more tensors than models have',
      file(`{"a":"${' '.repeat(2 ** 24)}"}`),
      /at most 16777216 are read/,
    ],
    ['a page', new TextEncoder().encode('<!doctype html><html></html>'), /it is a page of HTML/],
    ['a list for a header', file('[]'), /not a JSON object/],
    ['metadata of numbers', file('{"__metadata__":{"a":1}}'), /__metadata__/],
    ['an unknown element type', file(entry('[2]', '[0,8]', 'F8_E4M3'), eight), /"a" has the element type "F8_E4M3"/],
    ['an inherited name as element type', file(entry('[2]', '[0,8]', 'constructor'), eight), /"constructor"/],
    ['a negative size', file(entry('[-2,-1]', '[0,8]'), eight), /"a" has no proper shape/],
    ['a size that is no integer', file(entry('[1e400]', '[0,8]'), eight), /"a" has no proper shape/],
    ['a product beyond all numbers', file(entry(`[${Array(40).fill(2 ** 50)},0]`, '[0,8]'), eight), /NaN bytes/],
    ['a shape unlike the bytes', file(entry('[3]', '[0,8]'), eight), /12 bytes, but occupies 8/],
    ['offsets backwards', file(entry('[0]', '[8,0]'), eight), /data_offsets/],
    ['data cut short', file(entry('[4]', '[0,16]'), eight), /cut short/],
    ['data left over', file(entry('[1]', '[0,4]'), eight), /last 4 bytes/],
    ['a hole', file(entry('[1]', '[4,8]'), eight), /bytes 0 to 4 belong to no tensor/],
    [
      'an overlap',
      file(
        '{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}',
        eight,
      ),
      /"b" begins at byte 4, inside the tensor before it/,
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseSafetensors(bytes, 'x.safetensors')).toThrow(InputError);
    expect(() => parseSafetensors(bytes, 'x.safetensors')).toThrow(message);
    expect(() => parseSafetensors(bytes, 'x.safetensors')).toThrow(/^x\.safetensors is not a sound/);
  });

  it('refuses a file cut at any byte', () => {
    const bytes = encodeSafetensors(new Map(everyType));
    for (let length = 0; length < bytes.length; length++)
      expect(() => parseSafetensors(bytes.subarray(0, length), 'x')).toThrow(InputError);
  });

  it('says what is wrong with a path', () => {
    expect(() => readSafetensors(join(directory, 'none'))).toThrow(/none: there is no such file/);
    expect(() => readSafetensors(directory)).toThrow(InputError);
    writeFileSync(join(directory, 'empty'), '');
    expect(() => readSafetensors(join(directory, 'empty'))).toThrow(InputError);
    expect(readFileSync(join(directory, 'all.safetensors')).length).toBeGreaterThan(0);
  });
});

describe('locateSafetensors', () => {
  it('tells where tensors lie, and reads only those that are asked for', () => {
    const path = join(directory, 'located.safetensors');
    const tensors = new Map<string, NdArray>([
      ['a', { shape: [2, 2], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4) }],
      ['b', { shape: [3], dtype: 'float16', data: Float32Array.of(0.5, -1, 2) }],
    ]);
    writeSafetensors(path, tensors, { format: 'pt' });
    const located = locateSafetensors(path);
    expect(located.metadata).toEqual({ format: 'pt' });
    const a = located.tensors.get('a');
    expect(a?.shape).toEqual([2, 2]);
    expect([...(a?.read() ?? [])]).toEqual([1, 2, 3, 4]);
    const range: FileRange | undefined = a?.range;
    const { offset = 0, length = 0 } = range ?? {};
    const bytes = readFileSync(path);
    expect([...new Float32Array(Uint8Array.from(bytes.subarray(offset, offset + 4 * length)).buffer)]).toEqual([
      1, 2, 3, 4,
    ]);
    expect(located.tensors.get('b')?.range).toBeUndefined();
    expect([...(located.tensors.get('b')?.read() ?? [])]).toEqual([0.5, -1, 2]);
    writeFileSync(path, bytes.subarray(0, bytes.length - 2));
    expect(() => locateSafetensors(path)).toThrow('cut short');
    writeFileSync(path, bytes.subarray(0, 5));
    expect(() => locateSafetensors(path)).toThrow('too few');
  });
});
