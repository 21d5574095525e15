import type { RandomStream } from '../base/random.js';
import { centresFor } from './bank.js';
import { dot, row } from './rows.js';
import type { AnchorBank } from './types.js';

/**
 * Stochastic anchors as published: one draw a batch. With probability r every class is represented by one random
 * exemplar of its own, otherwise by its centre. A class without exemplars always keeps its centre.
 * @param order indices into `bank.classes`; @param stream keyed by the training step, so that a resumed run draws the
 * same; @param exemplars how many exemplars of a class are averaged; 1 is the published method.
 * @returns [C, D].
 */
export function sampleAnchors(
  bank: AnchorBank,
  order: readonly number[],
  r: number,
  stream: RandomStream,
  exemplars = 1,
): Float32Array {
  // The coin is tossed for every r, so that runs that differ in r alone see the same exemplars.
  const drawn = stream.uniform() < r;
  if (!drawn) return centresFor(bank, order);
  const out = new Float32Array(order.length * bank.dim);
  order.forEach((index, c) => {
    drawClass(bank, index, exemplars, stream, row(out, bank.dim, c));
  });
  return out;
}

/**
 * For every dialogue (or every utterance) of a batch its own draw, each as `sampleAnchors` makes it.
 * @param count number of dialogues or utterances B. @returns [B, C, D].
 */
export function sampleAnchorsEach(
  bank: AnchorBank,
  order: readonly number[],
  count: number,
  r: number,
  stream: RandomStream,
  exemplars = 1,
): Float32Array {
  const size = order.length * bank.dim;
  const out = new Float32Array(count * size);
  for (let b = 0; b < count; b++) out.set(sampleAnchors(bank, order, r, stream, exemplars), b * size);
  return out;
}

/**
 * Stochastic anchors for several prototypes a class: with probability r the k prototypes of every class are k of its
 * exemplars, else those given. A class with fewer exemplars repeats them.
 * @param prototypes [C, k, D] of `prototypesFor`, in the same order. @returns [C, k, D].
 */
export function samplePrototypes(
  bank: AnchorBank,
  order: readonly number[],
  prototypes: Float32Array,
  r: number,
  stream: RandomStream,
): Float32Array {
  if (stream.uniform() >= r) return prototypes;
  const k = prototypes.length / (order.length * bank.dim);
  const out = Float32Array.from(prototypes);
  order.forEach((index, c) => {
    const rows = bank.exemplars[index];
    const available = rows.length / bank.dim;
    if (available === 0) return;
    const chosen = distinct(Math.min(k, available), available, stream);
    for (let j = 0; j < k; j++) out.set(row(rows, bank.dim, chosen[j % chosen.length]), (c * k + j) * bank.dim);
  });
  return out;
}

/** Writes the average of `count` different exemplars of a class (of all, where it has fewer) into `out` [D]. */
function drawClass(bank: AnchorBank, index: number, count: number, stream: RandomStream, out: Float32Array): void {
  const rows = bank.exemplars[index];
  const available = rows.length / bank.dim;
  if (available === 0) {
    out.set(row(bank.centres, bank.dim, index));
    return;
  }
  if (count === 1) {
    out.set(row(rows, bank.dim, stream.integer(available)));
    return;
  }
  const chosen = distinct(Math.min(count, available), available, stream);
  for (const i of chosen) {
    const exemplar = row(rows, bank.dim, i);
    for (let d = 0; d < bank.dim; d++) out[d] += exemplar[d] / chosen.length;
  }
  // Opposite exemplars could cancel out, and an anchor of length zero has no direction.
  if (dot(out, out) === 0) out.set(row(bank.centres, bank.dim, index));
}

/** `count` different integers below n (Floyd's algorithm): `count` draws, whatever n is. */
function distinct(count: number, n: number, stream: RandomStream): number[] {
  const chosen = new Set<number>();
  for (let top = n - count; top < n; top++) {
    const candidate = stream.integer(top + 1);
    chosen.add(chosen.has(candidate) ? top : candidate);
  }
  return [...chosen];
}
