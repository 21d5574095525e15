/** 97.5th percentile of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * 95 % score interval of a proportion (Wilson, "Probable inference, the law of succession, and statistical inference",
 * JASA 1927): unlike the bootstrap it has a width also where all or none of few trials succeeded.
 * @param share successes / trials, 0 … 1; @param trials at least 1.
 */
export function wilsonInterval(share: number, trials: number): { lower: number; upper: number } {
  const square = (Z * Z) / trials;
  const centre = (share + square / 2) / (1 + square);
  const half = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials));
  return { lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) };
}
