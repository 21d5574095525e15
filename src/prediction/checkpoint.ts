import { InputError } from '../base/errors.js';
import { BRANCHES, type Branch, MODALITIES, type Modality } from '../base/modalities.js';
import { elementCount, isNdArray, type NdArray } from '../interchange/ndarray.js';
import type { PickleValue } from '../interchange/pickle.js';
import { parseSafetensors } from '../interchange/safetensors.js';
import { parseTorch } from '../interchange/torch.js';
import { presetConfig, type TrainingConfig, withOverrides } from '../run/settings.js';
import { released } from '../vega/names.js';
import type { VegaShape } from '../vega/types.js';

/** Parameters by released names, in whatever shapes the file has. */
export type Checkpoint = ReadonlyMap<string, NdArray>;

/** What no checkpoint tells: what its model is to read and to say. */
export interface CheckpointData {
  /** What error sentences call it: `corpus "meld"`. */
  source: string;
  /** Class names in the model's order. */
  classes: readonly string[];
  /** Names of the speakers, in the order of the speaker embedding; where there are none, all are strangers. */
  speakers?: readonly string[];
  /** Feature dimension a modality, where the checkpoint lacks an input projection. */
  dims?: Partial<Record<Modality, number>>;
}

/** What a checkpoint tells of the model that it belongs to; the data and the paper's values fill the gaps. */
export interface CheckpointModel {
  config: TrainingConfig;
  shape: VegaShape;
}

/**
 * Reads the parameters in a `.pth` (torch.save) or `.safetensors` file: a state dict, alone or as one entry of a
 * dict, its names with or without the prefix "module." of data-parallel training.
 * @param path names the file in sentences, and by its ending the format.
 * @throws InputError where the file holds no parameter of a VEGA model.
 */
export function parseCheckpoint(bytes: Uint8Array, path: string): Checkpoint {
  const tensors = path.endsWith('.safetensors')
    ? parseSafetensors(bytes, path).tensors
    : stateDict(parseTorch(bytes, path));
  const named = new Map([...(tensors ?? [])].map(([name, tensor]) => [name.replace(/^module\./, ''), tensor]));
  if (![...named.keys()].some(released.isParameter)) {
    throw new InputError(
      `${path} holds no parameter of a VEGA model (${released.input('text')}, ${released.classHead('fused', 0, 'weight')}, …).`,
    );
  }
  return named;
}

/** The first dict of tensors with known names, at the top or one level down. */
function stateDict(value: PickleValue): Map<string, NdArray> | undefined {
  if (!(value instanceof Map)) return undefined;
  const tensors = new Map<string, NdArray>();
  for (const [name, entry] of value) if (typeof name === 'string' && isNdArray(entry)) tensors.set(name, entry);
  if ([...tensors.keys()].some((name) => released.isParameter(name.replace(/^module\./, '')))) return tensors;
  for (const entry of value.values()) {
    const inner = stateDict(entry);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/**
 * The configuration and shape of a checkpoint's model. Widths, depths, modalities and speakers are read off its
 * tensors; the number of attention heads and the activations leave no trace, and are the paper's unless overridden.
 * @param data what the model is to read and to say; @param anchorDim of given anchors; the anchor branch needs them and the
 * checkpoint's projections. @param overrides `key=value`, as `--set attentionHeads=8`.
 * @throws InputError where no tensor tells the width, or a class or dimension does not fit the corpus.
 */
export function inferModel(
  checkpoint: Checkpoint,
  data: CheckpointData,
  anchorDim: number | undefined,
  overrides: readonly string[],
): CheckpointModel {
  const size = (name: string, axis: number) => checkpoint.get(name)?.shape[axis];
  const hidden = width(checkpoint);
  const paper = presetConfig('paper-iemocap');
  const classHead = headForm(checkpoint, 'classHead', hidden, data.classes.length, paper);
  const anchorHead = headForm(checkpoint, 'anchorHead', hidden, anchorDim, paper);
  const config = withOverrides(
    { ...paper, hidden, classHead: classHead.config, anchorHead: anchorHead.config },
    overrides,
  );
  if (classHead.outputs !== data.classes.length) {
    throw new InputError(
      `The checkpoint tells ${classHead.outputs} classes apart, but ${data.source} has ${data.classes.length}: ${data.classes.join(', ')}.`,
    );
  }
  if (anchorHead.outputs !== anchorDim) {
    throw new InputError(
      `The anchors have dimension ${anchorDim}, but the checkpoint projects to dimension ${anchorHead.outputs}.`,
    );
  }
  const speakers = size(released.speaker, 0);
  return {
    config,
    shape: {
      classes: data.classes.length,
      speakers: speakers === undefined ? (data.speakers?.length ?? 1) : speakers - 1,
      dims: dimensions(checkpoint, data.dims ?? {}),
      ...(anchorDim !== undefined && completeHeads(checkpoint, 'anchorHead').includes('fused') && { anchorDim }),
    },
  };
}

/** The width H of the model, from any tensor that has it. */
function width(checkpoint: Checkpoint): number {
  for (const [axis, names] of released.widths.entries()) {
    for (const [name, { shape }] of checkpoint) if (names.test(name) && shape.length > axis) return shape[axis];
  }
  throw new InputError("No tensor of the checkpoint tells the model's width; there are only biases of its heads.");
}

/**
 * Feature dimension of each modality that the checkpoint has any parameter of: its own, else that of the data, else 1 (the
 * data then lack the modality, and no value of it is read). Where it has none of any modality, those of the data.
 */
function dimensions(checkpoint: Checkpoint, given: Partial<Record<Modality, number>>): VegaShape['dims'] {
  const dims: VegaShape['dims'] = {};
  for (const modality of MODALITIES) {
    if (![...checkpoint.keys()].some((name) => released.isOf(modality, name))) continue;
    dims[modality] = checkpoint.get(released.input(modality))?.shape[1] ?? given[modality] ?? 1;
  }
  return Object.keys(dims).length > 0 ? dims : given;
}

type Head = 'classHead' | 'anchorHead';
const KINDS = ['weight', 'bias'] as const;

/** Places of a head's linear layers, as the names of any branch number them. */
function headIndices(checkpoint: Checkpoint, head: Head): number[] {
  const has = (index: number) =>
    BRANCHES.some((branch) => KINDS.some((kind) => checkpoint.has(released[head](branch, index, kind))));
  return Array.from({ length: 32 }, (_, index) => index).filter(has);
}

/**
 * What the tensors tell of a head: its depth; whether a dropout stands between its layers, which moves their places
 * from 0, 2, 4 to 0, 3, 6; and its width at the end. What they do not tell is the paper's.
 * @param wanted the width that is expected at the end; undefined where no anchors are given.
 */
function headForm(
  checkpoint: Checkpoint,
  head: Head,
  hidden: number,
  wanted: number | undefined,
  paper: TrainingConfig,
): { config: TrainingConfig[Head]; outputs: number | undefined } {
  const config = paper[head];
  const indices = headIndices(checkpoint, head);
  if (indices.length === 0 || wanted === undefined) return { config, outputs: wanted };
  const last = BRANCHES.flatMap((branch) =>
    KINDS.flatMap((kind) => checkpoint.get(released[head](branch, indices[indices.length - 1], kind))?.shape[0] ?? []),
  )[0];
  // Every layer but the last keeps the width, so where this one does, the last one is not in the file.
  const cut = last === hidden && hidden !== wanted;
  const gap = indices.length > 1 ? indices[1] - indices[0] : undefined;
  return {
    config: { ...config, layers: indices.length + (cut ? 1 : 0), dropout: gap === 2 ? 0 : config.dropout },
    outputs: cut ? wanted : last,
  };
}

/** The branches whose head a checkpoint has whole; where a part is missing, that head's output is worth nothing. */
export function completeHeads(checkpoint: Checkpoint, head: Head): Branch[] {
  const indices = headIndices(checkpoint, head);
  const has = (branch: Branch, index: number) =>
    KINDS.every((kind) => checkpoint.has(released[head](branch, index, kind)));
  return BRANCHES.filter((branch) => indices.length > 0 && indices.every((index) => has(branch, index)));
}

/** Does a tensor of a file have as many numbers as a parameter, whatever axes of length 1 it has beside? */
export function fits(tensor: Pick<NdArray, 'shape'>, shape: readonly number[]): boolean {
  const plain = (sizes: readonly number[]) => sizes.filter((n) => n !== 1).join();
  return elementCount(tensor.shape) === shape.reduce((a, b) => a * b, 1) && plain(tensor.shape) === plain(shape);
}
