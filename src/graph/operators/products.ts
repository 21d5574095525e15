import type { Dim, Tensor } from '../tensor.js';
import { add } from './arithmetic.js';
import { reduceSum, transpose } from './shape.js';

interface Transposes {
  /** Take the first or the second factor transposed (its last two dimensions swapped). */
  a?: boolean;
  b?: boolean;
}

/**
 * Matrix product over the last two dimensions; leading dimensions must be equal. `[…, M, K] · […, K, N] = […, M, N]`.
 * ∂a = dy·bᵀ, ∂b = aᵀ·dy (each with the transposes moved accordingly), times `factor`.
 */
export function matmul(a: Tensor, b: Tensor, transposed: Transposes = {}, factor = 1): Tensor {
  const { a: ta = false, b: tb = false } = transposed;
  const rank = a.shape.length;
  const rows = a.shape[ta ? rank - 1 : rank - 2];
  const columns = b.shape[tb ? rank - 2 : rank - 1];
  const [y] = a.graph.node(
    'FusedMatMul',
    [a, b],
    [[...a.shape.slice(0, -2), rows, columns]],
    { transA: ta ? 1 : 0, transB: tb ? 1 : 0, alpha: { float: factor } },
    { domain: 'com.microsoft' },
  );
  a.graph.record({
    outputs: [y],
    inputs: [a, b],
    backward: ([dy]) => [
      () => (ta ? matmul(b, dy, { a: tb, b: true }, factor) : matmul(dy, b, { b: !tb }, factor)),
      () => (tb ? matmul(dy, a, { a: true, b: ta }, factor) : matmul(a, dy, { a: !ta }, factor)),
    ],
  });
  return y;
}

function gemm(a: Tensor, b: Tensor, shape: Dim[], ta: boolean, tb: boolean, c?: Tensor): Tensor {
  return a.graph.node('Gemm', c ? [a, b, c] : [a, b], [shape], { transA: ta ? 1 : 0, transB: tb ? 1 : 0 })[0];
}

/**
 * A linear layer as PyTorch writes it: x·Wᵀ + bias.
 * @param x [N, in]; @param weight [out, in]; @param bias [out], or [N, out] added row by row.
 * @returns [N, out]. ∂x = dy·W, ∂W = dyᵀ·x, ∂bias = dy, summed over the rows where the bias is a vector.
 *
 * dyᵀ is laid out before its product: a product that has to transpose its first factor does so once for every few columns
 * of the result (onnxruntime's MLAS; see docs/performance.md).
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [rows, width] = x.shape;
  const out = weight.shape[0];
  const y = gemm(x, weight, [rows, out], false, true, bias);
  x.graph.record({
    outputs: [y],
    inputs: bias ? [x, weight, bias] : [x, weight],
    backward: ([dy]) => [
      () => gemm(dy, weight, [rows, width], false, false),
      () => gemm(transpose(dy), x, [out, width], false, false),
      () => ((bias as Tensor).shape.length === 1 ? reduceSum(dy, [0]) : dy),
    ],
  });
  return y;
}

/** The sum of tensors of one shape. */
export const sum = (terms: Tensor[]): Tensor => terms.reduce(add);
