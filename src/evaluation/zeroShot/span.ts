import type { AnchorBank } from '../../anchors/index.js';

/** A direction that is left of a centre when those before it are taken away counts only above this length. */
const LEAST = 0.05;

/**
 * Cosine to an unseen class's anchor, of which only what the seen classes' anchors span is used. Training moves
 * utterances along those directions alone; in the others they lie where the initial weights have put them.
 * @param anchored [N, D] of unit length; @param unseen index of the class in the bank.
 * @returns [N]; 0 throughout where the anchor lies in no direction that the others span, as one orthogonal to them does.
 */
export function cosinesInSpan(
  anchored: Float32Array,
  { centres, dim, classes }: AnchorBank,
  unseen: number,
): Float64Array {
  const basis: Float64Array[] = [];
  for (let c = 0; c < classes.length; c++) {
    if (c === unseen) continue;
    const rest = unit(Float64Array.from(centres.subarray(c * dim, (c + 1) * dim)));
    for (const q of basis) takeAway(rest, q);
    if (length(rest) > LEAST) basis.push(unit(rest));
  }
  const target = new Float64Array(dim);
  const anchor = unit(Float64Array.from(centres.subarray(unseen * dim, (unseen + 1) * dim)));
  for (const q of basis) {
    const share = dot(anchor, q);
    for (let d = 0; d < dim; d++) target[d] += share * q[d];
  }
  const out = new Float64Array(anchored.length / dim);
  if (length(target) <= LEAST) return out;
  unit(target);
  for (let n = 0; n < out.length; n++) out[n] = dot(anchored.subarray(n * dim, (n + 1) * dim), target);
  return out;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d];
  return sum;
}

const length = (a: Float64Array): number => Math.sqrt(dot(a, a));

function unit(a: Float64Array): Float64Array {
  const size = length(a) || 1;
  for (let d = 0; d < a.length; d++) a[d] /= size;
  return a;
}

function takeAway(a: Float64Array, q: Float64Array): void {
  const share = dot(a, q);
  for (let d = 0; d < a.length; d++) a[d] -= share * q[d];
}
