import { MODALITIES, type Modality } from '../../src/base/modalities.js';
import { randomStream } from '../../src/base/random.js';
import { nodeEngine } from '../../src/graph/node.js';
import {
  type Batch,
  createVega,
  PAPER_IEMOCAP,
  type Vega,
  type VegaConfig,
  type VegaShape,
} from '../../src/vega/index.js';

/** A small model's hyper-parameters, without dropout. */
export const TINY: VegaConfig = {
  ...PAPER_IEMOCAP,
  hidden: 16,
  attentionHeads: 2,
  dropout: 0,
  classHead: { layers: 2, activation: 'gelu', dropout: 0 },
  anchorHead: { layers: 2, activation: 'elu', dropout: 0 },
  anchorScale: 100,
};

export const TINY_SHAPE: VegaShape = {
  classes: 4,
  speakers: 3,
  dims: { text: 6, audio: 5, visual: 7 },
  anchorDim: 8,
};

/** A model on one thread: so small a graph gains nothing from a second. */
export const tinyVega = (config: VegaConfig, shape: VegaShape, options: { seed?: number } = {}): Vega =>
  createVega(config, shape, nodeEngine({ threads: 1 }), options);

/** Random utterances of dialogues of the given lengths. */
export function tinyBatch(lengths: number[], shape: VegaShape = TINY_SHAPE, seed = 1): Batch {
  const stream = randomStream(seed, 0, 0);
  const n = lengths.reduce((a, b) => a + b, 0);
  const normals = (count: number) => Float32Array.from({ length: count }, stream.normal);
  const present = MODALITIES.filter((m) => shape.dims[m] !== undefined);
  return {
    lengths,
    speakers: Int32Array.from({ length: n }, () => stream.integer(shape.speakers)),
    features: Object.fromEntries(present.map((m) => [m, normals(n * (shape.dims[m] as number))])),
    labels: Int32Array.from({ length: n }, () => stream.integer(shape.classes)),
  };
}

export function tinyAnchors(shape: VegaShape = TINY_SHAPE): Float32Array {
  const stream = randomStream(2, 0, 0);
  return Float32Array.from({ length: shape.classes * (shape.anchorDim as number) }, stream.normal);
}

/** The dialogues of a batch from `from` to `to`, as a batch. */
export function dialoguesOf(batch: Batch, from: number, to: number, shape: VegaShape = TINY_SHAPE): Batch {
  const start = batch.lengths.slice(0, from).reduce((a, b) => a + b, 0);
  const end = start + batch.lengths.slice(from, to).reduce((a, b) => a + b, 0);
  return {
    lengths: batch.lengths.slice(from, to),
    speakers: batch.speakers.slice(start, end),
    features: Object.fromEntries(
      Object.entries(batch.features).map(([m, x]) => {
        const width = shape.dims[m as Modality] as number;
        return [m, x.slice(start * width, end * width)];
      }),
    ),
    ...(batch.presence
      ? { presence: Object.fromEntries(Object.entries(batch.presence).map(([m, p]) => [m, p.slice(start, end)])) }
      : {}),
    labels: batch.labels?.slice(start, end),
  };
}

export const STEP = { seed: 1, learningRate: 1e-3, weightDecay: 0.01, classWeights: new Float32Array(4).fill(1) };
