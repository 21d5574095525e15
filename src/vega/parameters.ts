import { type Branch, type Modality, modalitiesIn } from '../base/modalities.js';
import { RANDOM_SITES, randomStream } from '../base/random.js';
import { fillUniform, type ParameterBlock, ParameterMemory } from '../graph/index.js';
import type { HeadConfig, VegaConfig } from './config.js';
import { released, sourcesOf } from './names.js';
import { MAX_LEARNED_SCALE } from './scale.js';
import type { ParameterStore, VegaShape } from './types.js';

/** How a parameter starts: uniform within ±1/√fanIn (PyTorch's default), standard normal rows, or a constant. */
type Start = { uniform: number } | { normal: true } | { constant: number };

interface Declared {
  block: ParameterBlock;
  /** A start for each part. */
  starts: Start[];
}

const one = (name: string, shape: number[], start: Start): Declared => ({
  block: { name, shape, parts: [{ name, shape }] },
  starts: [start],
});

/** A weight and its bias, of layers that share their input: stacked, so that one product computes them all. */
function stackedLinear(block: string, names: ((kind: 'weight' | 'bias') => string)[], hidden: number): Declared[] {
  const starts = names.map(() => ({ uniform: hidden }));
  const parts = (kind: 'weight' | 'bias', shape: number[]) => names.map((name) => ({ name: name(kind), shape }));
  const rows = names.length * hidden;
  return [
    { block: { name: `${block}.weight`, shape: [rows, hidden], parts: parts('weight', [hidden, hidden]) }, starts },
    { block: { name: `${block}.bias`, shape: [rows], parts: parts('bias', [hidden]) }, starts },
  ];
}

/** The graph-input names of the stacked attention weights of an encoder. */
export const stacked = {
  qkv: (s: Modality, t: Modality) => `${s}>${t}.qkv`,
  kv: (s: Modality, t: Modality) => `${s}>${t}.kv`,
};

function encoderBlocks(s: Modality, t: Modality, hidden: number): Declared[] {
  const attention = (part: 'q' | 'k' | 'v' | 'out') => (kind: 'weight' | 'bias') =>
    released.attention(s, t, part, kind);
  const forward = (part: 'w_1' | 'w_2', kind: 'weight' | 'bias') => released.feedForward(s, t, part, kind);
  const square = [hidden, hidden];
  const start = { uniform: hidden };
  return [
    ...(s === t
      ? stackedLinear(stacked.qkv(s, t), [attention('q'), attention('k'), attention('v')], hidden)
      : [
          one(attention('q')('weight'), square, start),
          one(attention('q')('bias'), [hidden], start),
          ...stackedLinear(stacked.kv(s, t), [attention('k'), attention('v')], hidden),
        ]),
    one(attention('out')('weight'), square, start),
    one(attention('out')('bias'), [hidden], start),
    one(released.feedForward(s, t, 'layer_norm', 'weight'), [hidden], { constant: 1 }),
    one(released.feedForward(s, t, 'layer_norm', 'bias'), [hidden], { constant: 0 }),
    one(forward('w_1', 'weight'), square, start),
    one(forward('w_1', 'bias'), [hidden], start),
    one(forward('w_2', 'weight'), square, start),
    one(forward('w_2', 'bias'), [hidden], start),
    one(released.gate(s, t), square, start),
  ];
}

/** Places of a head's linear layers in its PyTorch Sequential: an activation, and a dropout where there is one. */
export function headIndices(config: HeadConfig): number[] {
  return Array.from({ length: config.layers }, (_, i) => i * (config.dropout > 0 ? 3 : 2));
}

function headBlocks(
  name: (b: Branch, index: number, kind: 'weight' | 'bias') => string,
  branch: Branch,
  config: HeadConfig,
  hidden: number,
  out: number,
): Declared[] {
  return headIndices(config).flatMap((index, i) => {
    const rows = i === config.layers - 1 ? out : hidden;
    const start = { uniform: hidden };
    return [one(name(branch, index, 'weight'), [rows, hidden], start), one(name(branch, index, 'bias'), [rows], start)];
  });
}

/** Every trained parameter of a model, in the order of its memory. */
function declare(config: VegaConfig, shape: VegaShape): Declared[] {
  const modalities = modalitiesIn(shape.dims);
  const branches: Branch[] = [...modalities, 'fused'];
  const h = config.hidden;
  const scalar = (name: string) => one(name, [], { constant: Math.log(2) });
  const { anchorDim } = shape;
  return [
    ...modalities.map((m) =>
      one(released.input(m), [h, shape.dims[m] as number], { uniform: shape.dims[m] as number }),
    ),
    one(released.speaker, [shape.speakers + 1, h], { normal: true }),
    ...modalities.flatMap((t) => sourcesOf(t, modalities).flatMap((s) => encoderBlocks(s, t, h))),
    ...modalities.flatMap((m) => {
      const start = { uniform: modalities.length * h };
      return [
        one(released.reduce(m, 'weight'), [h, modalities.length * h], start),
        one(released.reduce(m, 'bias'), [h], start),
      ];
    }),
    one(released.fuse, [h, h], { uniform: h }),
    ...branches.flatMap((b) => headBlocks(released.classHead, b, config.classHead, h, shape.classes)),
    ...modalities.map((m) => scalar(released.temperature(m))),
    ...(anchorDim === undefined
      ? []
      : [
          ...branches.flatMap((b) => headBlocks(released.anchorHead, b, config.anchorHead, h, anchorDim)),
          ...modalities.map((m) => scalar(released.anchorTemperature(m))),
          ...(config.anchorScaleLearned
            ? [one(released.anchorScale, [], { constant: Math.log(Math.min(config.anchorScale, MAX_LEARNED_SCALE)) })]
            : []),
          ...(shape.learnedAnchors
            ? [one(released.learnedAnchors, [shape.classes * (shape.prototypes ?? 1), anchorDim], { normal: true })]
            : []),
        ]),
  ];
}

/** Parameters that released checkpoints hold and no loss trains: kept so that the names are complete. */
function idleParameters(shape: VegaShape, hidden: number): Map<string, { shape: number[]; value: Float32Array }> {
  const modalities = modalitiesIn(shape.dims);
  const idle = new Map<string, { shape: number[]; value: Float32Array }>();
  for (const t of modalities) {
    for (const s of sourcesOf(t, modalities)) {
      idle.set(released.idleNorm(s, t, 'weight'), { shape: [hidden], value: new Float32Array(hidden).fill(1) });
      idle.set(released.idleNorm(s, t, 'bias'), { shape: [hidden], value: new Float32Array(hidden) });
    }
  }
  if (shape.anchorDim === undefined) {
    for (const m of modalities) {
      idle.set(released.anchorTemperature(m), { shape: [], value: Float32Array.of(Math.log(2)) });
    }
  }
  idle.set(released.mixture, { shape: [], value: new Float32Array(1) });
  return idle;
}

/** The blocks of a model's parameters, by the names of the graph's inputs. */
export function parameterBlocks(config: VegaConfig, shape: VegaShape): Map<string, ParameterBlock> {
  return new Map(declare(config, shape).map(({ block }) => [block.name, block]));
}

/** Every parameter of a model by its released name, those that no output depends on included. */
export function parameterShapes(config: VegaConfig, shape: VegaShape): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const { name, shape: sizes } of starting(config, shape)) shapes.set(name, sizes);
  for (const [name, { shape: sizes }] of idleParameters(shape, config.hidden)) shapes.set(name, sizes);
  return shapes;
}

/** The values that some parameters of a model start from. @param names released names. */
export function initialParameters(
  config: VegaConfig,
  shape: VegaShape,
  seed: number,
  names: readonly string[],
): Map<string, Float32Array> {
  const wanted = new Set(names);
  const values = new Map<string, Float32Array>();
  starting(config, shape).forEach((part, index) => {
    if (!wanted.has(part.name)) return;
    const value = new Float32Array(part.shape.reduce((a, b) => a * b, 1));
    initialise(value, part, seed, index);
    values.set(part.name, value);
  });
  for (const [name, { value }] of idleParameters(shape, config.hidden)) if (wanted.has(name)) values.set(name, value);
  return values;
}

interface StartingPart {
  name: string;
  shape: number[];
  start: Start;
  /** Floats at the end that stay 0: the speaker embedding of padding. */
  zeros: number;
}

/** Where each trained parameter starts; its place in the list keys its random numbers. */
function starting(config: VegaConfig, shape: VegaShape): StartingPart[] {
  return declare(config, shape).flatMap(({ block, starts }) =>
    block.parts.map((part, i) => ({
      ...part,
      start: starts[i],
      zeros: part.name === released.speaker ? config.hidden : 0,
    })),
  );
}

/** The parameters of a model: the memory that the engine works on, and the store that other rooms see. */
export function createParameters(config: VegaConfig, shape: VegaShape, seed: number) {
  const memory = new ParameterMemory([...parameterBlocks(config, shape).values()]);
  const parts = starting(config, shape);
  parts.forEach((part, index) => {
    initialise(memory.view('value', part.name), part, seed, index);
  });

  const idle = idleParameters(shape, config.hidden);
  const zeros = new Map<string, Float32Array>([...idle].map(([name, p]) => [name, new Float32Array(p.value.length)]));
  const look = (kind: 'value' | 'gradient' | 'first' | 'second') => (name: string) => {
    const parameter = idle.get(name);
    if (!parameter) return memory.view(kind, name);
    return kind === 'value' ? parameter.value : (zeros.get(name) as Float32Array);
  };
  const store: ParameterStore = {
    names: [...parts.map((p) => p.name), ...idle.keys()],
    shape: (name) => idle.get(name)?.shape ?? memory.shape(name),
    value: look('value'),
    gradient: look('gradient'),
    firstMoment: look('first'),
    secondMoment: look('second'),
  };
  return { memory, store };
}

function initialise(value: Float32Array, { start, zeros }: StartingPart, seed: number, index: number): void {
  if ('constant' in start) {
    value.fill(start.constant);
  } else if ('normal' in start) {
    const stream = randomStream(seed, index, RANDOM_SITES.initialisation);
    for (let i = 0; i < value.length; i++) value[i] = stream.normal();
  } else {
    const bound = 1 / Math.sqrt(start.uniform);
    fillUniform(value, -bound, bound, seed, index, RANDOM_SITES.initialisation);
  }
  value.fill(0, value.length - zeros);
}
