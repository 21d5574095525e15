import { mean, sampleStandardDeviation } from 'simple-statistics';

/** What a set of runs came to. */
export interface Summary {
  count: number;
  mean: number;
  /** Sample standard deviation (divisor n - 1); NaN of fewer than two values. */
  sd: number;
  min: number;
  max: number;
}

/** @param values for instance one score a seed; of none, every statistic is NaN. */
export function summarise(values: readonly number[]): Summary {
  const count = values.length;
  return {
    count,
    mean: count > 0 ? mean([...values]) : Number.NaN,
    sd: count > 1 ? sampleStandardDeviation([...values]) : Number.NaN,
    min: count > 0 ? Math.min(...values) : Number.NaN,
    max: count > 0 ? Math.max(...values) : Number.NaN,
  };
}
