import type { Branch } from '../base/modalities.js';
import { ops, type Tensor } from '../graph/index.js';
import type { Activation, HeadConfig } from './config.js';
import type { Context } from './context.js';
import { released } from './names.js';
import { headIndices } from './parameters.js';

const { elu, gelu, l2Normalise, leakyRelu, linear, relu, scale, silu, tanh } = ops;

const ACTIVATE: Record<Activation, (x: Tensor) => Tensor> = {
  relu,
  gelu,
  silu,
  tanh,
  leaky_relu: leakyRelu,
  elu,
  none: (x) => x,
};

/** Factor on cosines to anchors: the inverse of CLIP's temperature. */
const ANCHOR_SCALE = 100;

/** Linear layers with an activation and dropout between them. @param x [N, H]; @returns [N, width of the last layer]. */
function mlp(c: Context, x: Tensor, head: HeadConfig, name: typeof released.classHead, branch: Branch): Tensor {
  const indices = headIndices(head);
  return indices.reduce((h, index, i) => {
    const y = linear(h, c.weight(name(branch, index, 'weight')), c.weight(name(branch, index, 'bias')));
    if (i === indices.length - 1) return y;
    return c.dropout(ACTIVATE[head.activation](y), head.dropout, name(branch, index, 'weight'));
  }, x);
}

/** Class head of a branch. @param representation [N, H]; @returns logits [N, C]. */
export const classLogits = (c: Context, representation: Tensor, branch: Branch): Tensor =>
  mlp(c, representation, c.config.classHead, released.classHead, branch);

/**
 * Cosine similarity of every utterance to every class anchor, times 100.
 * @param representation [N, H] utterances; @param anchors [C, D], L2-normalised: centres, or one exemplar a class.
 * @returns anchor logits [N, C].
 */
export function anchorLogits(c: Context, representation: Tensor, anchors: Tensor, branch: Branch): Tensor {
  const z = l2Normalise(mlp(c, representation, c.config.anchorHead, released.anchorHead, branch)); // [N, D]
  return scale(linear(z, anchors), ANCHOR_SCALE); // [N, C]
}
