import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { InputError } from '../base/errors.js';
import type { AnchorSpace } from './move.js';
import { meanRow, normaliseRows } from './rows.js';
import type { AnchorBank, AnchorSpaceName } from './types.js';

/** Part of the average variance that whitening adds to each direction's own: few faces say little of most directions. */
const SHRINKAGE = 0.1;

/**
 * The space of a bank: its mean face is the mean of the classes' normalised centres, each class counting once; whitening
 * is the inverse square root of the covariance of exemplars around their class's centre, shrunk towards its mean variance.
 * @returns undefined for "raw".
 * @throws InputError where whitening finds no exemplars to learn from.
 */
export function anchorSpaceOf(bank: AnchorBank, name: AnchorSpaceName): AnchorSpace | undefined {
  if (name === 'raw') return undefined;
  const { dim } = bank;
  const centres = Float32Array.from(bank.centres);
  normaliseRows(centres, dim, (c) => `the centre of "${bank.classes[c]}"`);
  const mean = meanRow(centres, dim);
  return name === 'centred' ? { mean } : { mean, whitening: whiteningOf(bank) };
}

/** [D, D] (Σ + λI)^-1/2, scaled so that the average direction keeps its length. */
function whiteningOf({ dim, exemplars, centres }: AnchorBank): Float32Array {
  const count = exemplars.reduce((sum, rows) => sum + rows.length / dim, 0);
  if (count < 2 * exemplars.length) {
    throw new InputError('Whitening needs at least two faces a class on average; this anchor file has fewer.');
  }
  const covariance = Matrix.zeros(dim, dim);
  exemplars.forEach((rows, c) => {
    const deviations = Matrix.from1DArray(
      rows.length / dim,
      dim,
      rows.map((value, i) => value - centres[c * dim + (i % dim)]),
    );
    covariance.add(deviations.transpose().mmul(deviations));
  });
  covariance.div(count);
  const average = covariance.trace() / dim;
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const roots = realEigenvalues.map((value) => Math.sqrt(average / (Math.max(0, value) + SHRINKAGE * average)));
  const scaled = eigenvectorMatrix.clone().mulRowVector(roots);
  return Float32Array.from(scaled.mmul(eigenvectorMatrix.transpose()).to1DArray());
}
