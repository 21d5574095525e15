import { MODALITIES } from '../base/modalities.js';
import type { RandomStream } from '../base/random.js';
import type { Batch } from '../vega/types.js';

/**
 * Zeroes feature dimensions of a training batch, in place: for each dialogue and modality every dimension with the
 * given probability, the same ones in all utterances of the dialogue; what stays is not scaled up (as released).
 * @param batch features [N, dim] of its own, which may be written to.
 */
export function maskFeatures(batch: Batch, probability: number, stream: RandomStream): void {
  if (probability === 0) return;
  const total = batch.lengths.reduce((sum, length) => sum + length, 0);
  let offset = 0;
  for (const length of batch.lengths) {
    for (const modality of MODALITIES) {
      const rows = batch.features[modality];
      if (rows === undefined) continue;
      const dim = rows.length / total;
      for (let d = 0; d < dim; d++) {
        if (stream.uniform() >= probability) continue;
        for (let n = offset; n < offset + length; n++) rows[n * dim + d] = 0;
      }
    }
    offset += length;
  }
}
