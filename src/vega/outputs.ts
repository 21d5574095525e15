import { joinFloats } from '../base/floats.js';
import { BRANCHES, type Branch } from '../base/modalities.js';
import type { VegaOutputs } from './types.js';

/** The outputs of several batches as those of one, their rows one after the other. */
export function joinOutputs(parts: readonly VegaOutputs[]): VegaOutputs {
  const anchored = parts.flatMap((part) => part.anchored ?? []);
  return {
    logits: joinBranches(parts.map((part) => part.logits)),
    ...(parts.some((part) => part.anchorLogits) && {
      anchorLogits: joinBranches(parts.map((part) => part.anchorLogits ?? {})),
    }),
    fused: joinFloats(parts.map((part) => part.fused)),
    ...(anchored.length > 0 && { anchored: joinFloats(anchored) }),
  };
}

type BranchRows = Partial<Record<Branch, Float32Array>>;

function joinBranches(parts: readonly BranchRows[]): BranchRows {
  const whole: BranchRows = {};
  for (const branch of BRANCHES) {
    const list = parts.flatMap((part) => part[branch] ?? []);
    if (list.length > 0) whole[branch] = joinFloats(list);
  }
  return whole;
}
