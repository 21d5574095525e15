/** Mean and deviation of rows that come one after the other. */
export interface Pooling {
  readonly count: number;
  add(row: Float32Array): void;
  mean(): Float32Array;
  /** Divisor n. */
  deviation(): Float32Array;
}

/** Welford's update: exact in one pass, whatever the mean. @param dim numbers a row. */
export function createPooling(dim: number): Pooling {
  const mean = new Float64Array(dim);
  const squares = new Float64Array(dim);
  let count = 0;
  return {
    get count() {
      return count;
    },
    add(row) {
      count++;
      for (let i = 0; i < dim; i++) {
        const before = row[i] - mean[i];
        mean[i] += before / count;
        squares[i] += before * (row[i] - mean[i]);
      }
    },
    mean: () => Float32Array.from(mean),
    deviation: () => Float32Array.from(squares, (sum) => Math.sqrt(sum / Math.max(1, count))),
  };
}

/** Names of pooled columns: "0.mean", "1.mean", …, "0.deviation", …. */
export function statisticColumns(dim: number, statistics: readonly string[]): string[] {
  return statistics.flatMap((statistic) => Array.from({ length: dim }, (_, i) => `${i}.${statistic}`));
}
