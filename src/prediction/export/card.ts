import { released } from '../../vega/names.js';
import type { RunParts } from '../open.js';
import type { ExportedModel, Precision } from './model.js';
import type { ExportedValue } from './names.js';

/** A file of an exported model. */
export interface ExportedFile {
  name: string;
  precision: Precision;
  bytes: number;
  sha256: string;
  /** Weighted F1, 0 … 1, of the class head on the validation split; only where it was measured. */
  weightedF1?: number;
}

/** What the scores of exported files were measured on. */
export interface Measured {
  corpus: string;
  split: 'valid';
  /** Labelled utterances. */
  utterances: number;
}

/** model.json: what a program must know of an exported model that the ONNX file does not say. */
export interface ExportCard {
  format: 'vega-merc-export';
  version: 1;
  program: Record<string, string>;
  run: {
    corpus: string;
    synthetic: boolean;
    selection: string;
    finished: boolean;
    context: 'full' | 'causal' | 'none';
  };
  files: ExportedFile[];
  measured?: Measured;
  /** In the order of the columns of every distribution. */
  classes: string[];
  inputs: ExportedValue[];
  outputs: ExportedValue[];
  /** What made the features that the model was trained on. */
  features: RunParts['run']['inputs'];
  /** Part of the graph: inputs are raw rows. Given to be looked at. */
  standardisation: Record<string, { mean: number[]; deviation: number[]; bound?: number }> | null;
  speakers: {
    /** See `speakerRows`. */
    rule: 'within' | 'known' | 'ignored';
    /** The number for somebody of whom nothing is known. */
    nobody: number;
    /** Of a model that knows its speakers: their names, in the order of their numbers from 0. */
    names?: readonly string[];
  };
  /** Part of the graph. */
  anchors: {
    dim: number;
    scale: number;
    prototypes: number;
    learned: boolean;
    encoder?: string;
    rows: number[][];
  } | null;
  /** Logit of the class head's share in `mixture_probabilities`. */
  gate: number | null;
  /** What logits are divided by to give `confidence`; null where it was never fitted, and 1 is taken. */
  calibration: RunParts['state']['calibration'] | null;
}

/** @param program versions of what made the export. */
export function exportCard(
  { run, state, standardise, anchors, speakers, gate, anchorScale, weights }: RunParts,
  { inputs, outputs }: ExportedModel,
  files: ExportedFile[],
  measured: Measured | undefined,
  program: Record<string, string>,
): ExportCard {
  const { corpus, training, shape, selection } = run;
  const { anchorDim: dim, prototypes = 1 } = shape;
  const targets = anchors === 'learned' ? (weights(released.learnedAnchors) as Float32Array) : anchors;
  const { kind, count, names } = speakers;
  return {
    format: 'vega-merc-export',
    version: 1,
    program,
    run: {
      corpus: corpus.name,
      synthetic: corpus.synthetic ?? false,
      selection,
      finished: state.finished,
      context: training.context,
    },
    files,
    ...(measured && { measured }),
    classes: corpus.classes,
    inputs,
    outputs,
    features: run.inputs,
    standardisation: standardise
      ? Object.fromEntries(
          Object.entries(standardise).map(([m, { mean, deviation, bound }]) => [
            m,
            { mean: [...mean], deviation: [...deviation], ...(bound !== undefined && { bound }) },
          ]),
        )
      : null,
    speakers: { rule: kind, nobody: count, ...(names && { names }) },
    anchors:
      targets === null || dim === undefined
        ? null
        : {
            dim,
            scale: anchorScale,
            prototypes,
            learned: anchors === 'learned',
            ...(run.anchors?.encoder && { encoder: run.anchors.encoder }),
            rows: Array.from({ length: targets.length / dim }, (_, i) => [...targets.subarray(i * dim, (i + 1) * dim)]),
          },
    gate: targets === null ? null : (gate ?? 0),
    calibration: state.calibration ?? null,
  };
}
