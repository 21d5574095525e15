import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AnchorBank } from '../anchors/index.js';
import { InputError } from '../base/errors.js';
import { BRANCHES, type Branch, MODALITIES, type Modality } from '../base/modalities.js';
import type { Corpus, SplitName } from '../corpus/index.js';
import { readSafetensors, writeSafetensors } from '../interchange/files.js';
import { asFloat32, type NdArray } from '../interchange/index.js';
import { averageMixture, maximumMixture, softmaxRows } from '../training/index.js';

const FORMAT = 'vega-merc-outputs';
const VERSION = '1';

/** Exemplars that are kept for each utterance as an explanation. */
const NEAREST = 3;

/** What a model said of the N utterances of one split: all that scores, intervals, tests and explanations need. */
export interface SplitOutputs {
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
  /** [N, C] a branch. */
  logits: Partial<Record<Branch, Float32Array>>;
  /** [N, C] a branch: cosine to each class anchor times the model's `anchorScale`. */
  anchorLogits?: Partial<Record<Branch, Float32Array>>;
  /** [N], 1 = present; only for modalities that some utterance lacks. */
  present: Partial<Record<Modality, Uint8Array>>;
  /** Logit of the class head's share in the average mixture; only with anchors. */
  gate?: number;
  /**
   * The exemplars nearest to each utterance's fused representation, nearest first: class in the order of `classes` and
   * place among the class's exemplars, [N, k, 2], and cosines [N, k]. Only with anchors that have exemplars.
   */
  nearest?: { exemplars: Int32Array; cosines: Float32Array };
}

/** What is scored of a model: its two heads, the mixtures of them, and each modality's own class and anchor head. */
export const HEADS = [
  'classHead',
  'anchorHead',
  'average',
  'maximum',
  'text',
  'audio',
  'visual',
  'textAnchor',
  'audioAnchor',
  'visualAnchor',
] as const;
export type Head = (typeof HEADS)[number];

/** A head's distributions and the labels that count for it: -1 where its modality is absent. */
export interface HeadOutputs {
  /** [N, C] */
  probabilities: Float32Array;
  /** [N] */
  labels: Int32Array;
}

/** Distributions of both heads, both mixtures, and each modality's own class and anchor head. */
export function headProbabilities(outputs: SplitOutputs): Partial<Record<Head, HeadOutputs>> {
  const { classes, labels, logits, anchorLogits, gate = 0 } = outputs;
  const count = classes.length;
  const heads: Partial<Record<Head, HeadOutputs>> = {};
  if (logits.fused === undefined) throw new InputError('The outputs have no fused logits.');
  const classHead = softmaxRows(logits.fused, count);
  heads.classHead = { probabilities: classHead, labels };
  if (anchorLogits?.fused !== undefined) {
    const anchorHead = softmaxRows(anchorLogits.fused, count);
    heads.anchorHead = { probabilities: anchorHead, labels };
    heads.average = { probabilities: averageMixture(classHead, anchorHead, gate), labels };
    heads.maximum = { probabilities: maximumMixture(classHead, anchorHead, count), labels };
  }
  for (const modality of MODALITIES) {
    const present = outputs.present[modality];
    const own = present === undefined ? labels : labels.map((label, i) => (present[i] === 0 ? -1 : label));
    if (own.every((label) => label < 0)) continue;
    const rows = { [modality]: logits[modality], [`${modality}Anchor`]: anchorLogits?.[modality] };
    for (const [name, values] of Object.entries(rows)) {
      if (values) heads[name as Head] = { probabilities: softmaxRows(values, count), labels: own };
    }
  }
  return heads;
}

/** Where the utterances of some dialogues come from: the part of `SplitOutputs` that the corpus decides. */
export function placesOf(
  corpus: Corpus,
  dialogueIndices: readonly number[],
): Pick<SplitOutputs, 'dialogues' | 'dialogueOf' | 'position' | 'present'> {
  const dialogues = dialogueIndices.map((index) => corpus.dialogues[index]);
  const each = <T>(of: (d: number, i: number) => T) =>
    dialogues.flatMap(({ utterances }, d) => utterances.map((_, i) => of(d, i)));
  const present: SplitOutputs['present'] = {};
  for (const modality of MODALITIES) {
    const presence = corpus.features[modality]?.presence;
    if (presence) present[modality] = Uint8Array.from(each((d, i) => presence[dialogues[d].offset + i]));
  }
  return {
    dialogues: dialogues.map(({ id }) => id),
    dialogueOf: Int32Array.from(each((d) => d)),
    position: Int32Array.from(each((_, i) => i)),
    present,
  };
}

/**
 * The exemplars nearest to each utterance.
 * @param anchored [N, D] of unit length; @param bank in the order of the model's classes.
 * @returns undefined where the bank has no exemplars.
 */
export function nearestExemplars(anchored: Float32Array, bank: AnchorBank): SplitOutputs['nearest'] {
  const { dim } = bank;
  const all = bank.exemplars.flatMap((rows, c) =>
    Array.from({ length: rows.length / dim }, (_, e) => ({ c, e, rows })),
  );
  if (all.length === 0) return undefined;
  const k = Math.min(NEAREST, all.length);
  const count = anchored.length / dim;
  const exemplars = new Int32Array(count * k * 2);
  const cosines = new Float32Array(count * k);
  for (let n = 0; n < count; n++) {
    const z = anchored.subarray(n * dim, (n + 1) * dim);
    const ranked = all.map(({ c, e, rows }) => {
      let cosine = 0;
      for (let d = 0; d < dim; d++) cosine += z[d] * rows[e * dim + d];
      return { c, e, cosine };
    });
    ranked.sort((a, b) => b.cosine - a.cosine);
    ranked.slice(0, k).forEach(({ c, e, cosine }, i) => {
      exemplars.set([c, e], (n * k + i) * 2);
      cosines[n * k + i] = cosine;
    });
  }
  return { exemplars, cosines };
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
    format: FORMAT,
    version: VERSION,
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
  const { tensors, metadata } = readSafetensors(path);
  if (metadata.format !== FORMAT || metadata.version !== VERSION) {
    throw new InputError(
      `${path} holds no outputs of version ${VERSION}; delete it and run "vega-merc evaluate" again.`,
    );
  }
  const need = (name: string): NdArray => {
    const tensor = tensors.get(name);
    if (tensor) return tensor;
    throw new InputError(`${path} has no tensor "${name}"; delete it and run "vega-merc evaluate" again.`);
  };
  const int32 = (name: string) => need(name).data as Int32Array;
  const branches = (prefix: string) =>
    Object.fromEntries(
      BRANCHES.filter((b) => tensors.has(`${prefix}.${b}`)).map((b) => [b, asFloat32(need(`${prefix}.${b}`))]),
    );
  const anchorLogits = branches('anchor_logits');
  return {
    split,
    classes: JSON.parse(metadata.classes) as string[],
    corpusHash: metadata.corpus,
    ...(metadata.selection && { selection: metadata.selection as SplitOutputs['selection'] }),
    dialogues: JSON.parse(metadata.dialogues) as string[],
    dialogueOf: int32('dialogue'),
    position: int32('position'),
    labels: int32('labels'),
    logits: branches('logits'),
    ...(Object.keys(anchorLogits).length > 0 && { anchorLogits }),
    present: Object.fromEntries(
      MODALITIES.filter((m) => tensors.has(`present.${m}`)).map((m) => [m, need(`present.${m}`).data as Uint8Array]),
    ),
    ...(metadata.gate !== undefined && { gate: Number(metadata.gate) }),
    ...(tensors.has('nearest.exemplars') && {
      nearest: { exemplars: int32('nearest.exemplars'), cosines: asFloat32(need('nearest.cosines')) },
    }),
  };
}
