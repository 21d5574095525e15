import {
  argmax,
  bootstrapIntervals,
  type DialogueSums,
  differenceOfRuns,
  joinRuns,
  mcnemar,
  pairedRandomisation,
  type Resampling,
  weightedF1,
} from '../../metrics/index.js';
import type { SplitOutputs } from '../outputs.js';
import type { ResultRow, RowComparison } from './types.js';

/** A row, and what of its runs a comparison needs. */
export interface ScoredRow {
  row: ResultRow;
  /** For each seed, [N]: labels, and what the class head chose. */
  choices: { labels: Int32Array; chosen: ArrayLike<number> }[];
  /** Class head: a confusion matrix a dialogue, for each seed. */
  confusions: DialogueSums[];
}

/** What the class head chose in a run. */
export function choicesOf({ classes, labels, logits }: SplitOutputs): ScoredRow['choices'][number] {
  return { labels, chosen: argmax(logits.fused as Float32Array, classes.length) };
}

/**
 * Compares two rows of a corpus on the class head's weighted F1. A baseline that nothing is drawn in stands against
 * every seed of the other.
 * @returns undefined where they have no seeds in common; `pHolm` is the uncorrected one until the table is known.
 */
export function compareRows(one: ScoredRow, reference: ScoredRow, resampling: Resampling): RowComparison | undefined {
  const pairs = pairSeeds(one, reference);
  if (pairs.length === 0) return undefined;
  const [first, second] = [pairs.map(([a]) => one.confusions[a]), pairs.map(([, b]) => reference.confusions[b])];
  const { difference, pValue } = pairedRandomisation(first, second, weightedF1, resampling);
  const metric = differenceOfRuns(weightedF1, pairs.length, pairs.length);
  const { lower, upper } = bootstrapIntervals(joinRuns([...first, ...second]), { metric }, resampling).metric;
  return {
    reference: reference.row.configuration,
    difference,
    interval: { lower, upper },
    pValue,
    pHolm: pValue,
    mcnemar: pairs.map(([a, b]) => {
      const { onlyFirst, onlySecond, pValue: p } = mcnemarOf(one.choices[a], reference.choices[b]);
      return {
        seed: Math.max(one.row.seeds[a], reference.row.seeds[b]),
        onlyThis: onlyFirst,
        onlyReference: onlySecond,
        pValue: p,
      };
    }),
  };
}

/** Which runs stand against each other: those of equal seeds, or a row's only run against all of the other's. */
function pairSeeds({ row: { seeds: a } }: ScoredRow, { row: { seeds: b } }: ScoredRow): [number, number][] {
  const same = a.flatMap((seed, i): [number, number][] => (b.includes(seed) ? [[i, b.indexOf(seed)]] : []));
  if (a.length === 1 && same.length === 1 && b.length > 1) return b.map((_, j) => [0, j]);
  if (b.length === 1 && same.length === 1 && a.length > 1) return a.map((_, i) => [i, 0]);
  return same;
}

const mcnemarOf = (first: ScoredRow['choices'][number], second: ScoredRow['choices'][number]) =>
  mcnemar(first.labels, first.chosen, second.chosen);
