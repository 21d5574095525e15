import { InputError } from '../base/errors.js';
import { type Branch, type Modality, modalitiesIn } from '../base/modalities.js';
import {
  createSession,
  gradients,
  MaskSource,
  type Session,
  type SessionOptions,
  type Values,
} from '../graph/index.js';
import type { VegaConfig } from './config.js';
import { type Context, createContext } from './context.js';
import { Feeds, type Layout, layOut } from './feeds.js';
import { type Forward, forward } from './forward.js';
import { losses } from './losses.js';
import { createParameters } from './parameters.js';
import { PositionCode } from './position.js';
import type { Batch, LossTerms, TrainStepOptions, Vega, VegaOutputs, VegaShape } from './types.js';

export interface VegaOptions extends SessionOptions {
  /** Seed of the initial parameters. */
  seed?: number;
}

/**
 * Builds a model: its parameters now, the graph for training and the one for prediction when first used.
 * @param config hyper-parameters; @param shape what the data decides.
 */
export function createVega(config: VegaConfig, shape: VegaShape, options: VegaOptions = {}): Vega {
  checkConfig(config, shape);
  const { memory, store } = createParameters(config, shape, options.seed ?? 1);
  const feeds = new Feeds(config, shape, new PositionCode(config.hidden));
  const masks = new MaskSource();
  let training: Promise<TrainingGraph> | undefined;
  let prediction: Promise<{ session: Session; model: Forward }> | undefined;
  const blocks = new Map(memory.blocks.map((b) => [b.name, b.shape]));

  const parameterValues = (name: string): Values => ({
    data: memory.view('value', name),
    dims: blocks.get(name) as number[],
  });

  /** Values for every input of a session; `extra` wins, parameters come from their memory, the rest from the batch. */
  function feed(session: Session, layout: Layout, extra: Record<string, Values>, classWeights?: Float32Array) {
    const value = (name: string) =>
      extra[name] ?? (blocks.has(name) ? parameterValues(name) : feeds.value(name, layout, classWeights));
    return Object.fromEntries(session.inputs.map((name) => [name, value(name)]));
  }

  /** This step's dropout masks, by graph input. */
  function dropoutMasks(context: Context, layout: Layout, seed: number, step: number): Record<string, Values> {
    const sites = context.dropoutSites.map((site) => ({ site, dims: feeds.siteDims(site, layout) }));
    const requests = sites.map(({ site, dims }, i) => ({
      site: i,
      probability: site.probability,
      size: dims.reduce((a, b) => a * b, 1),
    }));
    const made = masks.generate(seed, step, requests);
    return Object.fromEntries(
      sites.map(({ site, dims }, i) => {
        if (site.attention) feeds.clearIdleRows(made[i], layout, config.heads, site.attention);
        return [site.input, { data: made[i], dims }];
      }),
    );
  }

  return {
    shape,
    parameters: store,

    async trainStep(batch: Batch, anchors: Float32Array | null, step: TrainStepOptions): Promise<LossTerms> {
      checkBatch(batch, shape);
      if (!batch.labels) throw new Error('A training batch needs labels.');
      training ??= trainingGraph(createContext(config, shape, memory, true), options);
      const { session, context, termNames, trained } = await training;
      const layout = layOut(batch);
      const made = dropoutMasks(context, layout, step.seed, step.step);
      const into = Object.fromEntries(
        trained.map((name) => [gradientName(name), { data: memory.view('gradient', name), dims: memory.shape(name) }]),
      );
      const given = anchorValues(anchors, shape, { dialogue: layout.b, utterance: layout.n });
      const results = await session.run(feed(session, layout, { ...made, ...given }, step.classWeights), into);
      const terms = Object.fromEntries(termNames.map((name) => [name, (results[name].data as Float32Array)[0]]));
      if (!Object.values(terms).every(Number.isFinite)) return terms;
      const norm = step.clipNorm ? memory.gradientNorm() : 0;
      memory.adamw({
        learningRate: step.learningRate,
        weightDecay: step.weightDecay,
        step: step.step,
        scale: step.clipNorm && norm > step.clipNorm ? step.clipNorm / (norm + 1e-6) : 1,
      });
      return terms;
    },

    async predict(batch: Batch, anchors: Float32Array | null): Promise<VegaOutputs> {
      checkBatch(batch, shape);
      prediction ??= predictionGraph(createContext(config, shape, memory, false), options);
      const { session } = await prediction;
      const results = await session.run(feed(session, layOut(batch), anchorValues(anchors, shape)));
      const take = (prefix: string) =>
        Object.fromEntries(
          branches(shape).map((branch) => [branch, results[`${prefix}.${branch}`].data as Float32Array]),
        ) as Record<Branch, Float32Array>;
      return {
        logits: take('logits'),
        ...(shape.anchorDim === undefined
          ? {}
          : { anchorLogits: take('anchorLogits'), anchored: results.anchored.data as Float32Array }),
        fused: results.fused.data as Float32Array,
      };
    },

    async dispose(): Promise<void> {
      for (const graph of [training, prediction]) await (await graph)?.session.dispose();
      training = undefined;
      prediction = undefined;
    },
  };
}

interface TrainingGraph {
  session: Session;
  context: Context;
  termNames: string[];
  /** Parameter blocks that have a gradient. */
  trained: string[];
}

const gradientName = (block: string) => `gradient.${block}`;
const branches = (shape: VegaShape): Branch[] => [...modalitiesIn(shape.dims), 'fused'];

async function trainingGraph(context: Context, options: SessionOptions): Promise<TrainingGraph> {
  const { terms, total } = losses(context, forward(context));
  terms.set('total', total);
  const weights = context.graph.inputs.filter((t) => t.trainable);
  const outputs = new Map(terms);
  gradients(total, weights).forEach((gradient, i) => {
    if (!gradient) throw new Error(`The loss does not depend on ${weights[i].name}.`);
    outputs.set(gradientName(weights[i].name), gradient);
  });
  const session = await createSession(context.graph, outputs, options);
  return { session, context, termNames: [...terms.keys()], trained: weights.map((t) => t.name) };
}

async function predictionGraph(context: Context, options: SessionOptions) {
  const model = forward(context);
  const outputs = new Map([['fused', model.fused]]);
  if (model.anchored) outputs.set('anchored', model.anchored);
  for (const [branch, z] of model.logits) outputs.set(`logits.${branch}`, z);
  for (const [branch, z] of model.anchorLogits) outputs.set(`anchorLogits.${branch}`, z);
  return { session: await createSession(context.graph, outputs, options), model };
}

/** The anchors as a graph input. @param counts how many sets a step needs by `anchorDraw`; prediction takes one. */
function anchorValues(
  anchors: Float32Array | null,
  shape: VegaShape,
  counts?: { dialogue: number; utterance: number },
): Record<string, Values> {
  const { classes, anchorDim, prototypes = 1, learnedAnchors, anchorDraw = 'batch' } = shape;
  if (anchorDim === undefined || learnedAnchors) return {};
  const set = [classes * prototypes, anchorDim];
  const dims = counts && anchorDraw !== 'batch' ? [counts[anchorDraw], ...set] : set;
  if (anchors?.length !== dims.reduce((a, b) => a * b, 1)) {
    throw new Error(`The anchors given are not [${dims.join(', ')}].`);
  }
  return { anchors: { data: anchors, dims } };
}

function checkConfig({ hidden, heads }: VegaConfig, shape: VegaShape): void {
  if (hidden % heads !== 0 || hidden % 2 !== 0) {
    throw new InputError(`hidden = ${hidden} must be even and a multiple of heads = ${heads}.`);
  }
  if (modalitiesIn(shape.dims).length === 0) throw new InputError('A model needs at least one modality.');
}

function checkBatch(batch: Batch, shape: VegaShape): void {
  const n = batch.lengths.reduce((a, b) => a + b, 0);
  if (n === 0 || batch.lengths.some((length) => length < 1))
    throw new Error('A batch needs utterances in every dialogue.');
  for (const m of modalitiesIn(shape.dims)) {
    const width = shape.dims[m as Modality] as number;
    if (batch.features[m]?.length !== n * width) throw new Error(`The batch's ${m} features are not [${n}, ${width}].`);
    if (batch.presence?.[m] && !shape.partial?.includes(m)) throw new Error(`The model expects ${m} everywhere.`);
  }
  for (const speaker of batch.speakers) {
    if (!(speaker >= 0 && speaker <= shape.speakers)) {
      throw new InputError(`Speaker ${speaker} is beyond the model's ${shape.speakers} speakers.`);
    }
  }
}
