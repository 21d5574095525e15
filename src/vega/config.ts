import { z } from 'zod';

export const ACTIVATIONS = ['relu', 'gelu', 'silu', 'tanh', 'leaky_relu', 'elu', 'none'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

const fraction = z.number().min(0).lt(1);
const weight = z.number().min(0);

const headSchema = z.strictObject({
  /** Linear layers; every hidden one keeps the width of its input. */
  layers: z.number().int().min(1).max(8),
  activation: z.enum(ACTIVATIONS),
  /** Dropout after each hidden activation. */
  dropout: fraction,
});
export type HeadConfig = z.infer<typeof headSchema>;

/** Weights of one branch's cross-entropies and self-distillation terms: λ before each term and before their sums. */
const branchLossSchema = z.strictObject({
  /** Weight of the sum of the four cross-entropies. */
  ce: weight,
  fusedCe: weight,
  textCe: weight,
  audioCe: weight,
  visualCe: weight,
  /** Weight of the sum of the three self-distillation terms. */
  kl: weight,
  textKl: weight,
  audioKl: weight,
  visualKl: weight,
});
export type BranchLossConfig = z.infer<typeof branchLossSchema>;

/** The model's hyper-parameters; the data decides the rest (`VegaShape`). */
export const vegaConfigSchema = z.strictObject({
  /** Width H of every representation. */
  hidden: z.number().int().min(2).max(8192),
  /** Attention heads; divides hidden. */
  attentionHeads: z.number().int().min(1).max(64),
  /** Dropout inside the cross-modal encoders. */
  dropout: fraction,
  /**
   * What an utterance sees of its dialogue. 'causal': no later one, so that a prediction never changes afterwards;
   * 'none': itself alone.
   */
  context: z.enum(['full', 'causal', 'none']),
  classHead: headSchema,
  anchorHead: headSchema,
  /** Factor on cosines to anchors: the inverse of CLIP's temperature. */
  anchorScale: z.number().positive().max(10_000).default(100),
  /** Whether that factor is learned, as CLIP learns its own: it starts at `anchorScale` and never passes 100. */
  anchorScaleLearned: z.boolean().default(false),
  /** Epochs over which the weight of the anchor branch's loss rises linearly from 0; 0 = none, as published. */
  anchorWarmup: z.number().min(0).max(1_000_000).default(0),
  /** Loss weights of the class heads and of the anchor branch. */
  classLoss: branchLossSchema,
  anchorLoss: branchLossSchema,
});
export type VegaConfig = z.infer<typeof vegaConfigSchema>;

/** The published hyper-parameters for IEMOCAP (the released implementation's values). */
export const PAPER_IEMOCAP: VegaConfig = {
  hidden: 768,
  attentionHeads: 4,
  dropout: 0.53,
  context: 'full',
  classHead: { layers: 3, activation: 'gelu', dropout: 0.3963 },
  anchorHead: { layers: 2, activation: 'elu', dropout: 0.37442 },
  anchorScale: 100,
  anchorScaleLearned: false,
  anchorWarmup: 0,
  classLoss: {
    ce: 0.952145912451511,
    fusedCe: 0.7666280675458248,
    textCe: 0.5132246022346865,
    audioCe: 0.353586961732085,
    visualCe: 0.7752948515843562,
    kl: 0.34682017654570013,
    textKl: 0.3890408530969896,
    audioKl: 0.6867174752097939,
    visualKl: 0.7814637321138567,
  },
  anchorLoss: {
    ce: 0.46216,
    fusedCe: 0.5279318174861871,
    textCe: 0.16915412370438695,
    audioCe: 0.30204579599936027,
    visualCe: 0.22488632753078353,
    kl: 0.4868,
    textKl: 0.9357852654818557,
    audioKl: 0.27293,
    visualKl: 0.71586,
  },
};
