import type { Branch, Modality } from '../base/modalities.js';

// Parameter names as the authors' released checkpoints have them (and ../shared/golden): the only place that knows them.

const LETTER: Record<Modality, string> = { text: 't', audio: 'a', visual: 'v' };
const INPUT: Record<Modality, string> = { text: 'textf', audio: 'acouf', visual: 'visuf' };
const branchLetter = (branch: Branch) => (branch === 'fused' ? 'all' : LETTER[branch]);

/** The encoder in which queries of `target` attend to keys and values of `source`. */
const encoder = (source: Modality, target: Modality) => `${LETTER[source]}_${LETTER[target]}`;
const layer = (source: Modality, target: Modality) => `${encoder(source, target)}.transformer_inter.0`;

export const released = {
  input: (m: Modality) => `${INPUT[m]}_input.weight`,
  speaker: 'speaker_embeddings.weight',
  attention: (s: Modality, t: Modality, part: 'q' | 'k' | 'v' | 'out', kind: 'weight' | 'bias') =>
    `${layer(s, t)}.self_attn.linear${part === 'out' ? '' : `_${part}`}.${kind}`,
  feedForward: (s: Modality, t: Modality, part: 'layer_norm' | 'w_1' | 'w_2', kind: 'weight' | 'bias') =>
    `${layer(s, t)}.feed_forward.${part}.${kind}`,
  /** In every checkpoint, used by nothing: the first layer has no norm before its attention. */
  idleNorm: (s: Modality, t: Modality, kind: 'weight' | 'bias') => `${layer(s, t)}.layer_norm.${kind}`,
  gate: (s: Modality, t: Modality) => `${encoder(s, t)}_gate.fc.weight`,
  reduce: (m: Modality, kind: 'weight' | 'bias') => `features_reduce_${LETTER[m]}.${kind}`,
  fuse: 'last_gate.fc.weight',
  classHead: (b: Branch, index: number, kind: 'weight' | 'bias') => `${branchLetter(b)}_output_layer.${index}.${kind}`,
  anchorHead: (b: Branch, index: number, kind: 'weight' | 'bias') => `${branchLetter(b)}_clip_proj.${index}.${kind}`,
  temperature: (m: Modality) => `${LETTER[m]}_cls_temp`,
  anchorTemperature: (m: Modality) => `${LETTER[m]}_clip_temp`,
  /** Logit of the class head's share in the mixture of class and anchor head; no loss trains it. */
  mixture: 'prob_gate_logit',
  /** Anchors as parameters: a control of this project, in no released checkpoint. */
  learnedAnchors: 'learned_anchors',
} as const;

/** The order in which a target's encodings are joined: from itself, then from the others. */
export const sourcesOf = (target: Modality, modalities: readonly Modality[]): Modality[] => [
  target,
  ...modalities.filter((m) => m !== target),
];
