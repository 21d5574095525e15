import { MODALITIES, type Modality } from '../base/modalities.js';
import type { CorpusView, FeatureTable } from './types.js';

/** What brings the features of one modality to mean 0 and deviation 1 a dimension: (x - mean) / deviation. */
export interface Standardisation {
  /** [dim] */
  mean: Float32Array;
  /** [dim], at least 1e-6. */
  deviation: Float32Array;
}

/** One for every modality of a corpus. */
export type Standardisations = Partial<Record<Modality, Standardisation>>;

/** A constant dimension has deviation 0; this floor keeps its standardised value at 0 instead of NaN. */
const FLOOR = 1e-6;

/**
 * Mean and sample deviation (divisor n - 1, as torch.std) a dimension, over the utterances of some dialogues that have
 * the modality; accumulated in float64. With fewer than two such utterances the deviation is taken as 1.
 * @param dialogueIndices usually those of the training split
 */
export function standardisations(
  corpus: Pick<CorpusView, 'dialogues' | 'features'>,
  dialogueIndices: readonly number[],
): Standardisations {
  const result: Standardisations = {};
  for (const modality of MODALITIES) {
    const table = corpus.features[modality];
    if (table !== undefined) result[modality] = ofRows(table, presentRows(corpus, table, dialogueIndices));
  }
  return result;
}

function presentRows(
  corpus: Pick<CorpusView, 'dialogues' | 'features'>,
  { presence }: FeatureTable,
  dialogueIndices: readonly number[],
): number[] {
  const rows: number[] = [];
  for (const index of dialogueIndices) {
    const { offset, utterances } = corpus.dialogues[index];
    for (let row = offset; row < offset + utterances.length; row++) if (presence?.[row] !== 0) rows.push(row);
  }
  return rows;
}

/** Two passes: squares of centred values lose no digits where the mean is large against the deviation. */
function ofRows({ dim, rows }: FeatureTable, chosen: readonly number[]): Standardisation {
  const mean = new Float64Array(dim);
  for (const row of chosen) for (let j = 0; j < dim; j++) mean[j] += rows[row * dim + j];
  for (let j = 0; j < dim; j++) mean[j] /= Math.max(1, chosen.length);
  const squares = new Float64Array(dim);
  for (const row of chosen) for (let j = 0; j < dim; j++) squares[j] += (rows[row * dim + j] - mean[j]) ** 2;
  return {
    mean: Float32Array.from(mean),
    deviation: Float32Array.from(squares, (sum) =>
      chosen.length < 2 ? 1 : Math.max(FLOOR, Math.sqrt(sum / (chosen.length - 1))),
    ),
  };
}
