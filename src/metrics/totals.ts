import { AVERAGES, type ClassCounts, countsOf } from './classification.js';
import { type DialogueSums, type SumMetric, sparseRows } from './dialogues.js';

/**
 * Three numbers a class and dialogue out of the dialogue's confusion matrix: hits, support, and how often the class was
 * predicted. Averages over classes need no more, and resampling them costs time linear in the classes, where summing
 * confusion matrices is quadratic (and a score a class of those cubic).
 * @param sums from `dialogueConfusions`; @returns width 3 * C.
 */
export function dialogueTotals({ dialogues, width, rows }: DialogueSums): DialogueSums {
  const classCount = Math.sqrt(width);
  const totals = new Float64Array(dialogues.length * 3 * classCount);
  const { start, column, value } = sparseRows(rows, width);
  for (let d = 0; d < dialogues.length; d++) {
    const own = totals.subarray(d * 3 * classCount, (d + 1) * 3 * classCount);
    for (let at = start[d]; at < start[d + 1]; at++) {
      const label = Math.floor(column[at] / classCount);
      const predicted = column[at] % classCount;
      if (label === predicted) own[3 * label] += value[at];
      own[3 * label + 1] += value[at];
      own[3 * predicted + 2] += value[at];
    }
  }
  return { dialogues, width: 3 * classCount, rows: totals };
}

/** The averages of a confusion matrix, as functions of summed totals. */
export const TOTALS_METRICS = {
  weightedF1: (sum) => AVERAGES.weightedF1(counts(sum)),
  macroF1: (sum) => AVERAGES.macroF1(counts(sum)),
  accuracy: (sum) => {
    let hits = 0;
    let total = 0;
    for (let at = 0; at < sum.length; at += 3) {
      hits += sum[at];
      total += sum[at + 1];
    }
    return hits / total;
  },
  uar: (sum) => AVERAGES.uar(counts(sum)),
} satisfies Record<string, SumMetric>;

/** F1 of one class, as a function of summed totals. */
export const classF1 =
  (c: number): SumMetric =>
  (sum) =>
    countsOf(sum[3 * c], sum[3 * c + 1], sum[3 * c + 2]).f1;

/** A loop, since `Array.from` was half of what an experiment's tables took: it comes by for every run of every resample. */
function counts(sum: Float64Array): ClassCounts[] {
  const classes: ClassCounts[] = [];
  for (let at = 0; at < sum.length; at += 3) classes.push(countsOf(sum[at], sum[at + 1], sum[at + 2]));
  return classes;
}
