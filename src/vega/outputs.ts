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
    fused: joinRows(parts.map((part) => part.fused)),
    ...(anchored.length > 0 && { anchored: joinRows(anchored) }),
  };
}

type BranchRows = Partial<Record<Branch, Float32Array>>;

function joinBranches(parts: readonly BranchRows[]): BranchRows {
  const whole: BranchRows = {};
  for (const branch of BRANCHES) {
    const list = parts.flatMap((part) => part[branch] ?? []);
    if (list.length > 0) whole[branch] = joinRows(list);
  }
  return whole;
}

function joinRows(parts: readonly Float32Array[]): Float32Array {
  if (parts.length === 1) return parts[0];
  const rows = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    rows.set(part, at);
    at += part.length;
  }
  return rows;
}
