import { InputError } from '../base/errors.js';

/** The label of an utterance that nobody labelled; it counts nowhere in this room. */
export const UNLABELLED = -1;

/**
 * Counts of (true class, predicted class), [C, C] row-major: `confusion[t * C + p]`. Fractions are allowed, so that
 * sums and averages of confusion matrices are confusion matrices too.
 */
export type Confusion = Float64Array;

/** A score of a confusion matrix; NaN where the matrix is empty, for nothing was measured. */
export type ConfusionMetric = (confusion: Confusion) => number;

/** Precision, recall, F1 and number of utterances of one class; a ratio of nothing to nothing is 0. */
export interface ClassCounts {
  precision: number;
  recall: number;
  f1: number;
  /** Utterances that truly are of this class. */
  support: number;
}

/**
 * Positions of the utterances that carry a label, in order: all of them but those labelled -1.
 * @throws InputError where a label is no class index.
 */
export function labelledPositions(labels: ArrayLike<number>, classCount: number): Int32Array {
  const positions = new Int32Array(labels.length);
  let count = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === UNLABELLED) continue;
    checkClass(labels[i], classCount, 'label', i);
    positions[count++] = i;
  }
  return positions.subarray(0, count);
}

/**
 * @param labels [N] class indices, -1 for an utterance without label (skipped); @param predictions [N] class indices.
 * @returns the confusion matrix [C, C]
 * @throws InputError where lengths differ or an index is outside the classes.
 */
export function confusionMatrix(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classCount: number,
): Confusion {
  checkLength('predictions', predictions.length, labels.length);
  const confusion = new Float64Array(classCount * classCount);
  for (const i of labelledPositions(labels, classCount)) {
    checkClass(predictions[i], classCount, 'prediction', i);
    confusion[labels[i] * classCount + predictions[i]]++;
  }
  return confusion;
}

/**
 * The most probable class of every row; of equal ones the first.
 * @param probabilities [N, C] row-major, or any other scores; @returns class indices [N]
 * @throws InputError where a score is not a number.
 */
export function argmax(probabilities: ArrayLike<number>, classCount: number): Int32Array {
  const best = new Int32Array(probabilities.length / classCount);
  for (let i = 0; i < best.length; i++) {
    const row = i * classCount;
    for (let c = 0; c < classCount; c++) {
      if (Number.isNaN(probabilities[row + c]))
        throw new InputError(`The score of class ${c} at position ${i} is not a number; predictions must be numbers.`);
      if (probabilities[row + c] > probabilities[row + best[i]]) best[i] = c;
    }
  }
  return best;
}

/** Precision, recall, F1 and support of every class, in class order (scikit-learn's with zero_division=0). */
export function perClass(confusion: Confusion): ClassCounts[] {
  const classCount = Math.sqrt(confusion.length);
  const classes: ClassCounts[] = [];
  for (let c = 0; c < classCount; c++) {
    let support = 0;
    let predicted = 0;
    for (let other = 0; other < classCount; other++) {
      support += confusion[c * classCount + other];
      predicted += confusion[other * classCount + c];
    }
    classes.push(countsOf(confusion[c * classCount + c], support, predicted));
  }
  return classes;
}

/** @param hits utterances of a class predicted rightly; @param support of the class; @param predicted as the class. */
export function countsOf(hits: number, support: number, predicted: number): ClassCounts {
  return {
    precision: ratio(hits, predicted),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, support + predicted),
    support,
  };
}

/** What the averages below are of the scores of every class. */
export const AVERAGES = {
  weightedF1: (classes: readonly ClassCounts[]) => weightedBySupport(classes, 'f1'),
  macroF1: (classes: readonly ClassCounts[]) =>
    classes.some((one) => one.support > 0) ? mean(classes.map((one) => one.f1)) : Number.NaN,
  uar: (classes: readonly ClassCounts[]) => mean(classes.filter((one) => one.support > 0).map((one) => one.recall)),
};

/** Share of utterances predicted rightly. */
export const accuracy: ConfusionMetric = (confusion) => {
  const classCount = Math.sqrt(confusion.length);
  let hits = 0;
  let total = 0;
  for (let i = 0; i < confusion.length; i++) total += confusion[i];
  for (let c = 0; c < classCount; c++) hits += confusion[c * (classCount + 1)];
  return hits / total;
};

/** F1 averaged over classes, each weighing its support. */
export const weightedF1: ConfusionMetric = (confusion) => AVERAGES.weightedF1(perClass(confusion));

/** Precision averaged over classes, each weighing its support: what some papers print as "Acc". */
export const weightedPrecision: ConfusionMetric = (confusion) => weightedBySupport(perClass(confusion), 'precision');

/** F1 averaged over all classes alike; a class neither present nor predicted counts as 0, as in scikit-learn. */
export const macroF1: ConfusionMetric = (confusion) => AVERAGES.macroF1(perClass(confusion));

/** Unweighted average recall over the classes present (balanced accuracy). */
export const unweightedAverageRecall: ConfusionMetric = (confusion) => AVERAGES.uar(perClass(confusion));

/** @throws InputError naming both lengths where they differ. */
export function checkLength(what: string, length: number, expected: number): void {
  if (length !== expected)
    throw new InputError(`There are ${length} ${what} where ${expected} belong; give one set for the same utterances.`);
}

/** @throws InputError where the index is no class. */
export function checkClass(index: number, classCount: number, what: string, position: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= classCount)
    throw new InputError(
      `The ${what} at position ${position} is ${index}; with ${classCount} classes it must be 0 to ${classCount - 1}.`,
    );
}

function weightedBySupport(classes: readonly ClassCounts[], score: 'f1' | 'precision'): number {
  let sum = 0;
  let total = 0;
  for (const one of classes) {
    sum += one[score] * one.support;
    total += one.support;
  }
  return sum / total;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
