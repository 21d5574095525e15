import { ops, type Tensor } from '../graph/index.js';
import type { Builder } from './builder.js';
import type { VegaConfig } from './config.js';
import { released } from './names.js';

/** A learned factor on cosines does not pass this, as in CLIP (Radford et al., 2021, section 2.5). */
export const MAX_LEARNED_SCALE = 100;

/**
 * Cosines times the factor of the anchor head: `anchorScale`, or e^s with s learned, at most 100. Above that, s has no
 * gradient: ln 100 − relu(ln 100 − s) is the smaller of both.
 * @param cosines [N, C·k]; @returns the same shape.
 */
export function scaled(c: Builder, cosines: Tensor): Tensor {
  if (!c.config.anchorScaleLearned) return ops.scale(cosines, c.config.anchorScale);
  const most = Math.log(MAX_LEARNED_SCALE);
  const below = ops.relu(ops.shift(ops.neg(c.weight(released.anchorScale)), most));
  return ops.mul(cosines, ops.exp(ops.shift(ops.neg(below), most)));
}

/** The same factor as a number. @param value of a parameter by its released name. */
export function anchorScaleOf(config: VegaConfig, value: (name: string) => Float32Array | undefined): number {
  const learned = config.anchorScaleLearned ? value(released.anchorScale)?.[0] : undefined;
  return learned === undefined ? config.anchorScale : Math.min(Math.exp(learned), MAX_LEARNED_SCALE);
}
