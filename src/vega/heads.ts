import type { Branch } from '../base/modalities.js';
import { ops, type Tensor } from '../graph/index.js';
import type { Builder } from './builder.js';
import type { Activation, HeadConfig } from './config.js';
import { released } from './names.js';
import { headIndices } from './parameters.js';
import { scaled } from './scale.js';

const { elu, gelu, l2Normalise, leakyRelu, linear, logSumExp, matmul, pick, relu, reshape, silu, tanh } = ops;

const ACTIVATE: Record<Activation, (x: Tensor) => Tensor> = {
  relu,
  gelu,
  silu,
  tanh,
  leaky_relu: leakyRelu,
  elu,
  none: (x) => x,
};

/** Linear layers with an activation and dropout between them. @param x [N, H]; @returns [N, width of the last layer]. */
function mlp(c: Builder, x: Tensor, head: HeadConfig, name: typeof released.classHead, branch: Branch): Tensor {
  const indices = headIndices(head);
  return indices.reduce((h, index, i) => {
    const y = linear(h, c.weight(name(branch, index, 'weight')), c.weight(name(branch, index, 'bias')));
    if (i === indices.length - 1) return y;
    return c.dropout(ACTIVATE[head.activation](y), head.dropout, name(branch, index, 'weight'));
  }, x);
}

/** Class head of a branch. @param representation [N, H]; @returns logits [N, C]. */
export const classLogits = (c: Builder, representation: Tensor, branch: Branch): Tensor =>
  mlp(c, representation, c.config.classHead, released.classHead, branch);

/**
 * The L2-normalised anchors of each class: [C·k, D], or [N, C·k, D] where every utterance has its own.
 */
export function anchorTargets(c: Builder): Tensor {
  const { classes, prototypes = 1, learnedAnchors, anchorDraw = 'batch' } = c.shape;
  const size = [classes * prototypes, c.shape.anchorDim as number];
  if (learnedAnchors) return l2Normalise(c.weight(released.learnedAnchors));
  if (!c.training || anchorDraw === 'batch') return l2Normalise(c.input('anchors', size));
  if (anchorDraw === 'utterance') return l2Normalise(c.input('anchors', ['utterances', ...size]));
  const dialogue = c.input('dialogue', ['utterances'], 'int64');
  return pick(l2Normalise(c.input('anchors', ['dialogues', ...size])), dialogue);
}

/** Where utterances lie in the anchors' space. @param representation [N, H]; @returns [N, D] of unit length. */
export const anchorSpace = (c: Builder, representation: Tensor, branch: Branch): Tensor =>
  l2Normalise(mlp(c, representation, c.config.anchorHead, released.anchorHead, branch));

/**
 * Cosine similarity of every utterance to every class anchor, times a factor (100 as published; `scaled`). With several
 * prototypes a class, its similarity is the log-sum-exp over them.
 * @param z [N, D] of `anchorSpace`; @param anchors of `anchorTargets`: centres, or one exemplar a class.
 * @returns anchor logits [N, C].
 */
export function anchorLogits(c: Builder, z: Tensor, anchors: Tensor): Tensor {
  const similarities = scaled(c, cosines(z, anchors)); // [N, C·k]
  const { classes, prototypes = 1 } = c.shape;
  if (prototypes === 1) return similarities;
  return logSumExp(reshape(similarities, ['utterances', classes, prototypes])); // [N, C]
}

/** @param z [N, D] and @param anchors [M, D] or [N, M, D], of unit length; @returns [N, M]. */
function cosines(z: Tensor, anchors: Tensor): Tensor {
  if (anchors.shape.length === 2) return linear(z, anchors);
  const [count, dim] = anchors.shape.slice(1) as number[];
  const product = matmul(anchors, reshape(z, ['utterances', dim, 1])); // [N, M, 1]
  return reshape(product, ['utterances', count]);
}
