import type { Branch, Modality } from '../base/modalities.js';
import { ops, type Tensor } from '../graph/index.js';
import type { Builder } from './builder.js';
import { type Attend, crossEncoder, packedAttention } from './encoder.js';
import { anchorLogits, anchorSpace, anchorTargets, classLogits } from './heads.js';
import { released, sourcesOf } from './names.js';

const { add, concat, linear, matmul, reduceSum, scale, softmaxFusion, sum } = ops;

/**
 * What the model computes for N utterances: [N, C] logits a branch, the fused representation [N, H], and with the
 * anchor branch where that lies among the anchors [N, D].
 */
export interface Forward {
  logits: Map<Branch, Tensor>;
  anchorLogits: Map<Branch, Tensor>;
  fused: Tensor;
  anchored?: Tensor;
  /** [N, M] the mean over channels of each modality's weight in the fusion. */
  shares: Tensor;
  /** [B, L, L] a target: its attention to every utterance, mean over its encoders and their heads. */
  attention: Map<Modality, Tensor>;
}

/**
 * The whole model, from features to logits.
 * @param attend how rows look at each other: by default, packed dialogues at themselves.
 * @param speakers gives the embedding of whoever speaks [N, H]: by default, of one-hot rows that are fed.
 */
export function forward(c: Builder, attend: Attend = packedAttention, speakers = oneHotSpeakers): Forward {
  const z = project(c, speakers(c)); // [N, H] a modality
  const representation = new Map<Branch, Tensor>(); // [N, H] a branch
  for (const target of c.modalities) {
    const seen = sourcesOf(target, c.modalities).map((source) => crossEncoder(c, z, source, target, attend));
    const weight = c.weight(released.reduce(target, 'weight'));
    representation.set(target, linear(concat(seen), weight, c.weight(released.reduce(target, 'bias'))));
  }
  const { fused, weights } = fuse(
    c,
    c.modalities.map((m) => representation.get(m) as Tensor),
  );
  representation.set('fused', fused);

  const branches = [...representation];
  const logits = new Map(branches.map(([b, x]) => [b, classLogits(c, x, b)]));
  const looked = { shares: shares(c, weights), attention: attentionOf(c) };
  if (c.shape.anchorDim === undefined) return { logits, anchorLogits: new Map(), fused, ...looked };
  const anchors = anchorTargets(c);
  const anchored = new Map(branches.map(([b, x]) => [b, anchorSpace(c, x, b)])); // [N, D] a branch
  const similar = new Map([...anchored].map(([b, z]) => [b, anchorLogits(c, z, anchors)]));
  return { logits, anchorLogits: similar, fused, anchored: anchored.get('fused'), ...looked };
}

/** A product, so that training has its gradient. [N, H] */
function oneHotSpeakers(c: Builder): Tensor {
  return matmul(c.input('speakers', ['utterances', c.shape.speakers + 1]), c.weight(released.speaker));
}

/**
 * Features of each modality in the common width, plus the sinusoidal position and the speaker's embedding. [N, H]
 * @param who [N, H]
 */
function project(c: Builder, who: Tensor): Record<Modality, Tensor> {
  const { hidden } = c.config;
  const place = add(who, c.input('position', ['utterances', hidden])); // [N, H]
  const entries = c.modalities.map((m) => {
    const features = c.input(`features.${m}`, ['utterances', c.shape.dims[m] as number]);
    return [m, linear(features, c.weight(released.input(m)), place)];
  });
  return Object.fromEntries(entries);
}

/**
 * Multimodal gate: a softmax over the modalities that are present, channel by channel, weights their representations.
 * @param representations [N, H] a modality; @returns [N, H], and
 * the weights [N, H] a modality.
 */
function fuse(c: Builder, representations: Tensor[]): ops.Fusion {
  const weight = c.weight(released.fuse);
  const gates = representations.map((x) => linear(x, weight)); // [N, H] each
  const present = c.modalities.map((m) => (c.isPartial(m) ? c.input(`present.${m}`, ['utterances', 1]) : undefined));
  return softmaxFusion(gates, representations, present);
}

/** @param weights [N, H] a modality; @returns [N, M], their means over channels. */
function shares(c: Builder, weights: Tensor[]): Tensor {
  return concat(weights.map((w) => scale(reduceSum(w, [1], true), 1 / c.config.hidden)));
}

/** [B, L, L] a target modality: the mean of its encoders' and heads' attention weights. */
function attentionOf(c: Builder): Map<Modality, Tensor> {
  const entries = c.modalities.flatMap((modality): [Modality, Tensor][] => {
    const own = c.attention.filter(({ target }) => target === modality);
    if (own.length === 0) return [];
    return [
      [modality, scale(sum(own.map((a) => reduceSum(a.weights, [1]))), 1 / (own.length * c.config.attentionHeads))],
    ];
  });
  return new Map(entries);
}
