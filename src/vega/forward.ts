import type { Branch, Modality } from '../base/modalities.js';
import { ops, type Tensor } from '../graph/index.js';
import type { Context } from './context.js';
import { crossEncoder } from './encoder.js';
import { anchorLogits, anchorSpace, anchorTargets, classLogits } from './heads.js';
import { released, sourcesOf } from './names.js';

const { add, concat, linear, matmul, softmaxFusion } = ops;

/**
 * What the model computes for N utterances: [N, C] logits a branch, the fused representation [N, H], and with the
 * anchor branch where that lies among the anchors [N, D].
 */
export interface Forward {
  logits: Map<Branch, Tensor>;
  anchorLogits: Map<Branch, Tensor>;
  fused: Tensor;
  anchored?: Tensor;
}

/** The whole model, from features to logits. */
export function forward(c: Context): Forward {
  const z = project(c); // [N, H] a modality
  const representation = new Map<Branch, Tensor>(); // [N, H] a branch
  for (const target of c.modalities) {
    const seen = sourcesOf(target, c.modalities).map((source) => crossEncoder(c, z, source, target));
    const weight = c.weight(released.reduce(target, 'weight'));
    representation.set(target, linear(concat(seen), weight, c.weight(released.reduce(target, 'bias'))));
  }
  const fused = fuse(
    c,
    c.modalities.map((m) => representation.get(m) as Tensor),
  );
  representation.set('fused', fused);

  const branches = [...representation];
  const logits = new Map(branches.map(([b, x]) => [b, classLogits(c, x, b)]));
  if (c.shape.anchorDim === undefined) return { logits, anchorLogits: new Map(), fused };
  const anchors = anchorTargets(c);
  const anchored = new Map(branches.map(([b, x]) => [b, anchorSpace(c, x, b)])); // [N, D] a branch
  const similar = new Map([...anchored].map(([b, z]) => [b, anchorLogits(c, z, anchors)]));
  return { logits, anchorLogits: similar, fused, anchored: anchored.get('fused') };
}

/** Features of each modality in the common width, plus the sinusoidal position and the speaker's embedding. [N, H] */
function project(c: Context): Record<Modality, Tensor> {
  const { hidden } = c.config;
  const speakers = c.input('speakers', ['utterances', c.shape.speakers + 1]); // one-hot
  const who = matmul(speakers, c.weight(released.speaker)); // [N, H]
  const place = add(who, c.input('position', ['utterances', hidden])); // [N, H]
  const entries = c.modalities.map((m) => {
    const features = c.input(`features.${m}`, ['utterances', c.shape.dims[m] as number]);
    return [m, linear(features, c.weight(released.input(m)), place)];
  });
  return Object.fromEntries(entries);
}

/**
 * Multimodal gate: a softmax over the modalities that are present, channel by channel, weights their representations.
 * @param representations [N, H] a modality; @returns [N, H].
 */
function fuse(c: Context, representations: Tensor[]): Tensor {
  const weight = c.weight(released.fuse);
  const gates = representations.map((x) => linear(x, weight)); // [N, H] each
  const present = c.modalities.map((m) => (c.isPartial(m) ? c.input(`present.${m}`, ['utterances', 1]) : undefined));
  return softmaxFusion(gates, representations, present);
}
