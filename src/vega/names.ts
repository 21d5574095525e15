import { type Branch, MODALITIES, type Modality } from '../base/modalities.js';

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
  /** Every checkpoint has some of these, so they tell a state dict from anything else. */
  isParameter: (name: string) =>
    /^(textf|acouf|visuf)_input\.|^speaker_embeddings\.|_gate\.fc\.|_output_layer\.|^features_reduce_|transformer_inter/.test(
      name,
    ),
  /** Whether a parameter is there for the sake of a modality. */
  isOf: (m: Modality, name: string) =>
    name === released.input(m) ||
    new RegExp(`^(${LETTER[m]}_|[tav]_${LETTER[m]}[._]|features_reduce_${LETTER[m]}\\.)`).test(name),
  /** Parameters whose first axis is the model's width, and those whose second one is. */
  widths: [
    /_input\.weight$|^features_reduce_._?|transformer_inter|_gate\.fc\./,
    /^speaker_embeddings\.weight$|_(output_layer|clip_proj)\.\d+\.weight$/,
  ],
  /** Parameters that no output depends on, and those of anchor heads. */
  isIdle: (name: string) => /_temp$|transformer_inter\.0\.layer_norm|^prob_gate_logit$/.test(name),
  isOfAnchorHead: (name: string) => /_clip_proj\./.test(name),
  /** A learned log-temperature of distillation. */
  isTemperature: (name: string) => /_temp$/.test(name),
  /** A bias of attention keys, which shifts every score of a query alike: no output depends on it. */
  isKeyBias: (name: string) => name.endsWith('.linear_k.bias'),
  /** Stored as a 1×1 convolution, with a trailing axis of 1. */
  isConvolution: (name: string) => MODALITIES.some((m) => name === released.input(m)),
  /** Anchors as parameters: a control of this project, in no released checkpoint. */
  learnedAnchors: 'learned_anchors',
  /** Logarithm of the learned factor on cosines to anchors; CLIP's name for its own, in no released checkpoint. */
  anchorScale: 'logit_scale',
} as const;

/** The order in which a target's encodings are joined: from itself, then from the others. */
export const sourcesOf = (target: Modality, modalities: readonly Modality[]): Modality[] => [
  target,
  ...modalities.filter((m) => m !== target),
];
