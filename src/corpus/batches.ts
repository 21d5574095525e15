import { MODALITIES, type Modality } from '../base/modalities.js';
import type { RandomStream } from '../base/random.js';
import type { Standardisation, Standardisations } from './standardise.js';
import type { Corpus, FeatureTable } from './types.js';

/** Utterances of some dialogues without padding, in the form that the model takes; N utterances in all. */
export interface PackedBatch {
  /** Utterances of each dialogue; their sum is N. */
  lengths: number[];
  /** [N] */
  speakers: Int32Array;
  /** [N], -1 = unlabelled. */
  labels: Int32Array;
  /** [N] row of each utterance in the feature tables of the corpus. */
  rows: Int32Array;
  /** [N, dim] a modality of the corpus; zero where an utterance lacks the modality. */
  features: Partial<Record<Modality, Float32Array>>;
  /** [N] 1 = present, for the modalities that some utterance of the corpus lacks; undefined when there is none. */
  presence?: Partial<Record<Modality, Uint8Array>>;
}

export interface PackOptions {
  /** Applied to each modality it names. */
  standardise?: Standardisations;
}

/** Packs dialogues, in the order given, into one batch. */
export function packBatch(corpus: Corpus, dialogueIndices: readonly number[], options: PackOptions = {}): PackedBatch {
  const dialogues = dialogueIndices.map((index) => corpus.dialogues[index]);
  const lengths = dialogues.map(({ utterances }) => utterances.length);
  const utterances = dialogues.flatMap((dialogue) => dialogue.utterances);
  const rows = Int32Array.from(dialogues.flatMap(({ offset, utterances }) => utterances.map((_, i) => offset + i)));
  const features: PackedBatch['features'] = {};
  const presence: PackedBatch['presence'] = {};
  for (const modality of MODALITIES) {
    const table = corpus.features[modality];
    if (table === undefined) continue;
    features[modality] = gather(table, rows, options.standardise?.[modality]);
    const present = table.presence;
    if (present !== undefined) presence[modality] = Uint8Array.from(rows, (row) => present[row]);
  }
  return {
    lengths,
    speakers: Int32Array.from(utterances, ({ speaker }) => speaker),
    labels: Int32Array.from(utterances, ({ label }) => label),
    rows,
    features,
    ...(Object.keys(presence).length > 0 && { presence }),
  };
}

/** Rows of a table, standardised; rows that are not present become zero. */
function gather(table: FeatureTable, rows: Int32Array, standardisation: Standardisation | undefined): Float32Array {
  const { dim, presence } = table;
  const out = new Float32Array(rows.length * dim);
  rows.forEach((row, i) => {
    if (presence?.[row] === 0) return;
    if (standardisation === undefined) {
      out.set(table.rows.subarray(row * dim, (row + 1) * dim), i * dim);
      return;
    }
    const { mean, deviation, bound = Number.POSITIVE_INFINITY } = standardisation;
    for (let j = 0; j < dim; j++) {
      const value = (table.rows[row * dim + j] - mean[j]) / deviation[j];
      out[i * dim + j] = value > bound ? bound : value < -bound ? -bound : value;
    }
  });
  return out;
}

/**
 * Dialogue indices of each batch of one epoch; the last batch may be smaller.
 * @param stream shuffles the dialogues; null keeps their order, for evaluation
 */
export function epochBatches(
  dialogueIndices: readonly number[],
  batchSize: number,
  stream: RandomStream | null,
): number[][] {
  const order = [...dialogueIndices];
  stream?.shuffle(order);
  const batches: number[][] = [];
  for (let at = 0; at < order.length; at += batchSize) batches.push(order.slice(at, at + batchSize));
  return batches;
}
