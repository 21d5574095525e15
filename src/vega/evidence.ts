import type { Modality } from '../base/modalities.js';
import type { Layout } from './feeds.js';
import type { Evidence } from './types.js';

/**
 * @param shares [N, M]; @param attention of a target modality [B, L, L], mean over its encoders and heads: what padded
 * queries hold means nothing.
 */
export function evidenceOf(
  { n, b, l, batch, starts }: Layout,
  modalities: readonly Modality[],
  shares: Float32Array,
  attention: (target: Modality) => Float32Array,
): Evidence {
  const count = modalities.length;
  const whole = new Float32Array(b * l * l);
  const weights = modalities.map(attention);
  batch.lengths.forEach((length, d) => {
    for (let q = 0; q < length; q++) {
      const row = (d * l + q) * l;
      const own = shares.subarray((starts[d] + q) * count, (starts[d] + q + 1) * count);
      mixAttention(
        whole.subarray(row, row + length),
        own,
        weights.map((all) => all.subarray(row, row + length)),
      );
    }
  });
  return { modalities: [...modalities], shares: shares.slice(0, n * count), attention: whole };
}

/**
 * What one utterance looked at: the targets' attention weights, each by its share, as parts of 1.
 * @param into [L] zeros; @param shares [M]; @param weights [L] a target modality.
 */
export function mixAttention(into: Float32Array, shares: Float32Array, weights: readonly Float32Array[]): void {
  weights.forEach((row, m) => {
    for (let k = 0; k < into.length; k++) into[k] += shares[m] * row[k];
  });
  // A source that a dialogue lacks was looked at by nobody: what remains is taken as the whole.
  const sum = into.reduce((a, v) => a + v, 0);
  if (sum > 0) for (let k = 0; k < into.length; k++) into[k] /= sum;
}
