import { InputError } from '../base/errors.js';
import { MODALITIES } from '../base/modalities.js';
import { averageMixture, maximumMixture, softmaxRows } from '../metrics/mixture.js';
import type { VegaOutputs } from '../vega/types.js';

/** What a model says: its two heads, the mixtures of them, and each modality's own class and anchor head. */
export const HEADS = [
  'classHead',
  'anchorHead',
  'average',
  'maximum',
  'text',
  'audio',
  'visual',
  'textAnchor',
  'audioAnchor',
  'visualAnchor',
] as const;
export type Head = (typeof HEADS)[number];

/**
 * The distributions [N, C] of every head that a model has.
 * @param gate logit of the class head's share in the average mixture.
 */
export function headDistributions(
  { logits, anchorLogits }: Pick<VegaOutputs, 'logits' | 'anchorLogits'>,
  classes: number,
  gate = 0,
): Partial<Record<Head, Float32Array>> & { classHead: Float32Array } {
  if (logits.fused === undefined) throw new InputError('The outputs have no fused logits.');
  const classHead = softmaxRows(logits.fused, classes);
  const heads: ReturnType<typeof headDistributions> = { classHead };
  if (anchorLogits?.fused !== undefined) {
    heads.anchorHead = softmaxRows(anchorLogits.fused, classes);
    heads.average = averageMixture(classHead, heads.anchorHead, gate);
    heads.maximum = maximumMixture(classHead, heads.anchorHead, classes);
  }
  for (const modality of MODALITIES) {
    const [own, anchored] = [logits[modality], anchorLogits?.[modality]];
    if (own) heads[modality] = softmaxRows(own, classes);
    if (anchored) heads[`${modality}Anchor`] = softmaxRows(anchored, classes);
  }
  return heads;
}
