import { BRANCHES, type Branch } from '../base/modalities.js';
import { type Corpus, epochBatches, packBatch, type Standardisations } from '../corpus/index.js';
import type { PredictionModel, VegaOutputs } from '../vega/types.js';

/** Outputs of a model for the N utterances of some dialogues, in their order. */
export interface Outputs {
  /** [N], -1 = unlabelled. */
  labels: Int32Array;
  /** [N, C] a branch. */
  logits: Partial<Record<Branch, Float32Array>>;
  /** [N, C] a branch: cosine to each class anchor times `anchorScale`; absent without the anchor branch. */
  anchorLogits?: Partial<Record<Branch, Float32Array>>;
  /** [N, D] the fused representation among the anchors, of unit length; absent without the anchor branch. */
  anchored?: Float32Array;
}

/**
 * What the anchor branch compares with when nothing is drawn: class centres or prototypes [C·k, D]; "learned" where the
 * model itself holds them; null without the anchor branch.
 */
export type AnchorTargets = Float32Array | 'learned' | null;

export interface OutputOptions {
  standardise?: Standardisations;
  anchors: AnchorTargets;
  /** Dialogues a batch. */
  batchSize: number;
  /** Called with the number of dialogues done. */
  onProgress?: (dialogues: number) => void;
}

/** Runs a model over whole dialogues, without dropout and masking. @param dialogueIndices into the corpus. */
export async function collectOutputs(
  vega: PredictionModel,
  corpus: Corpus,
  dialogueIndices: readonly number[],
  { standardise, anchors, batchSize, onProgress }: OutputOptions,
): Promise<Outputs> {
  const labels: number[] = [];
  const parts: VegaOutputs[] = [];
  let done = 0;
  for (const indices of epochBatches(dialogueIndices, batchSize, null)) {
    const batch = packBatch(corpus, indices, { standardise });
    parts.push(await vega.predict(batch, anchors === 'learned' ? null : anchors));
    labels.push(...batch.labels);
    done += indices.length;
    onProgress?.(done);
  }
  return {
    labels: Int32Array.from(labels),
    logits: joined(parts.map((part) => part.logits)),
    ...(anchors !== null && {
      anchorLogits: joined(parts.map((part) => part.anchorLogits ?? {})),
      anchored: joinedRows(parts.flatMap((part) => part.anchored ?? [])),
    }),
  };
}

type BranchRows = Partial<Record<Branch, Float32Array>>;

/** Joins the rows of every branch over batches. */
function joined(parts: readonly BranchRows[]): BranchRows {
  const whole: BranchRows = {};
  for (const branch of BRANCHES) {
    const list = parts.flatMap((part) => part[branch] ?? []);
    if (list.length === 0) continue;
    whole[branch] = joinedRows(list);
  }
  return whole;
}

function joinedRows(parts: readonly Float32Array[]): Float32Array {
  const rows = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    rows.set(part, at);
    at += part.length;
  }
  return rows;
}
