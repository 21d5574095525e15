import {
  accuracy,
  type ClassCounts,
  type Confusion,
  confusionMatrix,
  macroF1,
  perClass,
  unweightedAverageRecall,
  weightedF1,
} from './classification.js';

/** The scores of one set of predictions, as every table, file and report of the program holds them. */
export interface Scores {
  accuracy: number;
  weightedF1: number;
  macroF1: number;
  /** Unweighted average recall. */
  uar: number;
  perClass: ({ class: string } & ClassCounts)[];
  /** [true class][predicted class], in the order of the classes. */
  confusion: number[][];
}

/**
 * Scores of predicted classes.
 * @param labels [N] class indices, -1 for an utterance without label (skipped); @param predictions [N] class indices;
 * @param classes names in index order.
 * @returns shares from 0 to 1; the four averages are NaN (null in JSON) where no utterance is labelled.
 * @throws InputError where lengths differ or an index is outside the classes.
 */
export function scores(labels: ArrayLike<number>, predictions: ArrayLike<number>, classes: readonly string[]): Scores {
  return scoresOf(confusionMatrix(labels, predictions, classes.length), classes);
}

/** The same from a confusion matrix [C, C] already counted. */
export function scoresOf(confusion: Confusion, classes: readonly string[]): Scores {
  return {
    accuracy: accuracy(confusion),
    weightedF1: weightedF1(confusion),
    macroF1: macroF1(confusion),
    uar: unweightedAverageRecall(confusion),
    perClass: perClass(confusion).map((counts, c) => ({ class: classes[c], ...counts })),
    confusion: classes.map((_, c) => [...confusion.subarray(c * classes.length, (c + 1) * classes.length)]),
  };
}
