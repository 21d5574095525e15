import { sampleAnchors, sampleAnchorsEach, samplePrototypes } from '../anchors/index.js';
import type { RandomStream } from '../base/random.js';
import type { TrainingConfig } from '../run/index.js';
import type { Batch } from '../vega/types.js';
import type { FitData } from './fit.js';

/**
 * The anchors of one training step: with probability r random exemplars, else the targets of evaluation.
 * @param stream keyed by the step. @returns [C·k, D], or as many of these as the batch has dialogues or utterances; null
 * where there is nothing to give: no anchor branch, or learned anchors.
 */
export function drawAnchors(
  { anchors, targets }: Pick<FitData, 'anchors' | 'targets'>,
  { r, anchorDraw, exemplars, prototypes }: TrainingConfig,
  batch: Batch,
  stream: RandomStream,
): Float32Array | null {
  if (anchors === null || targets === null || targets === 'learned') return null;
  const order = anchors.classes.map((_, c) => c);
  if (prototypes > 1) return samplePrototypes(anchors, order, targets, r, stream);
  if (anchorDraw === 'batch') return sampleAnchors(anchors, order, r, stream, exemplars);
  const count = anchorDraw === 'dialogue' ? batch.lengths.length : batch.speakers.length;
  return sampleAnchorsEach(anchors, order, count, r, stream, exemplars);
}
