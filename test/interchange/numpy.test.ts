import { describe, expect, it } from 'vitest';
import { type DType, isNdArray, type NdArray, type PickleValue, parsePickle } from '../../src/interchange/index.js';
import { fixtureOf, fixtures } from './fixtures.js';

const DTYPE_OF_CODE: Record<string, DType> = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
};
const numbers = (array: PickleValue | undefined) => Array.from((array as NdArray).data, Number);

describe.each(fixtures('numpy.json'))('numpy, %s', (_, file) => {
  const value = parsePickle(file, 'x.pkl') as Map<string, PickleValue>;

  it.each(Object.entries(DTYPE_OF_CODE))('%s in both byte orders, and as a scalar', (code, dtype) => {
    const expected = code === 'b1' ? [0, 1, 1, 1, 1, 1] : [0, 1, 2, 3, 100, 5];
    for (const order of '<>') {
      expect(value.get(order + code)).toMatchObject({ shape: [2, 3], dtype });
      expect(numbers(value.get(order + code))).toEqual(expected);
    }
    expect(value.get(`scalar ${code}`)).toBe(code === 'b1' ? true : 3);
  });

  it('scalars beyond plain numbers', () => {
    expect(value.get('big int')).toBe(2n ** 60n);
    expect(value.get('big-endian scalar')).toBe(2.5);
    expect(value.get('text scalar')).toBe('né');
  });

  it('brings any layout to row-major', () => {
    const grid = Array.from({ length: 24 }, (_, i) => i);
    expect(value.get('fortran')).toMatchObject({ shape: [2, 3, 4] });
    expect(numbers(value.get('fortran'))).toEqual(grid);
    expect(value.get('permuted')).toMatchObject({ shape: [4, 2, 3] });
    expect(numbers(value.get('permuted'))).toEqual(grid.map((_, i) => Math.floor(i / 6) + (i % 6) * 4));
    expect(value.get('sliced')).toMatchObject({ shape: [2, 2, 2] });
    expect(numbers(value.get('sliced'))).toEqual([1, 2, 9, 10, 13, 14, 21, 22]);
    expect(value.get('0-d')).toEqual({ shape: [], dtype: 'float64', data: Float64Array.of(7.5) });
    expect(value.get('empty')).toEqual({ shape: [0, 5], dtype: 'float32', data: new Float32Array(0) });
  });

  it('text and objects come out as nested arrays', () => {
    expect(value.get('text')).toEqual([
      ['M', 'Fé'],
      ['😀', ''],
    ]);
    expect(value.get('big-endian text')).toEqual(['ab', 'c']);
    expect(value.get('fortran text')).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(value.get('byte strings')).toEqual(['M', '\xe9F']);
    expect(value.get('objects')).toEqual([1, 'two', null, [3.5]]);
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expect(value.get('object grid')).toEqual(rows);
    expect(value.get('fortran object grid')).toEqual(rows);
    expect(value.get('0-d object')).toEqual(new Map([['a', 1]]));
    const ragged = value.get('ragged') as NdArray[];
    expect(ragged.every(isNdArray)).toBe(true);
    expect(ragged.map(({ shape }) => shape)).toEqual([[2], [1, 3]]);
    expect(value.get('ragged again')).toBe(ragged);
  });
});

describe('numpy', () => {
  it('reads the module names of numpy 1 like those of numpy 2', () => {
    const file = fixtureOf('numpy.json', 'protocol 2');
    const older = Buffer.from(Buffer.from(file).toString('latin1').replaceAll('numpy._core', 'numpy.core'), 'latin1');
    expect(older.length).toBeLessThan(file.length);
    expect(parsePickle(new Uint8Array(older), 'x.pkl')).toEqual(parsePickle(file, 'x.pkl'));
  });

  it('shares the memory of the file where an array is aligned', () => {
    const file = fixtureOf('numpy.json', 'protocol 4');
    const views = [0, 1, 2, 3, 4, 5, 6, 7].some((shift) => {
      const moved = new Uint8Array(file.length + 8);
      moved.set(file, shift);
      const value = parsePickle(moved.subarray(shift, shift + file.length), 'x.pkl') as Map<string, NdArray>;
      return value.get('<f8')?.data.buffer === moved.buffer;
    });
    expect(views).toBe(true);
  });
});
