import { InputError } from '../base/errors.js';

/**
 * Divides every row by its L2 norm, in place.
 * @param rows [n, D]; @param describe names row i in an error sentence.
 * @throws InputError where a row is zero or not finite.
 */
export function normaliseRows(rows: Float32Array, dim: number, describe: (row: number) => string): void {
  for (let at = 0; at < rows.length; at += dim) {
    let squares = 0;
    for (let d = at; d < at + dim; d++) squares += rows[d] * rows[d];
    const norm = Math.sqrt(squares);
    if (!(norm > 0 && Number.isFinite(norm))) {
      throw new InputError(
        `The embedding of ${describe(at / dim)} is ${norm === 0 ? 'zero' : 'not a finite number'}, so it has no direction; leave that picture out.`,
      );
    }
    for (let d = at; d < at + dim; d++) rows[d] /= norm;
  }
}

/** Mean over rows, summed in double precision. @param rows [n, D], n >= 1. @returns [D]. */
export function meanRow(rows: Float32Array, dim: number): Float32Array {
  const sum = new Float64Array(dim);
  for (let at = 0; at < rows.length; at += dim) for (let d = 0; d < dim; d++) sum[d] += rows[at + d];
  const count = rows.length / dim;
  return Float32Array.from(sum, (value) => value / count);
}

/** Row i of [n, D]: a view, not a copy. */
export function row(rows: Float32Array, dim: number, i: number): Float32Array {
  return rows.subarray(i * dim, (i + 1) * dim);
}

/** Scalar product of two vectors, summed in double precision. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d];
  return sum;
}

/** Cosine of the angle between two vectors; 0 where one of them is zero. */
export function cosine(a: Float32Array, b: Float32Array): number {
  const norms = Math.sqrt(dot(a, a) * dot(b, b));
  return norms === 0 ? 0 : dot(a, b) / norms;
}

/** The bytes of a view, without a copy. */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
