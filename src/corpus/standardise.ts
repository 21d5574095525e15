import { MODALITIES, type Modality } from '../base/modalities.js';
import type { CorpusView, FeatureTable } from './types.js';

/**
 * What brings the features of one modality to mean 0 and deviation 1 a dimension: (x - mean) / deviation, cut off at
 * ± bound.
 */
export interface Standardisation {
  /** [dim] */
  mean: Float32Array;
  /** [dim]; 1 where the dimension is constant. */
  deviation: Float32Array;
  /** Absent in runs of earlier versions, which cut nothing off. */
  bound?: number;
}

/** One for every modality of a corpus. */
export type Standardisations = Partial<Record<Modality, Standardisation>>;

/**
 * A dimension that varies by less than this share of its mean is constant but for rounding (float32 keeps 6e-8 of a
 * number). It is divided by 1: divided by what rounding left, it would be anything.
 */
const CONSTANT = 1e-6;

/**
 * Standardised values are cut off here. Of a normal distribution nothing lies beyond, so what does is an outlier of one
 * recording, or a dimension that hardly varied in training; without a bound a single one of them can decide an answer.
 */
const BOUND = 10;

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
  const deviation = Float32Array.from(squares, (sum, j) => {
    const found = chosen.length < 2 ? 0 : Math.sqrt(sum / (chosen.length - 1));
    return found > CONSTANT * Math.abs(mean[j]) ? found : 1;
  });
  return { mean: Float32Array.from(mean), deviation, bound: BOUND };
}

/** Writes a row [dim] into a table from `at` on, standardised; as it is where there is nothing to standardise by. */
export function putRow(table: Float32Array, at: number, row: Float32Array, by: Standardisation | undefined): void {
  if (by === undefined) {
    table.set(row, at);
    return;
  }
  const { mean, deviation, bound = Number.POSITIVE_INFINITY } = by;
  for (let j = 0; j < row.length; j++) {
    const value = (row[j] - mean[j]) / deviation[j];
    table[at + j] = value > bound ? bound : value < -bound ? -bound : value;
  }
}

/**
 * How far a row is from those that a standardisation was fitted on: the root mean square of its standardised numbers,
 * about 1 for those rows themselves. @param row [dim], standardised
 */
export function distanceOf(row: Float32Array): number {
  let sum = 0;
  for (const x of row) sum += x * x;
  return Math.sqrt(sum / row.length);
}
