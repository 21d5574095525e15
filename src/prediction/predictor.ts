import { InputError } from '../base/errors.js';
import { type Branch, MODALITIES, type Modality } from '../base/modalities.js';
import type { Corpus, Standardisations } from '../corpus/index.js';
import { argmax } from '../metrics/index.js';
import {
  type AnchorTargets,
  averageMixture,
  collectOutputs,
  maximumMixture,
  type Outputs,
  softmaxRows,
} from '../training/index.js';
import type { PredictionModel } from '../vega/index.js';

/** A probability, or a similarity, for each class by name. */
export type ByClass = Record<string, number>;

/** What a model says of one utterance. */
export interface UtterancePrediction {
  dialogue: string;
  /** Position in the dialogue, from 0. */
  index: number;
  /** True class, where the corpus has one. */
  label?: string;
  /** The class head's choice: the prediction. */
  prediction: string;
  classHead: ByClass;
  /** This and all below that is of anchors: only where the model has an anchor branch and anchors. */
  anchorHead?: ByClass;
  /** The gated average of both heads, and the surer of both. */
  average?: ByClass;
  maximum?: ByClass;
  /** Choice of each modality's own heads; only for modalities that the utterance has. */
  modalities: Partial<Record<Modality, { classHead: string; anchorHead?: string }>>;
  /** Cosine of the fused representation to each class's anchor, -1 … 1. */
  similarity?: ByClass;
}

/** What a predictor is made of. */
export interface PredictorParts {
  vega: PredictionModel;
  /** Class names in the model's order. */
  classes: readonly string[];
  /** What the anchor branch compares with, classes in the order of `classes`; null = class head only. */
  anchors: AnchorTargets;
  standardise?: Standardisations;
  /** Logit of the class head's share in the average mixture. */
  gate?: number;
  /** What the model multiplies cosines to anchors by. */
  anchorScale: number;
  /** Dialogues that are computed together. */
  batchSize: number;
  /** The heads whose outputs are worth something, where a checkpoint is incomplete; the fused class head always is. */
  heads?: { classHead: Branch[]; anchorHead: Branch[] };
}

/** Predicts the emotions of dialogues with a trained model. `openPredictor` makes one from files. */
export class Predictor {
  readonly classes: readonly string[];
  /** Logit of the class head's share in the average mixture; undefined without anchors. */
  readonly gate: number | undefined;
  private readonly parts: PredictorParts;

  constructor(parts: PredictorParts) {
    this.parts = parts;
    this.classes = parts.classes;
    this.gate = parts.anchors === null ? undefined : (parts.gate ?? 0);
  }

  /**
   * Raw outputs for dialogues of an adapted corpus, as scores are computed from.
   * @param dialogueIndices into the corpus; @param onProgress called with the number of dialogues done.
   */
  async outputs(
    corpus: Corpus,
    dialogueIndices: readonly number[],
    onProgress?: (done: number) => void,
  ): Promise<Outputs> {
    const { vega, standardise, anchors, batchSize, heads } = this.parts;
    const options = { standardise, anchors, batchSize, onProgress };
    const outputs = await collectOutputs(vega, corpus, dialogueIndices, options);
    for (const modality of MODALITIES) {
      if (heads && !heads.classHead.includes(modality)) delete outputs.logits[modality];
      if (heads && !heads.anchorHead.includes(modality)) delete outputs.anchorLogits?.[modality];
    }
    return outputs;
  }

  /** Predictions for dialogues of an adapted corpus, a dialogue at a time, in the order given. */
  async *predict(corpus: Corpus, dialogueIndices: readonly number[]): AsyncGenerator<UtterancePrediction[]> {
    const { batchSize, anchorScale } = this.parts;
    for (let from = 0; from < dialogueIndices.length; from += batchSize) {
      const some = dialogueIndices.slice(from, from + batchSize);
      const rows = distributions(await this.outputs(corpus, some), this.classes.length, this.gate);
      let at = 0;
      for (const index of some) {
        const { id, offset, utterances } = corpus.dialogues[index];
        const present = (modality: Modality, i: number) => corpus.features[modality]?.presence?.[offset + i] !== 0;
        yield utterances.map(({ label }, i) => ({
          dialogue: id,
          index: i,
          ...(label >= 0 && { label: this.classes[label] }),
          ...describeRow(rows, at++, this.classes, anchorScale, (modality) => present(modality, i)),
        }));
      }
    }
  }

  dispose(): Promise<void> {
    return this.parts.vega.dispose();
  }
}

/** Distributions [N, C] of every head and mixture. */
export interface Distributions {
  logits: Outputs['logits'];
  anchorLogits?: Outputs['anchorLogits'];
  classHead: Float32Array;
  anchorHead?: Float32Array;
  average?: Float32Array;
  maximum?: Float32Array;
}

/** @param gate logit of the class head's share in the average mixture. */
export function distributions({ logits, anchorLogits }: Outputs, classes: number, gate = 0): Distributions {
  if (logits.fused === undefined) throw new InputError('The model gave no fused logits.');
  const classHead = softmaxRows(logits.fused, classes);
  if (anchorLogits?.fused === undefined) return { logits, classHead };
  const anchorHead = softmaxRows(anchorLogits.fused, classes);
  const average = averageMixture(classHead, anchorHead, gate);
  return {
    logits,
    anchorLogits,
    classHead,
    anchorHead,
    average,
    maximum: maximumMixture(classHead, anchorHead, classes),
  };
}

function describeRow(
  rows: Distributions,
  n: number,
  classes: readonly string[],
  anchorScale: number,
  present: (modality: Modality) => boolean,
): Omit<UtterancePrediction, 'dialogue' | 'index' | 'label'> {
  const row = (values: Float32Array) => values.subarray(n * classes.length, (n + 1) * classes.length);
  // Eight digits: all that a float32 holds.
  const named = (values: ArrayLike<number>): ByClass =>
    Object.fromEntries(classes.map((name, c) => [name, Number(values[c].toPrecision(8))]));
  const choice = (values: Float32Array) => classes[argmax(row(values), classes.length)[0]];
  const modalities: UtterancePrediction['modalities'] = {};
  for (const modality of MODALITIES) {
    const logits = rows.logits[modality];
    if (logits === undefined || !present(modality)) continue;
    const anchorLogits = rows.anchorLogits?.[modality];
    modalities[modality] = { classHead: choice(logits), ...(anchorLogits && { anchorHead: choice(anchorLogits) }) };
  }
  const { classHead, anchorHead, average, maximum, anchorLogits } = rows;
  return {
    prediction: choice(classHead),
    classHead: named(row(classHead)),
    ...(anchorHead && { anchorHead: named(row(anchorHead)) }),
    ...(average && { average: named(row(average)) }),
    ...(maximum && { maximum: named(row(maximum)) }),
    modalities,
    ...(anchorLogits?.fused && { similarity: named(row(anchorLogits.fused).map((logit) => logit / anchorScale)) }),
  };
}
