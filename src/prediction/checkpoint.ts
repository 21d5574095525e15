import { InputError } from '../base/errors.js';
import { BRANCHES, type Branch, MODALITIES, type Modality } from '../base/modalities.js';
import type { Corpus } from '../corpus/index.js';
import {
  elementCount,
  isNdArray,
  type NdArray,
  type PickleValue,
  readSafetensors,
  readTorch,
} from '../interchange/index.js';
import { presetConfig, type TrainingConfig, withOverrides } from '../training/index.js';
import { released, type VegaShape } from '../vega/index.js';

/** Parameters by released names, in whatever shapes the file has. */
export type Checkpoint = ReadonlyMap<string, NdArray>;

/** What a checkpoint tells of the model that it belongs to; the corpus and the paper's values fill the gaps. */
export interface CheckpointModel {
  config: TrainingConfig;
  shape: VegaShape;
}

/** Every checkpoint has some of these, so they tell a state dict from anything else. */
const isParameter = (name: string) =>
  /^(textf|acouf|visuf)_input\.|^speaker_embeddings\.|_gate\.fc\.|_output_layer\.|^features_reduce_|transformer_inter/.test(
    name,
  );

/**
 * Reads the parameters in a `.pth` (torch.save) or `.safetensors` file: a state dict, alone or as one entry of a
 * dict, its names with or without the prefix "module." of data-parallel training.
 * @throws InputError where the file holds no parameter of a VEGA model.
 */
export function readCheckpoint(path: string): Checkpoint {
  const tensors = path.endsWith('.safetensors') ? readSafetensors(path).tensors : stateDict(readTorch(path));
  const named = new Map([...(tensors ?? [])].map(([name, tensor]) => [name.replace(/^module\./, ''), tensor]));
  if (![...named.keys()].some(isParameter)) {
    throw new InputError(
      `${path} holds no parameter of a VEGA model (textf_input.weight, all_output_layer.0.weight, …).`,
    );
  }
  return named;
}

/** The first dict of tensors with known names, at the top or one level down. */
function stateDict(value: PickleValue): Map<string, NdArray> | undefined {
  if (!(value instanceof Map)) return undefined;
  const tensors = new Map<string, NdArray>();
  for (const [name, entry] of value) if (typeof name === 'string' && isNdArray(entry)) tensors.set(name, entry);
  if ([...tensors.keys()].some((name) => isParameter(name.replace(/^module\./, '')))) return tensors;
  for (const entry of value.values()) {
    const inner = stateDict(entry);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/**
 * The configuration and shape of a checkpoint's model. Widths, depths, modalities and speakers are read off its
 * tensors; the number of attention heads and the activations leave no trace, and are the paper's unless overridden.
 * @param corpus what the model is to read; @param anchorDim of given anchors; the anchor branch needs them and the
 * checkpoint's projections. @param overrides `key=value`, as `--set heads=8`.
 * @throws InputError where no tensor tells the width, or a class or dimension does not fit the corpus.
 */
export function inferModel(
  checkpoint: Checkpoint,
  corpus: Corpus,
  anchorDim: number | undefined,
  overrides: readonly string[],
): CheckpointModel {
  const size = (name: string, axis: number) => checkpoint.get(name)?.shape[axis];
  const dims: VegaShape['dims'] = {};
  for (const modality of MODALITIES) {
    const dim =
      size(released.input(modality), 1) ??
      (hasBranch(checkpoint, modality) ? corpus.features[modality]?.dim : undefined);
    if (dim !== undefined) dims[modality] = dim;
  }
  const hidden =
    first(MODALITIES.map((m) => size(released.input(m), 0))) ?? size(released.speaker, 1) ?? size(released.fuse, 0);
  if (hidden === undefined) {
    throw new InputError(
      `The checkpoint does not tell the model's width: it has none of ${released.input('text')}, ${released.speaker} and ${released.fuse}.`,
    );
  }
  const paper = presetConfig('paper-iemocap');
  const config = withOverrides(
    {
      ...paper,
      hidden,
      classHead: { ...paper.classHead, ...headForm(checkpoint, 'classHead', paper.classHead) },
      anchorHead: { ...paper.anchorHead, ...headForm(checkpoint, 'anchorHead', paper.anchorHead) },
    },
    overrides,
  );
  const rows = (head: 'classHead' | 'anchorHead') => {
    const last = Math.max(...headIndices(checkpoint, head));
    return first(BRANCHES.map((b) => size(released[head](b, last, 'weight'), 0)));
  };
  const classes = rows('classHead') ?? corpus.classes.length;
  if (classes !== corpus.classes.length) {
    throw new InputError(
      `The checkpoint tells ${classes} classes apart, but corpus "${corpus.name}" has ${corpus.classes.length}: ${corpus.classes.join(', ')}.`,
    );
  }
  const projected = rows('anchorHead');
  if (anchorDim !== undefined && projected !== undefined && projected !== anchorDim) {
    throw new InputError(
      `The anchors have dimension ${anchorDim}, but the checkpoint projects to dimension ${projected}.`,
    );
  }
  const speakers = size(released.speaker, 0);
  return {
    config,
    shape: {
      classes,
      speakers: speakers === undefined ? corpus.speakers.length : speakers - 1,
      dims,
      ...(projected !== undefined && anchorDim !== undefined && { anchorDim }),
    },
  };
}

function hasBranch(checkpoint: Checkpoint, modality: Modality): boolean {
  const names = [
    released.reduce(modality, 'weight'),
    released.gate(modality, modality),
    released.attention(modality, modality, 'q', 'weight'),
  ];
  return names.some((name) => checkpoint.has(name));
}

/** Places of a head's linear layers, as its names number them; [-Infinity] never occurs where the head is there. */
function headIndices(checkpoint: Checkpoint, head: 'classHead' | 'anchorHead'): number[] {
  const found = new Set<number>();
  for (let index = 0; index < 32; index++) {
    if (BRANCHES.some((b) => checkpoint.has(released[head](b, index, 'weight')))) found.add(index);
  }
  return [...found];
}

/** Depth of a head; and whether a dropout stands between its layers, which moves their places from 0, 2, 4 to 0, 3, 6. */
function headForm(
  checkpoint: Checkpoint,
  head: 'classHead' | 'anchorHead',
  paper: TrainingConfig['classHead'],
): Partial<TrainingConfig['classHead']> {
  const indices = headIndices(checkpoint, head);
  if (indices.length === 0) return {};
  return {
    layers: indices.length,
    dropout: indices.length > 1 && indices[1] - indices[0] === 2 ? 0 : paper.dropout,
  };
}

function first<T>(values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined);
}

/** The heads of a model that a checkpoint has whole; what it lacks of one makes that head's output worthless. */
export function completeHeads(
  names: readonly string[],
  checkpoint: Checkpoint,
  head: 'classHead' | 'anchorHead',
): Branch[] {
  return BRANCHES.filter((branch) => {
    const prefix = released[head](branch, 0, 'weight').slice(0, -'0.weight'.length);
    const wanted = names.filter((name) => name.startsWith(prefix));
    return wanted.length > 0 && wanted.every((name) => checkpoint.has(name));
  });
}

/** Does a tensor of a file have as many numbers as a parameter, whatever axes of length 1 it has beside? */
export function fits(tensor: NdArray, shape: readonly number[]): boolean {
  const plain = (sizes: readonly number[]) => sizes.filter((n) => n !== 1).join();
  return elementCount(tensor.shape) === shape.reduce((a, b) => a * b, 1) && plain(tensor.shape) === plain(shape);
}
