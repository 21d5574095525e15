import type { NumericArray } from './ndarray.js';

/** Strides, in elements, of a row-major (or, reversed, column-major) array. */
export function contiguousStrides(shape: readonly number[], columnMajor = false): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = 0; i < shape.length; i++) {
    const axis = columnMajor ? i : shape.length - 1 - i;
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

/** Index one past the last element that a strided array touches, relative to its offset; 0 for an empty one. */
export function stridedExtent(shape: readonly number[], strides: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((last, size, axis) => last + (size - 1) * strides[axis], 0) + 1;
}

/**
 * The elements of a strided array in row-major order: a view on `data` where they lie that way already, else a copy.
 * The caller has checked that offset + extent lies within `data`.
 */
export function gather(
  data: NumericArray,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): NumericArray {
  const count = shape.reduce((product, size) => product * size, 1);
  const plain = contiguousStrides(shape);
  if (count === 0 || shape.every((size, axis) => size === 1 || strides[axis] === plain[axis]))
    return data.subarray(offset, offset + count);
  // Read and write through one type, whichever it is: elements are only moved, never computed with.
  const source = data as Float64Array;
  const result = new (data.constructor as Float64ArrayConstructor)(count);
  const index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let to = 0; to < count; to++) {
    result[to] = source[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}
