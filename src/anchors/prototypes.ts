import { InputError } from '../base/errors.js';
import { RANDOM_SITES, type RandomStream, randomStream } from '../base/random.js';
import { centresFor } from './bank.js';
import { meanRow, row } from './rows.js';
import type { AnchorBank } from './types.js';

/**
 * Several prototypes a class: the k-means centres of its exemplars, each the mean of a cluster, not normalised again.
 * With k = 1 they are the bank's centres, the published method.
 * @param order indices into `bank.classes`. @returns [C, k, D].
 * @throws InputError where a class has fewer exemplars than k.
 */
export function prototypesFor(bank: AnchorBank, order: readonly number[], k: number, seed: number): Float32Array {
  if (k === 1) return centresFor(bank, order);
  const { dim } = bank;
  const out = new Float32Array(order.length * k * dim);
  order.forEach((index, c) => {
    const rows = bank.exemplars[index];
    if (rows.length / dim < k) {
      throw new InputError(
        `${k} prototypes a class need at least ${k} exemplars of each, but "${bank.classes[index]}" has ${rows.length / dim}.`,
      );
    }
    out.set(kMeans(rows, dim, k, randomStream(seed, index, RANDOM_SITES.anchors + 3)), c * k * dim);
  });
  return out;
}

/**
 * What prediction compares with: the class centres, or the prototypes of each class. [C·k, D]
 * @param bank in the order of the model's classes.
 */
export function targetsOf(bank: AnchorBank, { prototypes, seed }: { prototypes: number; seed: number }): Float32Array {
  const order = bank.classes.map((_, c) => c);
  return prototypesFor(bank, order, prototypes, seed);
}

/** Lloyd's algorithm ends when no row changes its cluster; this many rounds are far more than it needs. */
const ROUNDS = 200;

/** k-means (Lloyd) from k-means++ starts (Arthur & Vassilvitskii, 2007). @param rows [n, D], n >= k. @returns [k, D]. */
export function kMeans(rows: Float32Array, dim: number, k: number, stream: RandomStream): Float32Array {
  const count = rows.length / dim;
  const centres = plusPlus(rows, dim, k, stream);
  const cluster = new Int32Array(count).fill(-1);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (let i = 0; i < count; i++) {
      const nearest = nearestCentre(row(rows, dim, i), centres, dim).index;
      if (nearest !== cluster[i]) moved = true;
      cluster[i] = nearest;
    }
    if (!moved) break;
    for (let j = 0; j < k; j++) {
      const members = Array.from(cluster.keys()).filter((i) => cluster[i] === j);
      // A cluster that lost all its rows keeps its centre.
      if (members.length === 0) continue;
      const gathered = new Float32Array(members.length * dim);
      for (const [at, i] of members.entries()) gathered.set(row(rows, dim, i), at * dim);
      centres.set(meanRow(gathered, dim), j * dim);
    }
  }
  return centres;
}

/** Starts far apart: each next one is a row drawn with a weight of its squared distance to the nearest start so far. */
function plusPlus(rows: Float32Array, dim: number, k: number, stream: RandomStream): Float32Array {
  const count = rows.length / dim;
  const centres = new Float32Array(k * dim);
  centres.set(row(rows, dim, stream.integer(count)));
  for (let j = 1; j < k; j++) {
    const known = centres.subarray(0, j * dim);
    const weights = Array.from({ length: count }, (_, i) => nearestCentre(row(rows, dim, i), known, dim).distance);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let left = stream.uniform() * total;
    let chosen = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    // All rows equal one of the starts: any will do.
    if (chosen < 0) chosen = stream.integer(count);
    centres.set(row(rows, dim, chosen), j * dim);
  }
  return centres;
}

function nearestCentre(point: Float32Array, centres: Float32Array, dim: number): { index: number; distance: number } {
  let best = { index: 0, distance: Number.POSITIVE_INFINITY };
  for (let j = 0; j < centres.length / dim; j++) {
    let distance = 0;
    for (let d = 0; d < dim; d++) distance += (point[d] - centres[j * dim + d]) ** 2;
    if (distance < best.distance) best = { index: j, distance };
  }
  return best;
}
