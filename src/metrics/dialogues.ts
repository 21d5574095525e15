import { InputError } from '../base/errors.js';
import { checkClass, checkLength, labelledPositions } from './classification.js';

/**
 * What each dialogue adds to the sums that a metric is computed from, such as its own confusion matrix. Utterances of
 * one dialogue resemble each other, so the dialogue is what resampling draws and what a comparison swaps.
 */
export interface DialogueSums {
  /** The dialogues, in order of first appearance. */
  dialogues: (string | number)[];
  /** Numbers a dialogue. */
  width: number;
  /** [dialogues, width] row-major. */
  rows: Float64Array;
}

/**
 * A metric of the sum [width] over dialogues, e.g. `weightedF1` over confusion matrices. The array is reused between
 * calls: read it, do not keep it.
 */
export type SumMetric = (sum: Float64Array) => number;

/**
 * One confusion matrix a dialogue, width C * C. Dialogues without any labelled utterance are left out.
 * @param labels [N], -1 skipped; @param predictions [N]; @param dialogueOf [N] id or number of each one's dialogue.
 * @throws InputError where lengths differ or an index is outside the classes.
 */
export function dialogueConfusions(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  dialogueOf: ArrayLike<string | number>,
  classCount: number,
): DialogueSums {
  checkLength('dialogue ids', dialogueOf.length, labels.length);
  checkLength('predictions', predictions.length, labels.length);
  const positions = labelledPositions(labels, classCount);
  const index = numbered(Array.from(positions, (i) => dialogueOf[i]));
  const width = classCount * classCount;
  const rows = new Float64Array(index.size * width);
  for (const i of positions) {
    checkClass(predictions[i], classCount, 'prediction', i);
    rows[(index.get(dialogueOf[i]) as number) * width + labels[i] * classCount + predictions[i]]++;
  }
  return { dialogues: [...index.keys()], width, rows };
}

/**
 * Sums a dialogue of anything counted by utterance: for a mean, the values beside a column of ones.
 * @param values [N, width] row-major; @param dialogueOf [N]
 * @throws InputError where lengths differ.
 */
export function dialogueSums(
  values: ArrayLike<number>,
  width: number,
  dialogueOf: ArrayLike<string | number>,
): DialogueSums {
  checkLength('values', values.length, dialogueOf.length * width);
  const index = numbered(dialogueOf);
  const rows = new Float64Array(index.size * width);
  for (let i = 0; i < dialogueOf.length; i++) {
    const row = (index.get(dialogueOf[i]) as number) * width;
    for (let k = 0; k < width; k++) rows[row + k] += values[i * width + k];
  }
  return { dialogues: [...index.keys()], width, rows };
}

/**
 * Runs on the same dialogues side by side, so that all are resampled together: sums of width runs * width, to be read
 * by `meanOverRuns` or `differenceOfRuns`.
 * @throws InputError where there is no run, or the runs are not of the same dialogues in the same order.
 */
export function joinRuns(runs: readonly DialogueSums[]): DialogueSums {
  checkSameDialogues(runs);
  const { dialogues, width } = runs[0];
  const joined = width * runs.length;
  const rows = new Float64Array(dialogues.length * joined);
  runs.forEach((run, r) => {
    for (let d = 0; d < dialogues.length; d++)
      rows.set(run.rows.subarray(d * width, (d + 1) * width), d * joined + r * width);
  });
  return { dialogues, width: joined, rows };
}

/** The metric's mean over joined runs, for instance the seeds of one configuration. */
export function meanOverRuns(metric: SumMetric, runs: number): SumMetric {
  return (sum) => {
    const width = sum.length / runs;
    let total = 0;
    for (let r = 0; r < runs; r++) total += metric(sum.subarray(r * width, (r + 1) * width));
    return total / runs;
  };
}

/** The metric's mean over the first `first` joined runs minus its mean over the `second` ones after them. */
export function differenceOfRuns(metric: SumMetric, first: number, second: number): SumMetric {
  const meanOfFirst = meanOverRuns(metric, first);
  const meanOfSecond = meanOverRuns(metric, second);
  return (sum) => {
    const border = (sum.length / (first + second)) * first;
    return meanOfFirst(sum.subarray(0, border)) - meanOfSecond(sum.subarray(border));
  };
}

/** The rows of sums without their zeros: a short dialogue fills few cells of its confusion matrix. */
export interface SparseRows {
  /** [dialogues + 1]: row d is entries `start[d]` to `start[d + 1] - 1`. */
  start: Int32Array;
  column: Int32Array;
  value: Float64Array;
}

/** @param rows [dialogues, width] row-major. */
export function sparseRows(rows: Float64Array, width: number): SparseRows {
  const filled = Int32Array.from(rows.keys()).filter((at) => rows[at] !== 0);
  const start = new Int32Array(rows.length / width + 1);
  for (const at of filled) start[Math.floor(at / width) + 1]++;
  for (let d = 1; d < start.length; d++) start[d] += start[d - 1];
  return { start, column: filled.map((at) => at % width), value: Float64Array.from(filled, (at) => rows[at]) };
}

/** Adds `times` the row of dialogue `d` to a sum [width]. */
export function addRow(sum: Float64Array, { start, column, value }: SparseRows, d: number, times: number): void {
  for (let at = start[d]; at < start[d + 1]; at++) sum[column[at]] += times * value[at];
}

/** @throws InputError where there is no run, or the runs are not of the same dialogues in the same order. */
export function checkSameDialogues(runs: readonly DialogueSums[]): void {
  if (runs.length === 0) throw new InputError('There is no run to score; give the predictions of at least one.');
  const { dialogues, width } = runs[0];
  runs.forEach((run, r) => {
    const where = `Run ${r + 1} of ${runs.length}`;
    if (run.width !== width)
      throw new InputError(`${where} counts ${run.width} numbers a dialogue, run 1 ${width}; use the same classes.`);
    if (run.dialogues.length !== dialogues.length)
      throw new InputError(
        `${where} has ${run.dialogues.length} dialogues, run 1 ${dialogues.length}; score all on the same ones.`,
      );
    const differs = run.dialogues.findIndex((id, d) => id !== dialogues[d]);
    if (differs >= 0)
      throw new InputError(
        `${where} has dialogue "${run.dialogues[differs]}" where run 1 has "${dialogues[differs]}"; ` +
          'score all on the same dialogues in the same order.',
      );
  });
}

/** The distinct ids with their places in order of first appearance. */
function numbered(ids: ArrayLike<string | number>): Map<string | number, number> {
  const index = new Map<string | number, number>();
  for (let i = 0; i < ids.length; i++) if (!index.has(ids[i])) index.set(ids[i], index.size);
  return index;
}
