import {
  argmax,
  bootstrapIntervals,
  classF1,
  type DialogueSums,
  dialogueConfusions,
  dialogueTotals,
  joinRuns,
  meanOverRuns,
  type Resampling,
  summarise,
  TOTALS_METRICS,
  wilsonInterval,
} from '../../metrics/index.js';
import type { HeadOutputs, SplitOutputs } from '../outputs.js';
import type { HeadScores } from '../scoring.js';
import type { ScoreName, ScoreOverSeeds } from './types.js';

/** A head's confusion matrix a dialogue. Dialogues without a label are left out. */
export function headConfusions(
  { probabilities, labels }: HeadOutputs,
  { classes, dialogueOf }: Pick<SplitOutputs, 'classes' | 'dialogueOf'>,
): DialogueSums {
  return dialogueConfusions(labels, argmax(probabilities, classes.length), dialogueOf, classes.length);
}

/** The scores of tables, each from those of one head of one run. */
export const SCORES: readonly [ScoreName, (scores: HeadScores) => number][] = [
  ['weightedF1', (s) => s.weightedF1],
  ['macroF1', (s) => s.macroF1],
  ['accuracy', (s) => s.accuracy],
  ['uar', (s) => s.uar],
  ['ece', (s) => s.calibration.ece],
  ['brier', (s) => s.calibration.brier],
];

/** @param values a score a seed. */
export function overSeeds(values: number[]): ScoreOverSeeds {
  const { mean, sd } = summarise(values);
  return { mean, sd: Number.isNaN(sd) ? null : sd, values };
}

/** 95 % intervals, by bootstrap over dialogues, of the mean over seeds. @param sums a run a seed. */
export function intervalsOf(
  sums: readonly DialogueSums[],
  resampling: Resampling,
): Partial<Record<ScoreName, { lower: number; upper: number }>> {
  const metrics = Object.fromEntries(
    Object.entries(TOTALS_METRICS).map(([name, metric]) => [name, meanOverRuns(metric, sums.length)]),
  );
  const intervals = bounds(bootstrapIntervals(joinRuns(sums.map(dialogueTotals)), metrics, resampling));
  const dialogues = sums[0].dialogues.length;
  return Object.fromEntries(Object.entries(intervals).map(([name, one]) => [name, widened(one, dialogues)]));
}

/** F1 of each class over seeds, with its interval. @param sums a run a seed. */
export function classF1Sums(
  sums: readonly DialogueSums[],
  classes: readonly string[],
  resampling: Resampling,
): ScoreOverSeeds[] {
  const totals = sums.map(dialogueTotals);
  const metrics = Object.fromEntries(classes.map((_, c) => [`${c}`, meanOverRuns(classF1(c), sums.length)]));
  const intervals = bounds(bootstrapIntervals(joinRuns(totals), metrics, resampling));
  const whole = totals.map(total);
  return classes.map((_, c) => ({
    ...overSeeds(whole.map(classF1(c))),
    interval: widened(intervals[`${c}`], dialoguesWith(sums[0], c, classes.length)),
  }));
}

/**
 * Where every resample scored 0, or every one 1, the bootstrap's interval has no width, which is not certainty: then
 * Wilson's interval, with the dialogues for trials.
 */
function widened(interval: { lower: number; upper: number }, dialogues: number): { lower: number; upper: number } {
  const { lower, upper } = interval;
  return lower === upper && (lower === 0 || lower === 1) && dialogues > 0 ? wilsonInterval(lower, dialogues) : interval;
}

/** Dialogues in which somebody's label is the class. */
function dialoguesWith({ dialogues, rows, width }: DialogueSums, label: number, classCount: number): number {
  const inRow = (d: number) =>
    Array.from({ length: classCount }, (_, p) => rows[d * width + label * classCount + p]).some((count) => count > 0);
  return dialogues.filter((_, d) => inRow(d)).length;
}

function bounds<Name extends string>(
  intervals: Record<Name, { lower: number; upper: number }>,
): Record<Name, { lower: number; upper: number }> {
  const entries = Object.entries<{ lower: number; upper: number }>(intervals);
  return Object.fromEntries(entries.map(([name, { lower, upper }]) => [name, { lower, upper }])) as Record<
    Name,
    { lower: number; upper: number }
  >;
}

function total({ rows, width }: DialogueSums): Float64Array {
  const sum = new Float64Array(width);
  rows.forEach((value, at) => {
    sum[at % width] += value;
  });
  return sum;
}
