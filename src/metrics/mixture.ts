/**
 * Softmax of every row.
 * @param logits [N, C] row-major. @returns probabilities [N, C]
 */
export function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let at = 0; at < logits.length; at += classes) {
    let top = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) top = Math.max(top, logits[at + c]);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[at + c] - top);
    for (let c = 0; c < classes; c++) out[at + c] = Math.exp(logits[at + c] - top) / sum;
  }
  return out;
}

/** σ(x) = 1 / (1 + e^-x). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/**
 * The gated average of class head and anchor head: σ(gate) · class + (1 − σ(gate)) · anchor.
 * @param classProbabilities and @param anchorProbabilities [N, C]; @param gate the released `prob_gate_logit`.
 */
export function averageMixture(
  classProbabilities: Float32Array,
  anchorProbabilities: Float32Array,
  gate: number,
): Float32Array {
  const share = sigmoid(gate);
  return classProbabilities.map((p, i) => share * p + (1 - share) * anchorProbabilities[i]);
}

/** The maximum mixture: for each row the distribution of the head whose highest probability is higher. [N, C] */
export function maximumMixture(
  classProbabilities: Float32Array,
  anchorProbabilities: Float32Array,
  classes: number,
): Float32Array {
  const out = Float32Array.from(classProbabilities);
  for (let at = 0; at < out.length; at += classes) {
    const anchorRow = anchorProbabilities.subarray(at, at + classes);
    if (Math.max(...anchorRow) > Math.max(...classProbabilities.subarray(at, at + classes))) out.set(anchorRow, at);
  }
  return out;
}

/** The gate stays within these logits, where one head's share is below 1 in 20,000. */
const GATE_LIMIT = 10;

/**
 * The gate of the average mixture that gives given labels the highest likelihood. No published loss trains it.
 * The log-likelihood is concave in the share σ(gate), so bisection on its derivative finds the one maximum.
 * @param labels [N], -1 = unlabelled (skipped). @returns a gate logit in [-10, 10]; 0 where nothing prefers either head.
 */
export function fitGate(
  classProbabilities: Float32Array,
  anchorProbabilities: Float32Array,
  labels: Int32Array,
  classes: number,
): number {
  const pairs: [number, number][] = [];
  labels.forEach((label, n) => {
    if (label >= 0) pairs.push([classProbabilities[n * classes + label], anchorProbabilities[n * classes + label]]);
  });
  if (pairs.length === 0) return 0;
  const slope = (gate: number) => {
    const share = sigmoid(gate);
    // A label that both heads call impossible prefers neither.
    return pairs.reduce((sum, [p, q]) => sum + (p - q) / Math.max(share * p + (1 - share) * q, 1e-30), 0);
  };
  let low = -GATE_LIMIT;
  let high = GATE_LIMIT;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    const rising = slope(middle);
    if (rising === 0) return Math.fround(middle);
    if (rising > 0) low = middle;
    else high = middle;
  }
  return Math.fround((low + high) / 2);
}
