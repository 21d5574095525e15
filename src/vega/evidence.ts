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
  for (const [m, modality] of modalities.entries()) {
    const weights = attention(modality);
    batch.lengths.forEach((length, d) => {
      for (let q = 0; q < length; q++) {
        const share = shares[(starts[d] + q) * count + m];
        const row = (d * l + q) * l;
        for (let k = 0; k < length; k++) whole[row + k] += share * weights[row + k];
      }
    });
  }
  // A source that a dialogue lacks was looked at by nobody: what remains is taken as the whole.
  for (let row = 0; row < whole.length; row += l) {
    const values = whole.subarray(row, row + l);
    const sum = values.reduce((a, v) => a + v, 0);
    if (sum > 0) for (let k = 0; k < l; k++) values[k] /= sum;
  }
  return { modalities: [...modalities], shares: shares.slice(0, n * count), attention: whole };
}
