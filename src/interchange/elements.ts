import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from './halves.js';
import { DTYPES, type DType, type NdArray, type NumericArray } from './ndarray.js';

/**
 * The elements that a file's bytes stand for. Where the bytes are little-endian, aligned and of a kind that needs no
 * widening, the answer is a view on them; otherwise a copy. (Every machine that Node runs on is little-endian.)
 * @param bytes exactly count × size of an element; the caller has checked that.
 */
export function decodeElements(dtype: DType, bytes: Uint8Array, bigEndian = false): NumericArray {
  const size = DTYPES[dtype].bytes;
  const plain = bigEndian && size > 1 ? reversed(bytes, size) : bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  if (dtype === 'float16') return halfToFloat(typed(Uint16Array, plain, 2));
  if (dtype === 'bfloat16') return bfloatToFloat(typed(Uint16Array, plain, 2));
  return typed<NumericArray>(DTYPES[dtype].array, plain, size);
}

/** The little-endian bytes of a tensor as files hold them: a view on its memory, or a copy for 16-bit floats. */
export function encodeElements(tensor: NdArray): Uint8Array {
  const data =
    tensor.dtype === 'float16'
      ? floatToHalf(tensor.data as Float32Array)
      : tensor.dtype === 'bfloat16'
        ? floatToBfloat(tensor.data as Float32Array)
        : tensor.data;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function typed<T>(
  View: new (buffer: ArrayBufferLike, offset: number, length: number) => T,
  bytes: Uint8Array,
  size: number,
): T {
  return new View(bytes.buffer, bytes.byteOffset, bytes.length / size);
}

/** A copy with the bytes of each element in the opposite order. */
function reversed(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += size) {
    for (let i = 0; i < size; i++) out[at + i] = bytes[at + size - 1 - i];
  }
  return out;
}
