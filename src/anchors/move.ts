import { bankHash } from './bank.js';
import { meanRow, normaliseRows, row } from './rows.js';
import type { AnchorBank } from './types.js';

/** An affine map of embeddings: x ↦ W (x - mean). */
export interface AnchorSpace {
  /** [D] */
  mean: Float32Array;
  /** [D, D] row-major; undefined leaves the axes as they are. */
  whitening?: Float32Array;
}

/** A bank in another space: exemplars are moved and normalised again, a class's centre is their mean. */
export function moveBank(bank: AnchorBank, space: AnchorSpace | undefined): AnchorBank {
  if (space === undefined) return bank;
  const { dim, classes } = bank;
  const centres = moveRows(bank.centres, dim, space);
  const exemplars = bank.exemplars.map((rows, c) => {
    const moved = moveRows(rows, dim, space);
    normaliseRows(moved, dim, (i) => `exemplar ${i} of "${classes[c]}", with the mean face subtracted,`);
    if (moved.length > 0) centres.set(meanRow(moved, dim), c * dim);
    return moved;
  });
  return { ...bank, centres, exemplars, hash: bankHash(classes, dim, centres, exemplars) };
}

function moveRows(rows: Float32Array, dim: number, { mean, whitening }: AnchorSpace): Float32Array {
  const centred = rows.map((value, i) => value - mean[i % dim]);
  if (whitening === undefined) return centred;
  const out = new Float32Array(rows.length);
  for (let r = 0; r < rows.length / dim; r++) {
    const x = row(centred, dim, r);
    for (let i = 0; i < dim; i++) {
      let sum = 0;
      for (let j = 0; j < dim; j++) sum += whitening[i * dim + j] * x[j];
      out[r * dim + i] = sum;
    }
  }
  return out;
}
