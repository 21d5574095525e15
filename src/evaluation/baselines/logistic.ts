import { type Minimum, minimise, type Objective } from './lbfgs.js';

/** What a linear classifier is given: every utterance's features, one row each. */
export interface Table {
  /** [N, D] row-major. */
  rows: Float32Array;
  width: number;
}

/** Of the largest entry of the gradient, as scikit-learn has it: the loss is a mean over utterances. */
const TOLERANCE = 1e-4;

/** Rows that are computed together, so that each weight is read once for all of them. */
const BLOCK = 4;

/**
 * Fits multinomial logistic regression: minimises
 * Σ w[y_n] · −log p_n[y_n] / Σ w[y_n] + l2 / 2 · ‖W‖², the biases left free. scikit-learn's C is 1 / (l2 · Σ w[y_n]).
 * @param labels [N], -1 skipped; @param classWeights [C]; @param start parameters to begin with, such as those of
 * another strength. @returns parameters [C, D + 1]: the weights of a class, then its bias.
 */
export function fitLogistic(
  table: Table,
  labels: Int32Array,
  classWeights: ArrayLike<number>,
  l2: number,
  start?: Float64Array,
): Minimum {
  const size = classWeights.length * (table.width + 1);
  return minimise(logisticLoss(table, labels, classWeights, l2), start ?? new Float64Array(size), TOLERANCE);
}

/** The function that `fitLogistic` minimises, over parameters [C, D + 1]. */
export function logisticLoss(table: Table, labels: Int32Array, classWeights: ArrayLike<number>, l2: number): Objective {
  const { width } = table;
  const classes = classWeights.length;
  const stride = width + 1;
  const rows = inBlocks(table);
  const total = labels.reduce((sum, label) => sum + (label < 0 ? 0 : classWeights[label]), 0);
  const scores = new Float64Array(BLOCK * classes);
  return (parameters, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let n = 0; n < labels.length; n += BLOCK) {
      blockScores(rows, n * width, width, parameters, scores);
      for (let r = 0; r < BLOCK; r++) {
        const label = n + r < labels.length ? labels[n + r] : -1;
        const row = scores.subarray(r * classes, (r + 1) * classes);
        const weight = label < 0 ? 0 : classWeights[label] / total;
        const logSum = logSumExp(row);
        if (label >= 0) loss += weight * (logSum - row[label]);
        for (let c = 0; c < classes; c++) {
          row[c] = weight * (Math.exp(row[c] - logSum) - (c === label ? 1 : 0)); // from here on the error
          gradient[c * stride + width] += row[c];
        }
      }
      addBlock(gradient, rows, n * width, width, scores);
    }
    let squares = 0;
    for (let c = 0; c < classes; c++) {
      for (let at = c * stride; at < c * stride + width; at++) {
        squares += parameters[at] ** 2;
        gradient[at] += l2 * parameters[at];
      }
    }
    return loss + (l2 / 2) * squares;
  };
}

/** @param parameters [C, D + 1] as fitted. @returns log-probabilities [N, C] */
export function logProbabilities(table: Table, parameters: Float64Array): Float32Array {
  const { width } = table;
  const classes = parameters.length / (width + 1);
  const out = new Float32Array((table.rows.length / width) * classes);
  const rows = inBlocks(table);
  const scores = new Float64Array(BLOCK * classes);
  for (let at = 0; at < out.length; at += scores.length) {
    blockScores(rows, (at / classes) * width, width, parameters, scores);
    for (let i = 0; i < scores.length && at + i < out.length; i += classes) {
      const row = scores.subarray(i, i + classes);
      const logSum = logSumExp(row);
      for (let c = 0; c < classes; c++) out[at + i + c] = row[c] - logSum;
    }
  }
  return out;
}

/** The rows, filled up with zeros to whole blocks. */
function inBlocks({ rows, width }: Table): Float32Array {
  const blocks = Math.ceil(rows.length / width / BLOCK);
  const padded = new Float32Array(blocks * BLOCK * width);
  padded.set(rows);
  return padded;
}

/** Writes the scores of the block of rows that begins at `from` into `scores` [BLOCK, C]. */
function blockScores(
  rows: Float32Array,
  from: number,
  width: number,
  parameters: Float64Array,
  scores: Float64Array,
): void {
  const classes = scores.length / BLOCK;
  const [second, third, fourth] = [from + width, from + 2 * width, from + 3 * width];
  for (let c = 0; c < classes; c++) {
    const at = c * (width + 1);
    const bias = parameters[at + width];
    let [s0, s1, s2, s3] = [bias, bias, bias, bias];
    for (let j = 0; j < width; j++) {
      const weight = parameters[at + j];
      s0 += weight * rows[from + j];
      s1 += weight * rows[second + j];
      s2 += weight * rows[third + j];
      s3 += weight * rows[fourth + j];
    }
    scores[c] = s0;
    scores[classes + c] = s1;
    scores[2 * classes + c] = s2;
    scores[3 * classes + c] = s3;
  }
}

/** Adds to each class's gradient the rows of a block times their errors [BLOCK, C]. */
function addBlock(gradient: Float64Array, rows: Float32Array, from: number, width: number, errors: Float64Array): void {
  const classes = errors.length / BLOCK;
  const [second, third, fourth] = [from + width, from + 2 * width, from + 3 * width];
  for (let c = 0; c < classes; c++) {
    const at = c * (width + 1);
    const [e0, e1, e2, e3] = [errors[c], errors[classes + c], errors[2 * classes + c], errors[3 * classes + c]];
    for (let j = 0; j < width; j++) {
      gradient[at + j] += e0 * rows[from + j] + e1 * rows[second + j] + e2 * rows[third + j] + e3 * rows[fourth + j];
    }
  }
}

function logSumExp(row: Float64Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < row.length; c++) top = Math.max(top, row[c]);
  let sum = 0;
  for (let c = 0; c < row.length; c++) sum += Math.exp(row[c] - top);
  return top + Math.log(sum);
}
