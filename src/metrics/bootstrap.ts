import { quantileSorted } from 'simple-statistics';
import { RANDOM_SITES, randomStream } from '../base/random.js';
import { addRow, type DialogueSums, type SumMetric, sparseRows } from './dialogues.js';

/** A score with its 95 % interval. */
export interface Interval {
  /** The metric on the data as they are. */
  estimate: number;
  lower: number;
  upper: number;
}

/** How often to resample, and from which seed. */
export interface Resampling {
  seed: number;
  /** 10,000 where not given. */
  resamples?: number;
}

/**
 * Percentile 95 % intervals by bootstrap over dialogues (Efron & Tibshirani, "An introduction to the bootstrap", 1993,
 * chapter 13): as many dialogues as there are, drawn with replacement, again and again; the 2.5th and 97.5th
 * percentiles of the metric are the interval's ends. All metrics see the same resamples.
 * @param sums what each dialogue adds, from `dialogueConfusions`, `dialogueSums` or `joinRuns`;
 * @param metrics by name; each a number for any selection of the dialogues.
 * @returns by the same names; all NaN where there is no dialogue.
 */
export function bootstrapIntervals<Name extends string>(
  sums: DialogueSums,
  metrics: Readonly<Record<Name, SumMetric>>,
  { seed, resamples = 10_000 }: Resampling,
): Record<Name, Interval> {
  const count = sums.dialogues.length;
  const rows = sparseRows(sums.rows, sums.width);
  const names = Object.keys(metrics) as Name[];
  const draws = names.map(() => new Float64Array(resamples).fill(Number.NaN));
  const random = randomStream(seed, 0, RANDOM_SITES.resampling);
  const times = new Int32Array(count);
  const total = new Float64Array(sums.width);
  for (let r = 0; count > 0 && r < resamples; r++) {
    times.fill(0);
    for (let i = 0; i < count; i++) times[random.integer(count)]++;
    total.fill(0);
    for (let d = 0; d < count; d++) if (times[d] > 0) addRow(total, rows, d, times[d]);
    names.forEach((name, m) => {
      draws[m][r] = metrics[name](total);
    });
  }

  total.fill(0);
  for (let d = 0; d < count; d++) addRow(total, rows, d, 1);
  const interval = (name: Name, m: number): Interval => {
    const sorted = [...draws[m].sort()];
    return {
      estimate: count > 0 ? metrics[name](total) : Number.NaN,
      lower: quantileSorted(sorted, 0.025),
      upper: quantileSorted(sorted, 0.975),
    };
  };
  return Object.fromEntries(names.map((name, m) => [name, interval(name, m)])) as Record<Name, Interval>;
}
