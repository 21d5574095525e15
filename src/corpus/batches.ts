import type { Batch } from '../base/batch.js';
import { MODALITIES } from '../base/modalities.js';
import type { RandomStream } from '../base/random.js';
import { putRow, type Standardisation, type Standardisations } from './standardise.js';
import type { CorpusView, FeatureTable } from './types.js';

export interface PackOptions {
  /** Applied to each modality it names. */
  standardise?: Standardisations;
}

/** Packs dialogues, in the order given, into one batch. */
export function packBatch(
  corpus: Pick<CorpusView, 'dialogues' | 'features'>,
  dialogueIndices: readonly number[],
  options: PackOptions = {},
): Batch & { labels: Int32Array } {
  const dialogues = dialogueIndices.map((index) => corpus.dialogues[index]);
  const lengths = dialogues.map(({ utterances }) => utterances.length);
  const utterances = dialogues.flatMap((dialogue) => dialogue.utterances);
  const rows = Int32Array.from(dialogues.flatMap(({ offset, utterances }) => utterances.map((_, i) => offset + i)));
  const features: Batch['features'] = {};
  const presence: NonNullable<Batch['presence']> = {};
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
    putRow(out, i * dim, table.rows.subarray(row * dim, (row + 1) * dim), standardisation);
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
