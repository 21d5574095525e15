/** How much the label of an utterance would teach: the larger, the more. */
export type Order = 'margin' | 'entropy' | 'doubtful';

/** Entropy of a distribution, as a share of the largest that its classes allow. */
export function entropy(probabilities: Readonly<Record<string, number>>): number {
  const all = Object.values(probabilities);
  const sum = all.reduce((total, p) => total - (p > 0 ? p * Math.log(p) : 0), 0);
  return all.length < 2 ? 0 : sum / Math.log(all.length);
}

/** Distance of the two likeliest classes. */
export function margin(probabilities: Readonly<Record<string, number>>): number {
  const [first = 0, second = 0] = Object.values(probabilities).sort((a, b) => b - a);
  return first - second;
}

/** @param label of somebody, by the model's name for it. */
export function worth(
  probabilities: Readonly<Record<string, number>>,
  label: string | undefined,
  order: Order,
): number {
  if (order === 'entropy') return entropy(probabilities);
  if (order === 'margin') return 1 - margin(probabilities);
  // Where nobody gave a label, none can be doubted.
  return label === undefined ? -1 : 1 - (probabilities[label] ?? 0);
}
