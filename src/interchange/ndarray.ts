/** Bytes an element takes in a file, and the array that holds it in memory (16-bit floats are widened to 32 bits). */
export const DTYPES = {
  float64: { bytes: 8, array: Float64Array },
  float32: { bytes: 4, array: Float32Array },
  float16: { bytes: 2, array: Float32Array },
  bfloat16: { bytes: 2, array: Float32Array },
  int64: { bytes: 8, array: BigInt64Array },
  int32: { bytes: 4, array: Int32Array },
  int16: { bytes: 2, array: Int16Array },
  int8: { bytes: 1, array: Int8Array },
  uint64: { bytes: 8, array: BigUint64Array },
  uint32: { bytes: 4, array: Uint32Array },
  uint16: { bytes: 2, array: Uint16Array },
  uint8: { bytes: 1, array: Uint8Array },
  bool: { bytes: 1, array: Uint8Array },
} as const;

/** Element type of an array as numpy and torch name it. */
export type DType = keyof typeof DTYPES;

/** The memory behind an array: one element an entry, `bool` as 0 and 1. */
export type NumericArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** A dense array of numbers, row-major and contiguous. A scalar has shape []. */
export interface NdArray {
  shape: number[];
  dtype: DType;
  /** As many elements as the product of `shape`; of the class that DTYPES gives for `dtype`. */
  data: NumericArray;
}

/** Tells an array from everything else that a file may hold. */
export function isNdArray(value: unknown): value is NdArray {
  return typeof value === 'object' && value !== null && 'shape' in value && 'dtype' in value && 'data' in value;
}

/** Product of a shape: 1 for a scalar; Infinity-safe, but not rounded back when it passes 2^53. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Elements as 32-bit floats; the tensor's own memory, not a copy, where it is of that kind already. */
export function asFloat32(tensor: NdArray): Float32Array {
  const { data } = tensor;
  if (data instanceof Float32Array) return data;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Float32Array.from(data, Number);
  return Float32Array.from(data);
}
