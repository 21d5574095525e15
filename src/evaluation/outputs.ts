import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BRANCHES, MODALITIES, type Modality } from '../base/modalities.js';
import { readFileBytes } from '../base/read.js';
import type { Corpus, SplitName } from '../corpus/index.js';
import { writeSafetensors } from '../interchange/files.js';
import type { NdArray } from '../interchange/index.js';
import { HEADS, type Head, headDistributions, type NearestExemplars } from '../prediction/index.js';
import type { VegaOutputs } from '../vega/index.js';
import { OUTPUTS_FORMAT, OUTPUTS_VERSION, parseOutputs } from './parseOutputs.js';

/**
 * What a model said of the N utterances of one split, and of which: all that scores, intervals, tests and explanations
 * need. Its logits and anchor logits are those of the model's outputs.
 */
export interface SplitOutputs extends Pick<VegaOutputs, 'logits' | 'anchorLogits'> {
  split: SplitName;
  classes: string[];
  corpusHash: string;
  selection?: 'validation-selected' | 'test-selected';
  /** Dialogue ids; `dialogueOf` [N] indexes them, `position` [N] counts utterances within a dialogue from 0. */
  dialogues: string[];
  dialogueOf: Int32Array;
  position: Int32Array;
  /** [N] class indices, -1 = unlabelled. */
  labels: Int32Array;
  /** [N], 1 = present; only for modalities that some utterance lacks. */
  present: Partial<Record<Modality, Uint8Array>>;
  /** Logit of the class head's share in the average mixture; only with anchors. */
  gate?: number;
  /** The exemplars nearest to each utterance's fused representation; only with anchors that have exemplars. */
  nearest?: Omit<NearestExemplars, 'each'>;
}

/** A head's distributions and the labels that count for it: -1 where its modality is absent. */
export interface HeadOutputs {
  /** [N, C] */
  probabilities: Float32Array;
  /** [N] */
  labels: Int32Array;
}

/** Distributions of every head that a model has, with the labels that count for it. */
export function headProbabilities(outputs: SplitOutputs): Partial<Record<Head, HeadOutputs>> {
  const { classes, labels } = outputs;
  const distributions = headDistributions(outputs, classes.length, outputs.gate);
  const heads: Partial<Record<Head, HeadOutputs>> = {};
  for (const head of HEADS) {
    const probabilities = distributions[head];
    if (probabilities === undefined) continue;
    const present = outputs.present[head.replace('Anchor', '') as Modality];
    const own = present === undefined ? labels : labels.map((label, i) => (present[i] === 0 ? -1 : label));
    if (present === undefined || own.some((label) => label >= 0)) heads[head] = { probabilities, labels: own };
  }
  return heads;
}

/**
 * Where the utterances of some dialogues come from: the part of `SplitOutputs` that the corpus decides.
 * @param modalities those that the model uses; of one that the corpus lacks, nothing is present.
 */
export function placesOf(
  corpus: Pick<Corpus, 'dialogues' | 'features'>,
  dialogueIndices: readonly number[],
  modalities: readonly Modality[],
): Pick<SplitOutputs, 'dialogues' | 'dialogueOf' | 'position' | 'present'> {
  const dialogues = dialogueIndices.map((index) => corpus.dialogues[index]);
  const each = <T>(of: (d: number, i: number) => T) =>
    dialogues.flatMap(({ utterances }, d) => utterances.map((_, i) => of(d, i)));
  const present: SplitOutputs['present'] = {};
  for (const modality of modalities) {
    const table = corpus.features[modality];
    const { presence } = table ?? {};
    if (presence) present[modality] = Uint8Array.from(each((d, i) => presence[dialogues[d].offset + i]));
    else if (table === undefined) present[modality] = Uint8Array.from(each(() => 0));
  }
  return {
    dialogues: dialogues.map(({ id }) => id),
    dialogueOf: Int32Array.from(each((d) => d)),
    position: Int32Array.from(each((_, i) => i)),
    present,
  };
}

/** A run directory's file of outputs of a split. */
export const outputsFile = (directory: string, split: SplitName): string =>
  join(directory, `outputs-${split}.safetensors`);

export function writeOutputs(directory: string, outputs: SplitOutputs): void {
  const { labels, classes } = outputs;
  const n = labels.length;
  const tensors = new Map<string, NdArray>();
  const int32 = (data: Int32Array, ...shape: number[]): NdArray => ({ dtype: 'int32', shape, data });
  const float32 = (data: Float32Array, ...shape: number[]): NdArray => ({ dtype: 'float32', shape, data });
  tensors.set('labels', int32(labels, n));
  tensors.set('dialogue', int32(outputs.dialogueOf, n));
  tensors.set('position', int32(outputs.position, n));
  for (const branch of BRANCHES) {
    const [logits, anchorLogits] = [outputs.logits[branch], outputs.anchorLogits?.[branch]];
    if (logits) tensors.set(`logits.${branch}`, float32(logits, n, classes.length));
    if (anchorLogits) tensors.set(`anchor_logits.${branch}`, float32(anchorLogits, n, classes.length));
  }
  for (const modality of MODALITIES) {
    const data = outputs.present[modality];
    if (data) tensors.set(`present.${modality}`, { dtype: 'uint8', shape: [n], data });
  }
  if (outputs.nearest) {
    const { exemplars, cosines } = outputs.nearest;
    const k = n === 0 ? 0 : cosines.length / n;
    tensors.set('nearest.exemplars', int32(exemplars, n, k, 2));
    tensors.set('nearest.cosines', float32(cosines, n, k));
  }
  writeSafetensors(outputsFile(directory, outputs.split), tensors, {
    format: OUTPUTS_FORMAT,
    version: OUTPUTS_VERSION,
    split: outputs.split,
    classes: JSON.stringify(classes),
    dialogues: JSON.stringify(outputs.dialogues),
    corpus: outputs.corpusHash,
    ...(outputs.selection && { selection: outputs.selection }),
    ...(outputs.gate !== undefined && { gate: `${outputs.gate}` }),
  });
}

/** @returns undefined where the split was not scored. @throws InputError where the file is no file of outputs. */
export function readOutputs(directory: string, split: SplitName): SplitOutputs | undefined {
  const path = outputsFile(directory, split);
  if (!existsSync(path)) return undefined;
  return parseOutputs(readFileBytes(path), split, path);
}
