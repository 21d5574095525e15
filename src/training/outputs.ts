import { type CorpusView, epochBatches, packBatch, type Standardisations } from '../corpus/index.js';
import { joinOutputs } from '../vega/outputs.js';
import type { AnchorTargets, PredictionModel, VegaOutputs } from '../vega/types.js';

export interface OutputOptions {
  standardise?: Standardisations;
  anchors: AnchorTargets;
  /** Dialogues a batch. */
  batchSize: number;
}

/**
 * Runs a model over whole dialogues, without dropout and masking.
 * @param dialogueIndices into the corpus. @returns rows in their order, with the labels [N], -1 = unlabelled.
 */
export async function collectOutputs(
  vega: PredictionModel,
  corpus: CorpusView,
  dialogueIndices: readonly number[],
  { standardise, anchors, batchSize }: OutputOptions,
): Promise<VegaOutputs & { labels: Int32Array }> {
  const labels: number[] = [];
  const parts: VegaOutputs[] = [];
  for (const indices of epochBatches(dialogueIndices, batchSize, null)) {
    const batch = packBatch(corpus, indices, { standardise });
    parts.push(await vega.predict(batch, anchors === 'learned' ? null : anchors));
    labels.push(...batch.labels);
  }
  return { ...joinOutputs(parts), labels: Int32Array.from(labels) };
}
