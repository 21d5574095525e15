import { MODALITIES, modalitiesIn } from '../base/modalities.js';
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

/**
 * Takes modalities from whole dialogues of a training batch, in place, each with the given probability. An utterance that
 * would have none left keeps what it has.
 * @param batch features [N, dim] and presence [N] of its own, which may be written to.
 */
export function dropModalities(batch: Batch, probability: number, stream: RandomStream): void {
  if (probability === 0) return;
  const total = batch.lengths.reduce((sum, length) => sum + length, 0);
  const modalities = modalitiesIn(batch.features);
  const presence = Object.fromEntries(
    modalities.map((m) => [m, batch.presence?.[m] ?? new Uint8Array(total).fill(1)]),
  ) as Record<(typeof modalities)[number], Uint8Array>;
  let offset = 0;
  for (const length of batch.lengths) {
    const dropped = modalities.filter(() => stream.uniform() < probability);
    for (let n = offset; n < offset + length; n++) {
      if (modalities.every((m) => presence[m][n] === 0 || dropped.includes(m))) continue;
      for (const m of dropped) {
        if (presence[m][n] === 0) continue;
        presence[m][n] = 0;
        const rows = batch.features[m] as Float32Array;
        const dim = rows.length / total;
        rows.fill(0, n * dim, (n + 1) * dim);
      }
    }
    offset += length;
  }
  batch.presence = presence;
}

/**
 * Dropout on the features of a training batch, in place: every number is zeroed with the given probability, on its own
 * in each utterance, and what stays is scaled by 1/(1 − p), so that expectations are those of prediction.
 * @param batch features [N, dim] of its own, which may be written to.
 */
export function dropFeatures(batch: Batch, probability: number, stream: RandomStream): void {
  if (probability === 0) return;
  const kept = 1 / (1 - probability);
  for (const modality of MODALITIES) {
    const rows = batch.features[modality];
    for (let i = 0; i < (rows?.length ?? 0); i++)
      (rows as Float32Array)[i] *= stream.uniform() < probability ? 0 : kept;
  }
}
