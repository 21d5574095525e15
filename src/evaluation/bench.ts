import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { parseJson } from '../base/json.js';
import { MODALITIES, type Modality } from '../base/modalities.js';
import { randomStream } from '../base/random.js';
import { readText } from '../base/read.js';
import { nodeEngine } from '../graph/node.js';
import type { Provider } from '../graph/providers.js';
import {
  type Batch,
  createPredictionModel,
  createVega,
  type PredictionModel,
  parameterShapes,
  type VegaShape,
} from '../vega/index.js';
import { configOfReleased, releasedHyperSchema } from './released-hyper.js';

/** A workload: the dialogue lengths of each batch, as ../shared/peer/batches_*.json hold them. */
const workloadSchema = z.looseObject({
  name: z.string(),
  classes: z.number(),
  speakers: z.number(),
  anchor_dim: z.number(),
  dims: z.partialRecord(z.enum(MODALITIES), z.number()),
  hyper: releasedHyperSchema,
  batches: z.array(z.array(z.number().int().min(1)).min(1)).min(1),
});

export interface BenchOptions {
  threads?: number;
  rounds?: number;
  provider?: Provider;
}

/** What a benchmark measured; the keys that the PyTorch peer prints. */
export interface BenchResult {
  engine: string;
  threads: number;
  workload: string;
  parameters: number;
  train_ms_per_step: number;
  train_utterances_per_s: number;
  inference_utterances_per_s: number;
  peak_rss_mb: number;
}

/**
 * Trains on random features over the batches of a workload file, dropout on, then predicts them: the median of some
 * rounds after one that warms up.
 */
export async function bench(path: string, options: BenchOptions = {}): Promise<BenchResult> {
  const spec = parseJson(workloadSchema, readText(path), path, { advice: 'A workload file is needed.' });
  const { threads = 2, rounds = 3, provider } = options;
  const shape: VegaShape = {
    classes: spec.classes,
    speakers: spec.speakers,
    dims: spec.dims,
    ...(spec.hyper.clip_loss ? { anchorDim: spec.anchor_dim } : {}),
  };
  const config = configOfReleased(spec.hyper);
  const engine = nodeEngine({ threads, provider });
  const batches = spec.batches.map((lengths, i) => randomBatch(lengths, shape, i));
  const anchors = spec.hyper.clip_loss ? normals(spec.classes * spec.anchor_dim, 1_000_000) : null;
  const classWeights = new Float32Array(spec.classes).fill(1);
  const { lr: learningRate, l2: weightDecay } = spec.hyper;
  const vega = createVega(config, shape, engine, { seed: 0 });
  let step = 0;
  let training: number;
  let model: PredictionModel;
  try {
    training = await medianTime(rounds, async () => {
      for (const batch of batches) {
        step++;
        await vega.trainStep(batch, anchors, { seed: 0, step, learningRate, weightDecay, classWeights });
      }
    });
    await vega.readBack();
    model = await createPredictionModel(config, shape, (name) => vega.parameters.value(name), engine);
  } finally {
    await vega.dispose();
  }
  let inference: number;
  try {
    inference = await medianTime(rounds, async () => {
      for (const batch of batches) await model.predict(batch, anchors);
    });
  } finally {
    await model.dispose();
  }
  const sizes = [...parameterShapes(config, shape).values()].map((sizes) => sizes.reduce((a, b) => a * b, 1));
  const utterances = spec.batches.flat().reduce((a, b) => a + b, 0);
  return {
    engine: `vega-merc, ${engine.name}`,
    threads,
    workload: spec.name,
    parameters: sizes.reduce((a, b) => a + b, 0),
    train_ms_per_step: round(training / batches.length),
    train_utterances_per_s: round((1000 * utterances) / training),
    inference_utterances_per_s: round((1000 * utterances) / inference),
    peak_rss_mb: Math.floor(process.resourceUsage().maxRSS / 1024),
  };
}

/** The median time of some rounds, in milliseconds, after one that warms up. */
async function medianTime(rounds: number, round: () => Promise<void>): Promise<number> {
  await round();
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await round();
    times.push(performance.now() - start);
  }
  return median(times);
}

function randomBatch(lengths: number[], shape: VegaShape, index: number): Batch {
  const n = lengths.reduce((a, b) => a + b, 0);
  const stream = randomStream(0, index, 0);
  const dims = Object.entries(shape.dims) as [Modality, number][];
  return {
    lengths,
    speakers: Int32Array.from({ length: n }, () => stream.integer(shape.speakers)),
    features: Object.fromEntries(dims.map(([m, d], k) => [m, normals(n * d, index * 3 + k)])),
    labels: Int32Array.from({ length: n }, () => stream.integer(shape.classes)),
  };
}

function normals(count: number, key: number): Float32Array {
  const stream = randomStream(0, key, 1);
  return Float32Array.from({ length: count }, stream.normal);
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const round = (value: number): number => Math.round(value * 10) / 10;
