export { areaOfSums, areaUnderRoc, rankSums } from './auc.js';
/** Scores and statistics of predictions: pure functions of arrays. */
export * from './bootstrap.js';
export * from './calibration.js';
export {
  accuracy,
  argmax,
  type ClassCounts,
  type Confusion,
  type ConfusionMetric,
  confusionMatrix,
  labelledPositions,
  macroF1,
  perClass,
  UNLABELLED,
  unweightedAverageRecall,
  weightedF1,
  weightedPrecision,
} from './classification.js';
export * from './comparison.js';
export {
  type DialogueSums,
  dialogueConfusions,
  dialogueSums,
  differenceOfRuns,
  joinRuns,
  meanOverRuns,
  type SumMetric,
} from './dialogues.js';
export * from './mixture.js';
export * from './scores.js';
export * from './summary.js';
export { classF1, dialogueTotals, TOTALS_METRICS } from './totals.js';
export { wilsonInterval } from './wilson.js';
