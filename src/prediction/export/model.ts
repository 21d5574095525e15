import { writeOnnx } from '../../graph/onnx.js';
import { inferenceGraph } from '../../vega/inference.js';
import { DOUBT, familiarLimits } from '../familiar.js';
import type { RunParts } from '../open.js';
import { type ExportedValue, inputValues, outputValues } from './names.js';
import { halveWeights, quantiseWeights } from './precision.js';

/** How an exported model keeps its weights: 'int8' also multiplies in 8 bits (dynamic quantisation). */
export const PRECISIONS = ['float32', 'float16', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** A model for other programs, weights included. */
export interface ExportedModel {
  /** An ONNX file: operators of ONNX's own set alone. */
  bytes: Uint8Array;
  inputs: ExportedValue[];
  outputs: ExportedValue[];
}

/** A run's model as one ONNX file that takes the raw rows of one dialogue of any length. See docs/export.md. */
export function exportModel(parts: RunParts, precision: Precision = 'float32'): ExportedModel {
  const { run, state, standardise, anchors, gate, weights } = parts;
  const { graph, outputs, values } = inferenceGraph(run.training, run.shape, {
    scaling: standardise,
    ...(standardise && { trust: { limits: familiarLimits(standardise, state.calibration), power: DOUBT } }),
    gate: gate ?? 0,
    temperature: state.calibration?.temperature ?? 1,
    temperatures: state.calibration?.temperatures,
  });
  const value = values(weights, anchors === 'learned' ? null : anchors);
  if (precision === 'float16') halveWeights(graph, value);
  if (precision === 'int8') quantiseWeights(graph, value);
  const { bytes } = writeOnnx(graph, outputs, (names) => names.map(value));
  return { bytes, inputs: inputValues(run), outputs: outputValues(parts, [...outputs.keys()]) };
}
