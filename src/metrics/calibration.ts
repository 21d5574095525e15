import { argmax, checkLength, labelledPositions } from './classification.js';

/** Of utterances with similar confidence: how confident, and how often right. */
export interface ReliabilityBin {
  /** Confidences from just above `lower` up to `upper`; a confidence of 0 is in the first bin. */
  lower: number;
  upper: number;
  count: number;
  /** Mean confidence; NaN in an empty bin. */
  confidence: number;
  /** Share predicted rightly; NaN in an empty bin. */
  accuracy: number;
}

/** One threshold of the coverage-accuracy curve. */
export interface CoveragePoint {
  /** Answer only where confidence is at least this. */
  threshold: number;
  /** Share of utterances then answered. */
  coverage: number;
  /** Share of the answered that are right. */
  accuracy: number;
}

/** What a model gains by staying silent where it is unsure. */
export interface CoverageCurve {
  /** From the fewest answered to all; a point a distinct confidence. */
  points: CoveragePoint[];
  /** Accuracy averaged over coverage from 0 to 1 (a step a point); NaN where no utterance is labelled. */
  area: number;
}

interface Judged {
  /** Probability of the predicted class. */
  confidence: number;
  right: boolean;
}

/**
 * The bins of a reliability diagram, of equal width over confidences 0 to 1.
 * @param labels [N], -1 skipped; @param probabilities [N, C] row-major.
 * @throws InputError where lengths differ, a label is no class or a probability is not a number.
 */
export function reliabilityBins(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classCount: number,
  binCount = 15,
): ReliabilityBin[] {
  const counts = new Float64Array(binCount);
  const confidences = new Float64Array(binCount);
  const hits = new Float64Array(binCount);
  for (const { confidence, right } of judge(labels, probabilities, classCount)) {
    const bin = binOf(confidence, binCount);
    counts[bin]++;
    confidences[bin] += confidence;
    if (right) hits[bin]++;
  }
  return Array.from(counts, (count, bin) => ({
    lower: bin / binCount,
    upper: (bin + 1) / binCount,
    count,
    confidence: confidences[bin] / count,
    accuracy: hits[bin] / count,
  }));
}

/**
 * Expected calibration error (Guo et al., "On calibration of modern neural networks", ICML 2017, equation 3): the
 * distance of confidence from accuracy, averaged over bins by their counts.
 * @returns 0 (calibrated) to 1; NaN where every bin is empty.
 */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  let sum = 0;
  let total = 0;
  for (const bin of bins) {
    total += bin.count;
    if (bin.count > 0) sum += bin.count * Math.abs(bin.accuracy - bin.confidence);
  }
  return sum / total;
}

/**
 * Brier's score in its original form for several classes: the squared distance of the distribution from the truth,
 * summed over classes and averaged over utterances.
 * @param labels [N], -1 skipped; @param probabilities [N, C] row-major.
 * @returns 0 (certain and right) to 2 (certain and wrong), with two classes twice the binary score; NaN where no
 * utterance is labelled.
 */
export function brierScore(labels: ArrayLike<number>, probabilities: ArrayLike<number>, classCount: number): number {
  checkLength('probabilities', probabilities.length, labels.length * classCount);
  const positions = labelledPositions(labels, classCount);
  let sum = 0;
  for (const i of positions)
    for (let c = 0; c < classCount; c++) sum += (probabilities[i * classCount + c] - (labels[i] === c ? 1 : 0)) ** 2;
  return sum / positions.length;
}

/**
 * Accuracy on the most confident share of the utterances, for every share. Utterances of equal confidence enter
 * together, so that the curve does not hang on their order.
 * @param labels [N], -1 skipped; @param probabilities [N, C] row-major.
 */
export function coverageCurve(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classCount: number,
): CoverageCurve {
  const judged = judge(labels, probabilities, classCount).sort((a, b) => b.confidence - a.confidence);
  const points: CoveragePoint[] = [];
  let area = judged.length === 0 ? Number.NaN : 0;
  let answered = 0;
  let hits = 0;
  judged.forEach(({ confidence, right }, i) => {
    if (right) hits++;
    if (judged[i + 1]?.confidence === confidence) return;
    const accuracy = hits / (i + 1);
    area += (accuracy * (i + 1 - answered)) / judged.length;
    answered = i + 1;
    points.push({ threshold: confidence, coverage: answered / judged.length, accuracy });
  });
  return { points, area };
}

function judge(labels: ArrayLike<number>, probabilities: ArrayLike<number>, classCount: number): Judged[] {
  checkLength('probabilities', probabilities.length, labels.length * classCount);
  const predictions = argmax(probabilities, classCount);
  return Array.from(labelledPositions(labels, classCount), (i) => ({
    confidence: probabilities[i * classCount + predictions[i]],
    right: predictions[i] === labels[i],
  }));
}

/** Compares with the edges themselves, since `confidence * binCount` may round across one. */
function binOf(confidence: number, binCount: number): number {
  let bin = Math.min(Math.max(Math.ceil(confidence * binCount) - 1, 0), binCount - 1);
  if (bin > 0 && confidence <= bin / binCount) bin--;
  if (bin < binCount - 1 && confidence > (bin + 1) / binCount) bin++;
  return bin;
}

/** Temperatures stay within these: beyond them a small split would call a model certain, or worth nothing. */
const TEMPERATURES = { least: 1 / 20, most: 20 };

/**
 * The temperature T that makes softmax(logits / T) give the labels the highest likelihood (Guo et al., 2017): above 1
 * where a model is too sure of itself. It changes no prediction. The likelihood is convex in 1 / T, so bisection on its
 * derivative finds the one minimum.
 * @param labels [N], -1 skipped; @param logits [N, C] row-major. @returns 1/20 … 20; 1 where no utterance is labelled.
 */
export function fitTemperature(labels: ArrayLike<number>, logits: Float32Array, classCount: number): number {
  checkLength('logits', logits.length, labels.length * classCount);
  const positions = labelledPositions(labels, classCount);
  if (positions.length === 0) return 1;
  const slope = (sharpness: number) => {
    let sum = 0;
    for (const i of positions) {
      const row = logits.subarray(i * classCount, (i + 1) * classCount);
      const top = Math.max(...row);
      const weights = Array.from(row, (z) => Math.exp(sharpness * (z - top)));
      const total = weights.reduce((a, w) => a + w, 0);
      sum += weights.reduce((a, w, c) => a + (w / total) * row[c], 0) - row[labels[i]];
    }
    return sum;
  };
  let [low, high] = [Math.log(1 / TEMPERATURES.most), Math.log(1 / TEMPERATURES.least)];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) < 0) low = middle;
    else high = middle;
  }
  return Math.exp(-(low + high) / 2);
}
