/** Names of what `distribution` gives, in its order. */
export const DISTRIBUTION = ['mean', 'deviation', 'p5', 'p25', 'p50', 'p75', 'p95', 'slope'] as const;

/**
 * Describes values by their distribution and their trend.
 * @param times seconds of each value, for the slope (units a second, least squares).
 * @returns the numbers of DISTRIBUTION; all 0 where there are no values.
 */
export function distribution(values: ArrayLike<number>, times: ArrayLike<number>): number[] {
  const n = values.length;
  if (n === 0) return DISTRIBUTION.map(() => 0);
  const average = mean(values);
  const sorted = Float32Array.from(values).sort();
  const middle = mean(times);
  let [together, squares, spread] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dv, dt] = [values[i] - average, times[i] - middle];
    squares += dv * dv;
    together += dv * dt;
    spread += dt * dt;
  }
  return [
    average,
    Math.sqrt(squares / n),
    ...[0.05, 0.25, 0.5, 0.75, 0.95].map((share) => percentile(sorted, share)),
    spread > 0 ? together / spread : 0,
  ];
}

/** 0 where there are no values. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return values.length === 0 ? 0 : sum / values.length;
}

/** @param sorted ascending, not empty; @param share 0 to 1. Between two values: linear, as numpy's. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/** Stretches of frames for which `holds` is true: first frame and one past the last. */
export function stretches(count: number, holds: (frame: number) => boolean): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    if (!holds(i)) continue;
    const from = i;
    while (i < count && holds(i)) i++;
    found.push([from, i]);
  }
  return found;
}
