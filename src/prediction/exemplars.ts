import type { AnchorBank } from '../anchors/types.js';

/** Exemplars that are kept for each utterance as an explanation. */
const NEAREST = 3;

/** The exemplars nearest to each of N utterances, nearest first. */
export interface NearestExemplars {
  /** [N, k, 2] class in the order of the bank's, and place among the class's exemplars. */
  exemplars: Int32Array;
  /** [N, k] */
  cosines: Float32Array;
  /** k */
  each: number;
}

/**
 * @param anchored [N, D] of unit length; @param bank in the order of the model's classes.
 * @returns undefined where the bank has no exemplars.
 */
export function nearestExemplars(anchored: Float32Array, bank: AnchorBank): NearestExemplars | undefined {
  const { dim } = bank;
  const all = bank.exemplars.flatMap((rows, c) =>
    Array.from({ length: rows.length / dim }, (_, e) => ({ c, e, rows })),
  );
  if (all.length === 0) return undefined;
  const k = Math.min(NEAREST, all.length);
  const count = anchored.length / dim;
  const exemplars = new Int32Array(count * k * 2);
  const cosines = new Float32Array(count * k);
  for (let n = 0; n < count; n++) {
    const z = anchored.subarray(n * dim, (n + 1) * dim);
    const ranked = all.map(({ c, e, rows }) => {
      let cosine = 0;
      for (let d = 0; d < dim; d++) cosine += z[d] * rows[e * dim + d];
      return { c, e, cosine };
    });
    ranked.sort((a, b) => b.cosine - a.cosine);
    ranked.slice(0, k).forEach(({ c, e, cosine }, i) => {
      exemplars.set([c, e], (n * k + i) * 2);
      cosines[n * k + i] = cosine;
    });
  }
  return { exemplars, cosines, each: k };
}
