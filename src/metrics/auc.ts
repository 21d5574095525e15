import { checkLength } from './classification.js';
import type { DialogueSums, SumMetric } from './dialogues.js';

/**
 * Area under the ROC curve: how often a positive scores higher than a negative, ties counting half (the Mann-Whitney
 * statistic; Fawcett, "An introduction to ROC analysis", 2006).
 * @param scores [N]; @param positive [N], true where the class is meant.
 * @returns 0 … 1, 0.5 for scores that tell nothing; NaN without positives or without negatives.
 */
export function areaUnderRoc(scores: ArrayLike<number>, positive: ArrayLike<boolean | number>): number {
  checkLength('positives', positive.length, scores.length);
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let [below, wins, positives] = [0, 0, 0];
  for (let at = 0; at < order.length; ) {
    let [yes, no, end] = [0, 0, at];
    for (; end < order.length && scores[order[end]] === scores[order[at]]; end++) {
      if (positive[order[end]]) yes++;
      else no++;
    }
    wins += yes * (below + no / 2);
    below += no;
    positives += yes;
    at = end;
  }
  return wins / (positives * below);
}

/** Ranks that scores are sorted into, so that dialogues of two models can be swapped: their scores have no common unit. */
const RANKS = 512;

/**
 * What each dialogue adds to the area under the ROC curve: how many positives and negatives it has at each rank, [2 *
 * 512]; to be read by `areaOfSums`. Scores become ranks among all of this model's.
 * @param scores [N]; @param positive [N]; @param dialogueOf [N].
 */
export function rankSums(
  scores: ArrayLike<number>,
  positive: ArrayLike<boolean | number>,
  dialogueOf: ArrayLike<string | number>,
): DialogueSums {
  checkLength('positives', positive.length, scores.length);
  checkLength('dialogue ids', dialogueOf.length, scores.length);
  const dialogues = [...new Set(Array.from(dialogueOf))];
  const index = new Map(dialogues.map((id, d) => [id, d]));
  const width = 2 * RANKS;
  const rows = new Float64Array(dialogues.length * width);
  const order = Array.from(scores, (_, i) => i).sort((a, b) => scores[a] - scores[b]);
  let rank = 0;
  order.forEach((i, place) => {
    // Equal scores share the rank of the first of them.
    if (place === 0 || scores[i] !== scores[order[place - 1]]) rank = Math.floor((place * RANKS) / order.length);
    rows[(index.get(dialogueOf[i]) as number) * width + 2 * rank + (positive[i] ? 0 : 1)]++;
  });
  return { dialogues, width, rows };
}

/**
 * The area under the ROC curve of what `rankSums` counted; scores of one rank count as ties. A selection of dialogues
 * without positives or without negatives tells nothing: 0.5.
 */
export const areaOfSums: SumMetric = (sum) => {
  let [below, wins, positives] = [0, 0, 0];
  for (let at = 0; at < sum.length; at += 2) {
    wins += sum[at] * (below + sum[at + 1] / 2);
    positives += sum[at];
    below += sum[at + 1];
  }
  return positives * below === 0 ? 0.5 : wins / (positives * below);
};
