import { binomialDistribution, errorFunction } from 'simple-statistics';
import { InputError } from '../base/errors.js';
import { RANDOM_SITES, randomStream } from '../base/random.js';
import type { Resampling } from './bootstrap.js';
import { checkLength } from './classification.js';
import { addRow, checkSameDialogues, type DialogueSums, type SumMetric, sparseRows } from './dialogues.js';

/** Two configurations compared on one metric. */
export interface Comparison {
  /** First minus second, each the mean over its runs. */
  difference: number;
  /** Two-sided: how likely so large a difference is between configurations that do not differ. */
  pValue: number;
}

/**
 * Paired approximate randomisation over dialogues (Yeh, "More accurate tests for the statistical significance of
 * result differences", COLING 2000): were the two alike, swapping their predictions of any dialogue would change
 * nothing, so the difference found is ranked among those after swapping each dialogue with probability 1/2:
 * p = (1 + #{|d*| >= |d|}) / (1 + resamples).
 *
 * Several seeds a configuration: run i of the first is paired with run i of the second, and a dialogue is swapped in all
 * pairs at once, for what the seeds of one configuration do with a dialogue is not independent. So p speaks of other
 * dialogues, with these trained runs, not of other seeds.
 * @param first a run a seed, from `dialogueConfusions` or `dialogueSums`; @param second the same seeds in the same order.
 * @returns NaN for both where there is no dialogue.
 * @throws InputError where the numbers of runs or the dialogues differ.
 */
export function pairedRandomisation(
  first: readonly DialogueSums[],
  second: readonly DialogueSums[],
  metric: SumMetric,
  { seed, resamples = 10_000 }: Resampling,
): Comparison {
  if (first.length !== second.length)
    throw new InputError(
      `One configuration has ${first.length} runs, the other ${second.length}; compare runs of the same seeds.`,
    );
  checkSameDialogues([...first, ...second]);
  const { width } = first[0];
  const count = first[0].dialogues.length;
  if (count === 0) return { difference: Number.NaN, pValue: Number.NaN };
  const pairs = first.map((run, s) => pairOf(run, second[s]));
  const a = new Float64Array(width);
  const b = new Float64Array(width);
  const differenceWith = (swapped: Uint8Array): number => {
    let sum = 0;
    for (const { total, firstTotal, gap } of pairs) {
      a.set(firstTotal);
      for (let d = 0; d < count; d++) if (swapped[d] === 1) addRow(a, gap, d, -1);
      for (let k = 0; k < width; k++) b[k] = total[k] - a[k];
      sum += metric(a) - metric(b);
    }
    return sum / pairs.length;
  };

  const swapped = new Uint8Array(count);
  const difference = differenceWith(swapped);
  // A hair below, so that rounding does not lose differences that are equal on paper.
  const bar = Math.abs(difference) * (1 - 1e-9);
  const random = randomStream(seed, 0, RANDOM_SITES.resampling + 1);
  let extreme = 0;
  for (let r = 0; r < resamples; r++) {
    for (let d = 0, bits = 0; d < count; d++, bits >>>= 1) {
      if (d % 32 === 0) bits = random.word();
      swapped[d] = bits & 1;
    }
    if (Math.abs(differenceWith(swapped)) >= bar) extreme++;
  }
  return { difference, pValue: (1 + extreme) / (1 + resamples) };
}

function pairOf(first: DialogueSums, second: DialogueSums) {
  const { width } = first;
  const total = new Float64Array(width);
  const firstTotal = new Float64Array(width);
  const gap = first.rows.map((value, at) => {
    firstTotal[at % width] += value;
    total[at % width] += value + second.rows[at];
    return value - second.rows[at];
  });
  return { total, firstTotal, gap: sparseRows(gap, width) };
}

/** McNemar's test: of the utterances that just one of two predicts rightly, are there more on one side? */
export interface McNemar {
  /** Utterances that only the first predicts rightly. */
  onlyFirst: number;
  onlySecond: number;
  /** Two-sided. */
  pValue: number;
  method: 'exact' | 'chi-square';
}

/** Up to so many utterances the exact binomial test is used: it costs nothing there, and the other approximates it. */
const EXACT_UP_TO = 1000;

/**
 * McNemar's test on correctness. It takes utterances for independent, which those of one dialogue are not, so it says
 * "different" too readily: `pairedRandomisation` is the test to go by.
 * @param labels [N], -1 skipped; @param first predictions [N]; @param second predictions [N]
 * @throws InputError where lengths differ.
 */
export function mcnemar(labels: ArrayLike<number>, first: ArrayLike<number>, second: ArrayLike<number>): McNemar {
  checkLength('predictions of the first', first.length, labels.length);
  checkLength('predictions of the second', second.length, labels.length);
  let onlyFirst = 0;
  let onlySecond = 0;
  for (let i = 0; i < labels.length; i++) {
    if (first[i] === labels[i] && second[i] !== labels[i]) onlyFirst++;
    if (first[i] !== labels[i] && second[i] === labels[i]) onlySecond++;
  }
  return { onlyFirst, onlySecond, ...mcnemarOfCounts(onlyFirst, onlySecond) };
}

/**
 * The same from the two counts: exact binomial up to 1000 utterances together, above it chi-square with one degree of
 * freedom and continuity correction (absolute error of p below 1.2e-7).
 */
export function mcnemarOfCounts(onlyFirst: number, onlySecond: number): Pick<McNemar, 'pValue' | 'method'> {
  const count = onlyFirst + onlySecond;
  if (onlyFirst === onlySecond) return { pValue: 1, method: count <= EXACT_UP_TO ? 'exact' : 'chi-square' };
  if (count <= EXACT_UP_TO) {
    const chances = binomialDistribution(count, 0.5) as number[];
    let tail = 0;
    for (let k = 0; k <= Math.min(onlyFirst, onlySecond); k++) tail += chances[k];
    return { pValue: Math.min(1, 2 * tail), method: 'exact' };
  }
  const statistic = (Math.abs(onlyFirst - onlySecond) - 1) ** 2 / count;
  return { pValue: 1 - errorFunction(Math.sqrt(statistic / 2)), method: 'chi-square' };
}

/**
 * Holm's correction for several tests in one table ("A simple sequentially rejective multiple test procedure",
 * Scandinavian Journal of Statistics 6, 1979): the smallest p times their number, the next times one less, and so on,
 * none smaller than the one before, none above 1.
 * @returns corrected p-values, in the order given.
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j]);
  const corrected = new Array<number>(pValues.length);
  let floor = 0;
  order.forEach((i, rank) => {
    floor = Math.min(1, Math.max(floor, pValues[i] * (pValues.length - rank)));
    corrected[i] = floor;
  });
  return corrected;
}
