import type { Batch } from '../base/batch.js';
import type { Branch, Modality } from '../base/modalities.js';

export type { Batch };

/** What the data decides about a model: which branches it has and how wide its ends are. */
export interface VegaShape {
  /** Number of emotion classes C. */
  classes: number;
  /** Number of speakers S; the embedding has one further row for padding, as released checkpoints have it. */
  speakers: number;
  /** Feature dimension a modality. A modality that the corpus lacks is left out, and with it all its branches. */
  dims: Partial<Record<Modality, number>>;
  /** Dimension D of the anchors; undefined builds a model without the anchor branch. */
  anchorDim?: number;
  /** Prototypes k of each class, default 1 (as published). Anchors are then [C·k, D], those of a class together. */
  prototypes?: number;
  /** In training, anchors are given once a batch (default, as published), or for each dialogue or utterance. */
  anchorDraw?: 'batch' | 'dialogue' | 'utterance';
  /** A control: the anchors are parameters ("learned_anchors") that training moves; none are given. */
  learnedAnchors?: boolean;
  /** Modalities that some utterances lack: their presence masks become part of the graph. */
  partial?: Modality[];
}

/**
 * What the anchor branch compares with when nothing is drawn: class centres or prototypes [C·k, D]; "learned" where the
 * model itself holds them; null without the anchor branch.
 */
export type AnchorTargets = Float32Array | 'learned' | null;

/** Model outputs for the N utterances of a batch, rows in the batch's order. */
export interface VegaOutputs {
  /** [N, C] a branch. */
  logits: Partial<Record<Branch, Float32Array>>;
  /** [N, C] a branch: cosine to each class anchor times `anchorScale`; absent without the anchor branch. */
  anchorLogits?: Partial<Record<Branch, Float32Array>>;
  /** [N, H] fused representation. */
  fused: Float32Array;
  /** [N, D] the fused representation among the anchors, of unit length; absent without the anchor branch. */
  anchored?: Float32Array;
  /** What the fused representation was made of; only where it was asked for. */
  evidence?: Evidence;
}

/** What a prediction rests on: which modalities, and which utterances. */
export interface Evidence {
  /** The model's modalities, in the order of the columns of `shares`. */
  modalities: Modality[];
  /**
   * [N, M] each modality's share in the fused representation: the fusion's softmax weights, mean over channels. A row
   * sums to 1; an absent modality has 0; all are 0 where no modality is present.
   */
  shares: Float32Array;
  /**
   * [B, L, L] how much each utterance (row) looked at each one of its dialogue (column), L the longest dialogue's length.
   * The attention weights' mean over heads and over the encoders of a target modality, then over the target modalities,
   * each weighted by its share in this utterance. A row sums to 1 over its dialogue; rows and columns of padding, and
   * rows of utterances without any modality, are 0.
   */
  attention: Float32Array;
}

/**
 * The terms of the loss, unweighted, by the names of the golden files: ce.all, ce.text, …, kl.text, …, anchor_ce.all,
 * …, anchor_kl.text, …, and total. Where all of them are finite and the gradient is not, its norm as `gradient`.
 */
export type LossTerms = Record<string, number>;

export interface TrainStepOptions {
  /** Seed and step of the dropout masks; the step also is AdamW's bias-correction counter (first step = 1). */
  seed: number;
  step: number;
  learningRate: number;
  /** Decoupled weight decay. */
  weightDecay: number;
  /** [C] class weights of every cross-entropy. */
  classWeights: Float32Array;
  /** Weight of the anchor branch's loss, 0 … 1, where it is warmed up (`anchorWarmup`); default 1. */
  anchorWeight?: number;
  /** Scale the whole gradient down to this L2 norm where it is larger; undefined or 0 = no clipping. */
  clipNorm?: number;
}

/** Trainable values and AdamW's moments, by the names of released checkpoints (textf_input.weight, …). */
export interface ParameterStore {
  /** In a fixed order. */
  readonly names: readonly string[];
  shape(name: string): readonly number[];
  /** Live views: writing to them changes the model. */
  value(name: string): Float32Array;
  gradient(name: string): Float32Array;
  firstMoment(name: string): Float32Array;
  secondMoment(name: string): Float32Array;
}

/** A model that predicts. See `createPredictionModel`. */
export interface PredictionModel {
  readonly shape: VegaShape;
  /** Forward without dropout. @param anchors [C·k, D] row-major; null without the anchor branch or with learned anchors. */
  predict(batch: Batch, anchors: Float32Array | null): Promise<VegaOutputs>;
  /** Frees sessions and memory; the model cannot be used afterwards. */
  dispose(): Promise<void>;
}

/** A model in training: graph, sessions and parameters. It predicts with its present parameters. See `createVega`. */
export interface Vega extends PredictionModel {
  readonly parameters: ParameterStore;
  /**
   * Brings parameters and moments back to the store from the device, where an engine keeps them there between steps; until
   * then the store refuses to show them. What is written to the store afterwards counts.
   */
  readBack(): Promise<void>;
  /**
   * One training step: forward, losses, gradients, AdamW, in place. When a loss term or the gradient is not
   * finite, nothing is updated: the terms come back as they are and the caller decides. One step at a time.
   * @param anchors [C·k, D] row-major, centres or one exemplar a class; with `anchorDraw`, as many of these as the
   * batch has dialogues or utterances; null without the anchor branch or with learned anchors.
   */
  trainStep(batch: Batch, anchors: Float32Array | null, options: TrainStepOptions): Promise<LossTerms>;
}
